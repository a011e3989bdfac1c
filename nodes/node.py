"""A node, put together: what arrives is for one of its own points, or handed on to the node that owns it."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence

import orjson

from nodes.actors.server import Server
from nodes.buggify import never
from nodes.catalogue import Catalogue, Filters
from nodes.config import NodeConfig
from nodes.domain.commands import ChangePoint, CreatePoint
from nodes.domain.ids import owner_of, point_id
from nodes.domain.point import PointSpec
from nodes.errors import (
    DeadlineExceeded,
    Draining,
    Forked,
    NodeBusy,
    PeerTimeout,
    PeerUnreachable,
    PointBusy,
    RecargaError,
    StoreError,
)
from nodes.feed import Feed, Item, own_item
from nodes.gossip.anti_entropy import AntiEntropy
from nodes.gossip.correction import call_forked
from nodes.gossip.gossiper import Gossiper
from nodes.gossip.ledger import Ledger
from nodes.gossip.past import Past
from nodes.gossip.topics import is_watched, subscriptions
from nodes.gossip.view import NodeState, View
from nodes.peers.guarded_peers import GuardedPeers
from nodes.ports import Buggify, Bus, Clock, Message, Peers, Store
from nodes.problems import FORKED, MISDIRECTED, UNKNOWN_NODE, error_answer, is_problem, problem
from nodes.records import Answer, Stamped, Witness
from nodes.request import FindPoints, ReadAttested, ReadJournal, ReadSnapshot, Request, TripAction
from nodes.telemetry import Telemetry
from nodes.trips.trips import Trips

_POINTS_AT_ONCE = 200
"""Points of a points file entered together: fewer than a journal segment holds, so that one fsync serves many."""

_log = logging.getLogger(__name__)


class Node:
    """One node: its server actor, its view of the others, its gossip and its feed.

    ``stopped`` is done when the node cannot go on (its store failed): with that error.
    """

    def __init__(
        self,
        config: NodeConfig,
        clock: Clock,
        store: Store,
        bus: Bus | None,
        peers: Peers,
        *,
        url: str,
        buggify: Buggify = never,
    ) -> None:
        """Open the store and recover. Raises ``StoreError``; then nothing is left open.

        ``buggify`` says where the node misbehaves within its contract: live nowhere, and then nobody asks.
        """
        odd = None if buggify is never else buggify
        limits = config.limits
        self.config = config
        self.url = url
        self.clock = clock
        self.store = store
        self.peers = GuardedPeers(peers, clock, limits)
        self.bus = bus
        self.started_ms = clock.now_ms()
        self.failed: asyncio.Future[StoreError] = asyncio.get_running_loop().create_future()
        self.feed = Feed(readers_max=limits.streams_max, backlog=limits.stream_backlog)
        self.view = View(config.node_id, config.cluster, limits)
        self.gossiper = None if bus is None else Gossiper(config.node_id, config.cluster, url, clock, bus, limits, odd)
        self.server = Server(
            config,
            clock,
            store,
            on_durable=self._on_durable,
            on_time=self._on_time,
            on_failed=self._on_failed,
            buggify=odd,
        )
        self._buggify = odd
        self.catalogue = Catalogue(self.server, self.view, clock)
        self.trips = Trips(self.server, store, clock, self.catalogue, self._ask)
        self.ledger = Ledger(self.server, store, self.view, self.gossiper, clock, limits)
        self.anti_entropy = AntiEntropy(config.node_id, clock, peers, self.view, limits)
        self.past = Past(config.node_id, clock, peers, self.view, limits, self._come_to, self._on_forked)
        self.forked: str | None = None
        """Why this node must not serve: it runs on an old copy of its history. None: nobody knows of more than it does."""
        self._leaving_trips: asyncio.Task[None] | None = None
        self.view.on_sign, self.view.on_claim = self.anti_entropy.sign, self.past.suspect
        self.telemetry = Telemetry(self)

    @property
    def id(self) -> str:
        """The node's id."""
        return self.config.node_id

    async def start(self) -> None:
        """Begin to gossip. The node serves before the broker is there, and without it.

        A node whose history is forked gossips nothing, and goes on with nothing.
        """
        if self.forked is not None:
            return
        self.trips.start()
        if self.gossiper is not None and self.bus is not None:
            self.gossiper.start(self.server)
            self.anti_entropy.start()
            await self.bus.start(self, subscriptions(self.config.cluster))

    async def enter(self, entries: Iterable[tuple[str, PointSpec]]) -> tuple[int, int]:
        """Make the points what a points file says: create, or change where the file says something new.

        Takes slugs and descriptions with ``file_digest``. Returns how many were created and how many changed: none, on
        an old copy of the node's history.
        """
        if self.forked is not None:
            return 0, 0
        created = changed = 0
        todo: list[Request] = []
        for slug, spec in entries:
            identifier = point_id(self.id, slug)
            point = self.server.point(identifier)
            if point is None:
                todo.append(Request(identifier, CreatePoint(spec), timeout_ms=_ENTER_TIMEOUT_MS))
                created += 1
            elif point.spec.file_digest != spec.file_digest:
                todo.append(Request(identifier, ChangePoint(spec=spec), timeout_ms=_ENTER_TIMEOUT_MS))
                changed += 1
        at_once = min(_POINTS_AT_ONCE, self.config.limits.requests_max)
        for start in range(0, len(todo), at_once):
            answers = await asyncio.gather(*map(self._enter_one, todo[start : start + at_once]))
            assert all(answer.status in (200, 201) for answer in answers), "a described point cannot be refused"
        return created, changed

    async def _enter_one(self, request: Request) -> Answer:
        """Enter a point; again, when the node was too busy for it."""
        for _ in range(_ENTER_TRIES - 1):
            try:
                return await self.server.handle(request)
            except (NodeBusy, PointBusy, DeadlineExceeded) as busy:
                if isinstance(busy, DeadlineExceeded) and busy.started:
                    raise
                await self.clock.sleep_s(_ENTER_AGAIN_S)
        return await self.server.handle(request)

    async def handle(self, request: Request, *, forwarded_by: str | None = None) -> Answer:
        """Answer a request, here or at the node that owns its point.

        Raises ``RequestError`` or ``StoreError`` when it cannot be taken. A request that was handed on already is not
        handed on again.
        """
        owner = owner_of(request.point_id)
        if owner == self.id:
            return await self._handle_own(request)
        if forwarded_by is not None:
            return problem(MISDIRECTED, f"{forwarded_by} takes {owner}'s point for one of {self.id}", owner=owner)
        if self.server.draining:
            raise Draining("the node is stopping", retry_after_s=5)
        known = self.view.nodes.get(owner)
        if known is None:
            return problem(UNKNOWN_NODE, f"{self.id} has never heard of a node {owner}", node=owner)
        if known.state is NodeState.FORKED:
            raise Forked(owner, known.reason)
        if known.url is None:
            raise PeerUnreachable(owner, "its address is not known yet")
        limits = self.config.limits
        timeout_ms = limits.request_timeout_ms if request.timeout_ms is None else request.timeout_ms
        answer = await self.peers.ask(owner, known.url, request, min(timeout_ms, limits.request_timeout_ms_max))
        if self._buggify is not None and self._buggify("peers.no_answer"):
            raise PeerTimeout(owner, "its answer was lost")
        if is_problem(answer, FORKED):
            call_forked(known, "it says so itself", self.clock.now_ms())
        elif answer.witness is not None:
            self.view.expect_epoch(owner, answer.witness[0])
        return answer

    async def _handle_own(self, request: Request) -> Answer:
        """Answer a request about this node or a point of its own."""
        action = request.action
        if isinstance(action, ReadAttested):
            return self.ledger.attested(action)
        self.check_history()
        match action:
            case FindPoints():
                return await self._find(action)
            case ReadJournal():
                return await self.ledger.journal(action)
            case ReadSnapshot():
                return await self.ledger.snapshot(action)
        if isinstance(action, TripAction):
            return await self.trips.handle(request)
        return await self.server.handle(request)

    def check_history(self) -> None:
        """Raise ``Forked`` when what this node holds is old, and must neither be told nor built on."""
        if self.forked is not None:
            raise Forked(self.id, self.forked)

    async def list_points(self, filters: Filters, after: str, limit: int) -> Answer:
        """Return a page of the whole network's points. What it tells of own ones is durable."""
        self.check_history()
        items, following = self.catalogue.page(filters, after, limit)
        await self.server.flushed()
        return Answer(200, orjson.dumps({"items": items, "next_cursor": following}))

    def tell_view(self, point_id: str) -> Answer | None:
        """Return what is believed of another node's point; None when nothing is, or the point is this node's own."""
        item = None if owner_of(point_id) == self.id else self.catalogue.foreign(point_id)
        return None if item is None else Answer(200, orjson.dumps(item), item["witness"])

    async def settle(self, handling: Awaitable[Answer]) -> Answer:
        """Return the answer that comes, or that the error which comes instead is told by.

        A store that fails, also when reading found it, stops the node: it must not go on.
        """
        try:
            return await handling
        except RecargaError as error:
            if isinstance(error, StoreError):
                self.server.journal.fail(error)
            return error_answer(error)

    async def stop(self) -> None:
        """Stop in order: take nothing more, finish what is under way, make it durable, say farewell, leave."""
        await self.trips.stop()
        if self._leaving_trips is not None:
            await self._leaving_trips
        try:
            await self.server.drain()
        except RecargaError as error:
            _log.error("the store failed while the node was stopping: %s", error)
        self.feed.close()
        await self.past.stop()
        await self.anti_entropy.stop()
        if self.gossiper is not None and self.bus is not None:
            await self.gossiper.stop()
            await self.bus.stop()
        await self.peers.close()
        await self.store.close()

    def will(self) -> Message:
        """See ``BusListener.will``."""
        assert self.gossiper is not None
        return self.gossiper.will()

    def on_connected(self) -> None:
        """See ``BusListener.on_connected``."""
        assert self.gossiper is not None
        self.catalogue.connected = True
        self.gossiper.on_connected()

    def on_disconnected(self) -> None:
        """See ``BusListener.on_disconnected``."""
        assert self.gossiper is not None
        self.catalogue.connected = False
        self.gossiper.on_disconnected()

    def on_message(self, message: Message) -> None:
        """See ``BusListener.on_message``. What is for watchers only is not read while nobody watches."""
        if is_watched(message.topic) and not len(self.feed):
            return
        heard = self.view.hear(message, (self.server.epoch, self.server.journal.ver), self.clock.now_ms())
        if heard is not None:
            topic, event = heard
            self.feed.publish(
                lambda: Item(event.type.removeprefix("recarga."), event.node, topic.subject, message.payload)
            )

    async def _ask(self, request: Request) -> Answer:
        """Hand a request of this node's own to whoever it is for; return the answer, whatever it is."""
        return await self.settle(self.handle(request))

    async def _find(self, query: FindPoints) -> Answer:
        found = [{"id": point.id} for point in self.server.points() if point.spec.name == query.name]
        await self.server.flushed()
        return Answer(200, orjson.dumps({"items": found, "next_cursor": None}))

    def _on_durable(self, events: Sequence[Stamped]) -> None:
        self.trips.on_durable(events)
        if self.gossiper is not None:
            self.gossiper.on_durable(events)
        for stamped in events:
            self.feed.publish(lambda stamped=stamped: own_item(self.id, stamped))  # type: ignore[misc]

    def _on_time(self, point_id: str) -> None:
        if self.gossiper is not None:
            self.gossiper.on_time(point_id)

    def _come_to(self) -> Witness:
        return self.server.epoch, self.server.journal.ver

    def _on_forked(self, reason: str) -> None:
        """Serve no longer. What is under way ends; time changes nothing any more; nothing is gossiped."""
        if self.forked is not None:
            return
        self.forked = reason
        _log.critical("%s runs on an old copy of its history and does not serve: %s", self.id, reason)
        self.server.alarms.stop()
        self._leaving_trips = asyncio.get_running_loop().create_task(self.trips.stop())
        if self.gossiper is not None:
            self.gossiper.fall_silent()

    def _on_failed(self, error: StoreError) -> None:
        _log.critical("the store failed, the node stops: %s", error)
        if not self.failed.done():
            self.failed.set_result(error)


_ENTER_TIMEOUT_MS = 60_000
_ENTER_TRIES = 30
_ENTER_AGAIN_S = 0.05
