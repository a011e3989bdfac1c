"""What drivers have, on any node: reservations, charges, trips. Each node tells its own; who is asked puts them together.

Neither gossip nor any node's memory knows who has reserved what elsewhere. So the others are asked, for a bounded time, and
who did not answer is named beside what the rest have told.
"""

import asyncio
from dataclasses import dataclass, replace
from heapq import nlargest

import orjson

from nodes.actors.server import Server
from nodes.config import Limits
from nodes.domain.ids import owner_of
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.errors import NodeBusy, PeerTimeout, PeerUnreachable
from nodes.gossip.view import View
from nodes.ports import Clock, Store
from nodes.principal import Caller
from nodes.problems import error_answer
from nodes.records import Answer, Held
from nodes.representation import Json, reservation_json, session_json
from nodes.request import HeldKind, ReadHeld, Request
from nodes.tidings import NodeState
from nodes.trips.preparation import Ask
from nodes.trips.words import trip_json

_MADE_MS = {HeldKind.RESERVATIONS: "created_ms", HeldKind.SESSIONS: "started_ms", HeldKind.TRIPS: "created_ms"}
"""The member that says when something was made, which never changes."""
_GONE = (NodeState.DEAD, NodeState.LEFT)

Place = tuple[int, str]
"""Where something stands in a list: when it was made, and its id."""


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A page, and what is missing of it."""

    items: list[Json]
    following: Place | None
    """Where to go on; None: there is no more."""
    missing: list[Json]
    """The nodes that did not tell theirs: each with the problem that was instead."""

    @property
    def cursor(self) -> str | None:
        """What to ask with for the next page."""
        return None if self.following is None else f"{self.following[0]}_{self.following[1]}"

    def answer(self) -> Answer:
        """Return it as an answer."""
        return Answer(200, orjson.dumps({"items": self.items, "next_cursor": self.cursor, "missing": self.missing}))


class Holdings:
    """Lists what drivers have, the newest first."""

    def __init__(self, server: Server, store: Store, view: View, clock: Clock, limits: Limits, ask: Ask) -> None:
        """``ask`` hands a request to whoever it is for."""
        self._server = server
        self._store = store
        self._view = view
        self._clock = clock
        self._limits = limits
        self._ask = ask
        self._under_way = 0

    async def own(self, query: ReadHeld) -> HeldPage:
        """Return what there is on this node, as last made durable. Raises ``RequestError`` or ``StoreError``."""
        with self._server.one_more():
            found = await self._store.list_held(replace(query, limit=query.limit + 1))
        items = [_json(each) for each in found[: query.limit]]
        return HeldPage(items, _place(query.kind, items[-1]) if len(found) > query.limit else None, [])

    async def everywhere(self, query: ReadHeld, caller: Caller | None) -> HeldPage:
        """Return what there is on all nodes. Raises ``RequestError`` or ``StoreError`` when this one cannot tell its own."""
        if self._under_way >= self._limits.lists_max:
            raise NodeBusy(f"{self._under_way} lists are being put together")
        self._under_way += 1
        try:
            gathering = _Gathering(query, await self.own(query))
            nodes = [known for _, known in sorted(self._view.nodes.items()) if known.state is not NodeState.REMOVED]
            asked = [known.node_id for known in nodes if known.state not in _GONE]
            for known in nodes:
                if known.state in _GONE:
                    gone = PeerUnreachable(known.node_id, f"it is {known.state} ({known.reason})")
                    gathering.miss(known.node_id, error_answer(gone))
            await self._ask_all(asked, query, caller, gathering)
        finally:
            self._under_way -= 1
        return gathering.page()

    async def _ask_all(
        self, node_ids: list[str], query: ReadHeld, caller: Caller | None, gathering: "_Gathering"
    ) -> None:
        """Ask nodes, some at a time, until all have answered or the time is over."""
        until_s = self._clock.monotonic_s() + self._limits.list_ms / 1000
        gate = asyncio.Semaphore(self._limits.list_peers_at_once)

        async def one(node_id: str) -> None:
            async with gate:
                left_ms = int(1000 * (until_s - self._clock.monotonic_s()))
                if left_ms < 1:
                    gathering.miss(node_id, error_answer(PeerUnreachable(node_id, "there was no time left to ask it")))
                else:
                    gathering.take(node_id, await self._ask(Request(node_id, query, timeout_ms=left_ms, caller=caller)))

        await asyncio.gather(*map(one, node_ids))


class _Gathering:
    """A page in the making: never more is kept than fits on it, however many nodes tell how much."""

    def __init__(self, query: ReadHeld, own: HeldPage) -> None:
        self._query = query
        self._items = own.items
        self._is_more = own.following is not None
        self._missing: dict[str, Json] = {}

    def take(self, node_id: str, answer: Answer) -> None:
        """Take what a node has told, as far as it may tell it: what is its own, and what was asked for."""
        if answer.status != 200:
            self.miss(node_id, answer)
            return
        told = orjson.loads(answer.body)
        items = told.get("items")
        if not isinstance(items, list) or not all(self._is_right(node_id, item) for item in items):
            self.miss(node_id, error_answer(PeerTimeout(node_id, "what it told is not what it was asked for")))
            return
        self._is_more |= told.get("next_cursor") is not None
        self._keep([*self._items, *items])

    def miss(self, node_id: str, answer: Answer) -> None:
        """Take note that a node did not tell its own, and of the problem that it was instead."""
        told = orjson.loads(answer.body)
        self._missing[node_id] = {"node": node_id, "type": told["type"], "detail": str(told.get("detail", ""))}

    def page(self) -> HeldPage:
        """Return the page."""
        is_full = len(self._items) == self._query.limit
        following = _place(self._query.kind, self._items[-1]) if self._is_more and is_full else None
        return HeldPage(self._items, following, [each for _, each in sorted(self._missing.items())])

    def _keep(self, items: list[Json]) -> None:
        limit, kind = self._query.limit, self._query.kind
        self._is_more |= len(items) > limit
        self._items = nlargest(limit, items, key=lambda item: _place(kind, item))

    def _is_right(self, node_id: str, item: object) -> bool:
        """Whether it is that node's own, and the driver's: a node speaks for itself only."""
        if not isinstance(item, dict) or not isinstance(item.get("id"), str) or owner_of(item["id"]) != node_id:
            return False
        made_ms, whose = item.get(_MADE_MS[self._query.kind]), self._query.driver_id
        place = self._query.before
        if type(made_ms) is not int or (place is not None and (made_ms, item["id"]) >= place):
            return False
        return whose is None or item.get("driver_id") == whose


def _place(kind: HeldKind, item: Json) -> Place:
    return item[_MADE_MS[kind]], item["id"]


def _json(held: Held) -> Json:
    if isinstance(held, Reservation):
        return reservation_json(held)
    return session_json(held) if isinstance(held, Session) else trip_json(held)
