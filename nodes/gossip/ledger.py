"""What this node tells another that lacks something of it: a range of its journal, or a page of its points.

Only durable things are told, and never who drives. Every answer also says how far the journal goes and what the
fingerprint of all points is, so that whoever asked knows whether something is still missing.
"""

import orjson

from nodes.actors.server import Server
from nodes.config import Limits
from nodes.gossip.fingerprint import PointsHash
from nodes.gossip.gossiper import Gossiper
from nodes.gossip.view import View
from nodes.ports import Clock, Store
from nodes.problems import JOURNAL_TRIMMED, problem
from nodes.records import Answer, Stamped, Witness
from nodes.representation import Json, availability_json
from nodes.request import FindPoints, ReadAttested, ReadJournal, ReadSnapshot


class Ledger:
    """Answers other nodes' questions about this node's history."""

    def __init__(
        self, server: Server, store: Store, view: View, gossiper: Gossiper | None, clock: Clock, limits: Limits
    ) -> None:
        self._server = server
        self._store = store
        self._view = view
        self._gossiper = gossiper
        self._clock = clock
        self._limits = limits
        self._hash = PointsHash()
        self._first_ver: int | None = None

    def come_to(self) -> Witness:
        """Return the epoch, and how far the journal goes."""
        return self._server.epoch, self._server.journal.ver

    async def find(self, query: FindPoints) -> Answer:
        """Tell which points have a name."""
        found = [{"id": point.id} for point in self._server.points() if point.spec.name == query.name]
        await self._server.flushed()
        return Answer(200, orjson.dumps({"items": found, "next_cursor": None}))

    async def journal(self, query: ReadJournal) -> Answer:
        """Tell events in order, and the points that they touched as they are now.

        Whoever asks for what is no longer there is told so (``journal-trimmed``) and takes a snapshot.
        """
        await self._server.flushed()
        first_ver = await self._first()
        if query.after_ver < first_ver - 1:
            detail = f"the journal begins at {first_ver}; take a snapshot"
            return problem(JOURNAL_TRIMMED, detail, first_ver=first_ver)
        limit = min(query.limit, self._limits.page_size_max)
        is_behind = query.after_ver < self._server.journal.ver
        events = await self._store.read_journal(query.after_ver, limit) if is_behind else []
        told = self._word()
        last = events[-1].ver if events else query.after_ver
        told["first_ver"] = first_ver
        told["items"] = [_event_json(stamped) for stamped in events]
        told["points"] = self._points(list(dict.fromkeys(stamped.point_id for stamped in events)))
        told["next_after"] = last if last < told["head_ver"] else None
        await self._server.flushed()
        return Answer(200, orjson.dumps(told))

    async def snapshot(self, query: ReadSnapshot) -> Answer:
        """Tell points in order of id, as they are now."""
        limit = min(query.limit, self._limits.page_size_max)
        wanted = [point.id for point in self._server.points() if point.id > query.after]
        told = self._word()
        told["items"] = self._points(wanted[:limit])
        told["next_after"] = wanted[limit - 1] if len(wanted) > limit else None
        await self._server.flushed()
        return Answer(200, orjson.dumps(told))

    def attested(self, query: ReadAttested) -> Answer:
        """Tell what another node has told of itself. ``vouched``: at an address that this node's operator gave."""
        known = self._view.nodes.get(query.of)
        epoch, ver = (0, 0) if known is None else known.attested
        vouched = known is not None and known.is_configured
        return Answer(200, orjson.dumps({"of": query.of, "epoch": epoch, "ver": ver, "vouched": vouched}))

    def _word(self) -> Json:
        """Say how far this node has come: its epoch, its connection to the broker, its journal, its points."""
        server, points = self._server, self._server.points()
        for point in points:
            self._hash.set(point.id, (point.epoch, point.seq))
        return {
            "node": server.config.node_id,
            "epoch": server.epoch,
            "life": None if self._gossiper is None else self._gossiper.life,
            "head_ver": server.journal.ver,
            "points_hash": self._hash.text,
            "count": len(points),
        }

    def _points(self, ids: list[str]) -> list[Json]:
        now_ms, windows_max = self._clock.now_ms(), self._limits.busy_windows_max
        found = (self._server.point(point_id) for point_id in ids)
        return [availability_json(point, now_ms, windows_max) for point in found if point is not None]

    async def _first(self) -> int:
        """Return the first ``ver`` that the journal holds. Nothing trims a journal while its node runs."""
        if self._first_ver is None:
            first = await self._store.read_journal(0, 1)
            if not first:
                return 1
            self._first_ver = first[0].ver
        return self._first_ver


def _event_json(stamped: Stamped) -> Json:
    return {
        "ver": stamped.ver,
        "epoch": stamped.epoch,
        "type": stamped.event.type,
        "point_id": stamped.point_id,
        "point_seq": stamped.point_seq,
        "at_ms": stamped.at_ms,
    }
