"""One task that tells the others what happened here.

News is coalesced per point and sent on a cadence, so that the cost of gossip follows points and time, not requests.
Only what is durable is told. While the broker is away, news waits, a bounded amount of it per point.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from nodes.actors.server import Server
from nodes.config import Limits
from nodes.domain.point import Point
from nodes.domain.trip import TRIP_EVENTS
from nodes.errors import BusError, StoreError
from nodes.gossip.clearing import Clearing
from nodes.gossip.fingerprint import PointsHash
from nodes.gossip.messages import encode_event
from nodes.gossip.news import PointNews
from nodes.gossip.topics import NODE_KINDS, Kind, node_topic, point_topic
from nodes.ports import Buggify, Bus, Clock, Message
from nodes.records import Stamped, Witness
from nodes.representation import Json, availability_json
from nodes.tasks import end

_POINTS_TOGETHER = 8
"""Points whose news is handed to the broker together, and told again together when that fails."""
_POINTS_AT_ONCE = 256
"""Points told in one flush; the next ones follow in the next, so that requests get in between."""


class Gossiper:
    """Publishes birth, death, digests and news of points. ``start`` begins, ``stop`` ends the task."""

    def __init__(
        self,
        node_id: str,
        cluster: str,
        url: str,
        clock: Clock,
        bus: Bus,
        limits: Limits,
        buggify: Buggify | None = None,
    ) -> None:
        self.connected = False
        self.published = 0
        self.failed = 0
        self._node_id = node_id
        self._cluster = cluster
        self._url = url
        self._clock = clock
        self._bus = bus
        self._limits = limits
        self._buggify = buggify
        self._server: Server | None = None
        self._life = 0
        self._is_silent = False
        self._born = 0
        self._dirty: dict[str, PointNews] = {}
        self._clearings: set[Clearing] = set()
        self._hash = PointsHash()
        self._digest_sent = ""
        self._digest_due_s = 0.0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def life(self) -> int | None:
        """Which of the connections to the broker this is; None while there is none."""
        return self._life if self.connected else None

    @property
    def is_quiet(self) -> bool:
        """Whether everything has been told."""
        return not self._wake.is_set()

    @property
    def backlog(self) -> int:
        """The number of points that there is something to tell of."""
        return len(self._dirty)

    def start(self, server: Server) -> None:
        """Begin to tell of that server's points."""
        self._server = server
        self._task = asyncio.get_running_loop().create_task(self._run())

    def fall_silent(self) -> None:
        """Tell nothing from now on but that this node is gone."""
        self._is_silent = True
        self._wake.set()

    async def stop(self, *, says_farewell: bool = True) -> None:
        """Tell what is left, if the broker takes it in time, say farewell (if it may), and end."""
        if self._task is None:
            return
        await end(self._task)
        if self.connected and says_farewell:
            try:
                async with asyncio.timeout(self._limits.broker_timeout_s):
                    if not self._is_silent:
                        await self._flush()
                    await self._publish_node(Kind.DEATH, {"life": self._life, "reason": "left"})
            except (BusError, StoreError, TimeoutError):
                self.failed += 1

    def will(self) -> Message:
        """Return what the broker shall say when this connection ends in disorder."""
        self._life += 1
        return self._node_message(Kind.DEATH, {"life": self._life, "reason": "connection lost"})

    def on_connected(self) -> None:
        """See ``BusListener.on_connected``. The broker may have lost what it retained."""
        self.connected = True
        self.tell_anew()

    def tell_anew(self) -> None:
        """Say that this node is there, and tell of all points; one that never began (on an old copy) tells nothing."""
        if self._server is None:
            return
        self._born, self._digest_sent = 0, ""
        self._note_all()
        self._wake.set()

    async def clear(self, node_id: str, point_ids: Sequence[str]) -> bool:
        """Have the broker forget what it retains of another node. Returns whether it was heard that it did."""
        topics = [node_topic(self._cluster, node_id, kind) for kind in NODE_KINDS]
        topics += [point_topic(point_id, Kind.AVAILABILITY) for point_id in point_ids]
        clearing = Clearing(topics)
        self._clearings.add(clearing)
        try:
            async with asyncio.timeout(self._limits.broker_timeout_s):
                await self._publish(*(Message(topic, b"", retain=True) for topic in topics))
            await clearing.heard(self._limits.clearing_timeout_s)
        except (BusError, TimeoutError):
            self.failed += 1
            return False
        finally:
            self._clearings.discard(clearing)
        return True

    def on_cleared(self, topic: str) -> None:
        """Take note that nothing is retained on a topic any more."""
        for clearing in self._clearings:
            clearing.on_cleared(topic)

    def on_disconnected(self) -> None:
        """Let news wait."""
        self.connected = False

    def on_durable(self, events: Sequence[Stamped]) -> None:
        """Take note of what happened."""
        for stamped in events:
            if isinstance(stamped.event, TRIP_EVENTS):
                continue  # a trip is the driver's and the owners' affair
            news = self._dirty.setdefault(stamped.point_id, PointNews())
            news.add(stamped, self._limits.gossip_items_max)
        self._wake.set()

    def on_time(self, point_id: str) -> None:
        """Take note that time alone changed a point."""
        self._dirty.setdefault(point_id, PointNews())
        self._wake.set()

    async def _run(self) -> None:
        while not self._is_silent:
            await self._wake.wait()
            if self._is_silent:
                break
            if not self.connected:
                self._wake.clear()
                continue
            try:
                if self._born != self._life:
                    await self._publish_node(Kind.BIRTH, self._birth())
                    self._born = self._life
                if self._misbehaves("gossip.again"):
                    self._note_all()
                if self._dirty and not self._misbehaves("gossip.skip"):
                    await self._flush()
                else:
                    await self._publish(*self._digest())
            except (BusError, StoreError):
                self.failed += 1
            if not self._dirty and self._digest_sent == self._hash.text:
                self._wake.clear()
            await self._clock.sleep_s(self._limits.gossip_flush_ms / 1000)
        if self.connected:
            with suppress(BusError):
                await self._publish_node(Kind.DEATH, {"life": self._life, "reason": "its history is an old copy"})

    def _misbehaves(self, place: str) -> bool:
        return self._buggify is not None and self._buggify(place)

    def _note_all(self) -> None:
        for point in self._the_server.points():
            self._dirty.setdefault(point.id, PointNews())

    async def _flush(self) -> None:
        """Tell of the points that changed, as they are now, once that is durable. What cannot be told stays to be told."""
        taken = {point_id: self._dirty.pop(point_id) for point_id in list(self._dirty)[:_POINTS_AT_ONCE]}
        told = [self._told(point_id, news) for point_id, news in taken.items()]
        try:
            await self._the_server.flushed()
            for start in range(0, len(told), _POINTS_TOGETHER):
                await self._tell(told[start : start + _POINTS_TOGETHER], is_last=start + _POINTS_TOGETHER >= len(told))
                for point_id, _, _ in told[start : start + _POINTS_TOGETHER]:
                    del taken[point_id]
        finally:
            for point_id, news in taken.items():
                if (later := self._dirty.get(point_id)) is not None:
                    news.follow(later, self._limits.gossip_items_max)
                self._dirty[point_id] = news

    async def _tell(self, told: Sequence[tuple[str, Witness, list[Message]]], *, is_last: bool) -> None:
        """Hand over what there is to tell of some points; behind the last of them the digest, if one is due."""
        messages: list[Message] = []
        for point_id, witness, about in told:
            messages += about
            if about:
                self._hash.set(point_id, witness)
        if is_last:
            messages += self._digest()
        await self._publish(*messages)

    def _told(self, point_id: str, news: PointNews) -> tuple[str, Witness, list[Message]]:
        """Return the messages that tell of a point, and which version of it they tell."""
        point = self._the_server.point(point_id)
        if point is None:
            return point_id, (0, 0), []
        now_ms = self._clock.now_ms()
        available = availability_json(point, now_ms, self._limits.busy_windows_max)
        messages = [self._point_message(point, Kind.AVAILABILITY, "point.availability", now_ms, available)]
        if news.reservations:
            data = {"reservations": list(news.reservations.values()), "truncated": news.reservations_truncated}
            messages.append(self._point_message(point, Kind.RESERVATION, "point.reservations", now_ms, data))
        if news.sessions:
            data = {"sessions": list(news.sessions.values()), "truncated": news.sessions_truncated}
            messages.append(self._point_message(point, Kind.CHARGING, "point.charging", now_ms, data))
        return point_id, (point.epoch, point.seq), messages

    def _digest(self) -> list[Message]:
        """Return the digest, unless it was sent already or is not due. If it is lost, so is the connection: all is told anew."""
        now_s, hash_now = self._clock.monotonic_s(), self._hash.text
        if self._digest_sent == hash_now or now_s < self._digest_due_s or self._misbehaves("gossip.no_digest"):
            return []
        self._digest_sent, self._digest_due_s = hash_now, now_s + self._limits.digest_ms / 1000
        return [self._node_message(Kind.DIGEST, {"points_hash": hash_now})]

    async def _publish_node(self, kind: Kind, data: Json) -> None:
        await self._publish(self._node_message(kind, data))

    async def _publish(self, *messages: Message) -> None:
        if messages:
            await self._bus.publish(*messages)
            self.published += len(messages)

    def _point_message(self, point: Point, kind: Kind, type_: str, now_ms: int, data: Json) -> Message:
        payload = encode_event(
            type_=type_,
            node=self._node_id,
            subject=point.id,
            epoch=point.epoch,
            ver=self._the_server.journal.ver,
            pointseq=point.seq,
            now_ms=now_ms,
            data=data,
        )
        return Message(point_topic(point.id, kind), payload, retain=kind is Kind.AVAILABILITY)

    def _node_message(self, kind: Kind, data: Json) -> Message:
        payload = encode_event(
            type_=f"node.{kind}",
            node=self._node_id,
            subject=self._node_id,
            epoch=self._the_server.epoch,
            ver=self._the_server.journal.durable_ver,
            pointseq=0,
            now_ms=self._clock.now_ms(),
            data=data,
        )
        return Message(node_topic(self._cluster, self._node_id, kind), payload, retain=True)

    def _birth(self) -> Json:
        return {"url": self._url, "points": len(self._the_server.points()), "life": self._life}

    @property
    def _the_server(self) -> Server:
        assert self._server is not None, "not started"
        return self._server
