"""A node, put together: what arrives is for one of its own points, or handed on to the node that owns it."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace

import orjson

from nodes.actors.server import Server
from nodes.actors.strategies import MakeTransactions
from nodes.buggify import never
from nodes.catalogue import Catalogue, Filters
from nodes.config import NodeConfig
from nodes.domain.commands import PrepareStop
from nodes.domain.ids import owner_of
from nodes.domain.point import PointSpec
from nodes.ear import Ear
from nodes.entrance import Entrance
from nodes.errors import Draining, Forked, PeerTimeout, PeerUnreachable, RecargaError, StoreError
from nodes.feed import Feed, member_item, own_item
from nodes.gossip.anti_entropy import AntiEntropy
from nodes.gossip.correction import call_forked
from nodes.gossip.fingerprint import PointsHash
from nodes.gossip.gossiper import Gossiper
from nodes.gossip.ledger import Ledger
from nodes.gossip.node_view import NodeView
from nodes.gossip.past import Past
from nodes.gossip.topics import subscriptions
from nodes.gossip.view import View
from nodes.holdings import Holdings
from nodes.membership.fenced_peers import FencedPeers
from nodes.membership.membership import Membership
from nodes.peers.guarded_peers import GuardedPeers
from nodes.ports import Buggify, Bus, Clock, Peers, Store
from nodes.problems import FORKED, MISDIRECTED, UNKNOWN_NODE, error_answer, is_problem, problem
from nodes.records import Answer, Stamped
from nodes.request import FindPoints, Ping, ReadAttested, ReadHeld, ReadJournal, ReadSnapshot, Request, TripAction
from nodes.search import Search
from nodes.standing import Standing
from nodes.telemetry import Telemetry
from nodes.tidings import Claim, NodeState
from nodes.trips.trips import Trips

_log = logging.getLogger(__name__)


def _nothing(*_: object) -> None:
    """Without a broker there is nobody to tell."""


class Node:
    """One node: its server actor, its view of the others, its gossip and its feed."""

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
        transactions: MakeTransactions | None = None,
    ) -> None:
        """Open the store and recover. Raises ``StoreError``; then nothing is left open.

        ``buggify`` says where the node misbehaves within its contract: live nowhere, and then nobody asks.
        ``transactions`` carry out what reserves, instead of those of the node's strategy.
        """
        odd = None if buggify is never else buggify
        limits = config.limits
        self.config = config
        self.url = url
        self.clock = clock
        self.store = store
        fenced = FencedPeers(peers, lambda: self.membership)
        self.peers = GuardedPeers(fenced, clock, limits)
        self.bus = bus
        self.standing = Standing(config.node_id, self._fall_silent)
        self.started_ms = clock.now_ms()
        self.failed: asyncio.Future[StoreError] = asyncio.get_running_loop().create_future()
        """Done when the node cannot go on (its store failed): with that error."""
        self.feed = Feed(readers_max=limits.streams_max, backlog=limits.stream_backlog)
        self.view = View(config.node_id, config.cluster, limits, hears_addresses=config.hears_addresses)
        self.gossiper = None if bus is None else Gossiper(config.node_id, config.cluster, url, clock, bus, limits, odd)
        self.server = Server(
            config,
            clock,
            store,
            on_durable=self._on_durable,
            on_time=_nothing if self.gossiper is None else self.gossiper.on_time,
            on_failed=self._on_failed,
            buggify=odd,
            transactions=transactions,
        )
        self._buggify = odd
        self._points_hash = PointsHash()
        for point in self.server.points():
            self._points_hash.set(point.id, (point.epoch, point.seq))
        self.membership = Membership(
            Claim(config.node_id, NodeState.ALIVE, self.server.epoch, 0, url),
            self.view,
            clock,
            fenced,
            limits,
            self.standing,
            state_of_points=self._state_of_points,
            on_change=self._on_member,
            on_removed=_nothing if self.gossiper is None else self.gossiper.tell_anew,
        )
        self._silencing: asyncio.Task[None] | None = None
        self.catalogue = Catalogue(self.server, self.view, clock)
        self.search = Search(self.server, self.catalogue, clock)
        self.trips = Trips(self.server, store, clock, self.catalogue, self._ask)
        self.holdings = Holdings(self.server, store, self.view, clock, limits, self._ask)
        self.ledger = Ledger(self.server, store, self.view, self.gossiper, clock, limits)
        self.anti_entropy = AntiEntropy(config.node_id, clock, fenced, self.view, limits)
        self.past = Past(config.node_id, clock, fenced, self.view, limits, self.ledger.come_to, self._on_forked)
        self.forked: str | None = None
        """Why this node must not serve: it runs on an old copy of its history. None: nobody knows of more than it does."""
        self._leaving_trips: asyncio.Task[None] | None = None
        self.view.on_sign, self.view.on_claim = self.anti_entropy.sign, self.past.suspect
        self.ear = Ear(self.server, self.view, self.membership, self.gossiper, self.catalogue, self.feed, clock)
        self.telemetry = Telemetry(self)

    @property
    def id(self) -> str:
        """The node's id."""
        return self.config.node_id

    async def start(self) -> None:
        """Begin to gossip, unless the history is forked. The node serves before the broker is there, and without it."""
        if self.forked is not None:
            return
        self.trips.start()
        if self.gossiper is not None and self.bus is not None:
            self.gossiper.start(self.server)
            self.anti_entropy.start()
            await self.bus.start(self.ear, subscriptions(self.config.cluster))

    def greet(self) -> None:
        """Begin to ask who is there, once requests are taken: whoever is greeted asks back."""
        self.membership.prober.start()

    async def enter(self, entries: Iterable[tuple[str, PointSpec]]) -> tuple[int, int]:
        """Make the points what a points file says (``nodes.entrance``). Nothing is done on an old copy of the history."""
        return (0, 0) if self.forked is not None else await Entrance(self.server, self.clock).enter(entries)

    async def handle(self, request: Request, *, forwarded_by: str | None = None) -> Answer:
        """Answer a request, here or at the node that owns its point.

        Raises ``RequestError`` or ``StoreError`` when it cannot be taken. A request that was handed on already is not
        handed on again.
        """
        self.standing.check()
        owner = owner_of(request.point_id)
        if isinstance(request.action, Ping) and owner == self.id:
            return await self.membership.answer(request.action)
        if forwarded_by is not None and self.forked is None:
            self.membership.check_sender(forwarded_by, request)
        if owner == self.id:
            return await self._handle_own(request)
        if forwarded_by is not None:
            return problem(MISDIRECTED, f"{forwarded_by} takes {owner}'s point for one of {self.id}", owner=owner)
        if self.server.draining:
            raise Draining("the node is stopping", retry_after_s=5)
        known = self.view.nodes.get(owner)
        if known is None:
            return problem(UNKNOWN_NODE, f"{self.id} has never heard of a node {owner}", node=owner)
        if known.forked is not None:
            raise Forked(owner, known.forked)
        if known.url is None:
            raise PeerUnreachable(owner, "its address is not known yet")
        asked_s = self.clock.stopwatch_s() if request.is_timed else 0.0
        answer = await self.peers.ask(owner, known.url, request, self.config.limits.wait_ms(request.timeout_ms))
        if request.is_timed and answer.timing is not None:
            answer = replace(answer, timing=answer.timing.forwarded(self.clock.stopwatch_s() - asked_s))
        if self._buggify is not None and self._buggify("peers.no_answer"):
            raise PeerTimeout(owner, "its answer was lost")
        if is_problem(answer, FORKED):
            call_forked(known, "it says so itself", self.clock.now_ms())
        elif answer.witness is not None:
            self.view.expect_epoch(owner, answer.witness[0])
        return answer

    async def _handle_own(self, request: Request) -> Answer:
        """Answer a request about this node or a point of its own."""
        if request.caller is not None and request.key is not None:
            request = replace(request, key=request.caller.key(request.key))
        action = request.action
        if isinstance(action, ReadAttested):
            return self.ledger.attested(action)
        self.check_history()
        match action:
            case FindPoints():
                return await self.ledger.find(action)
            case ReadJournal():
                return await self.ledger.journal(action)
            case ReadSnapshot():
                return await self.ledger.snapshot(action)
            case ReadHeld():
                return (await self.holdings.own(action)).answer()
        if isinstance(action, TripAction):
            return await self.trips.handle(request)
        if isinstance(action, PrepareStop) and not self.membership.can_ask(asker := owner_of(action.trip_id)):
            return problem(UNKNOWN_NODE, f"{self.id} promises nothing to {asker}, which it could not ask", node=asker)
        return await self.server.handle(request)

    def check_history(self) -> None:
        """Raise ``NotServing`` or ``Forked`` when what this node holds is old, and must neither be told nor built on."""
        self.standing.check()
        if self.forked is not None:
            raise Forked(self.id, self.forked)

    async def list_points(self, filters: Filters, after: str, limit: int, *, is_timed: bool = False) -> Answer:
        """Return a page of the whole network's points. What it tells of own ones is durable."""
        self.check_history()
        return await self.search.page(filters, after, limit, is_timed=is_timed)

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
        await self.membership.prober.stop()
        if self.standing.refusal is None:
            await self.membership.prober.say_farewell()
        if self.gossiper is not None and self.bus is not None:
            await self.gossiper.stop(says_farewell=self.standing.refusal is None)
            await self.bus.stop()
        await self.peers.close()
        await self.store.close()

    async def _ask(self, request: Request) -> Answer:
        """Hand a request of this node's own to whoever it is for; return the answer, whatever it is."""
        return await self.settle(self.handle(request))

    def _state_of_points(self) -> tuple[int, int, str | None]:
        """Return how many there are, how far the journal goes, and their fingerprint, unless gossip is telling it."""
        is_told = self.gossiper is None or not self.gossiper.connected or self.gossiper.is_quiet
        told = self._points_hash.text if is_told else None
        return len(self.server.actors), self.server.journal.durable_ver, told

    def _fall_silent(self) -> None:
        """Let nothing go on by itself: who must not serve has nothing to tell either."""
        self._begin_nothing()
        self.membership.prober.fall_silent()
        if self.bus is not None and self._silencing is None:
            self._silencing = asyncio.get_running_loop().create_task(self.bus.stop())

    def _on_durable(self, events: Sequence[Stamped]) -> None:
        self.trips.on_durable(events)
        if self.gossiper is not None:
            self.gossiper.on_durable(events)
        for stamped in events:
            if self.server.point(stamped.point_id) is not None:
                self._points_hash.set(stamped.point_id, (stamped.epoch, stamped.point_seq))
            self.feed.publish(lambda stamped=stamped: own_item(self.id, stamped))  # type: ignore[misc]

    def _on_member(self, node: NodeView) -> None:
        """Tell watchers what has become of another node; who is back is asked again at once."""
        self.feed.publish(lambda: member_item(node))
        if node.state is NodeState.ALIVE:
            self.peers.hopeful(node.node_id)

    def _on_forked(self, reason: str) -> None:
        """Serve no longer. What is under way ends; time changes nothing any more; nothing is gossiped."""
        if self.forked is not None:
            return
        self.forked = reason
        _log.critical("%s runs on an old copy of its history and does not serve: %s", self.id, reason)
        self._begin_nothing()
        if self.gossiper is not None:
            self.gossiper.fall_silent()

    def _begin_nothing(self) -> None:
        """What is under way ends; neither time nor trips change anything any more."""
        self.server.alarms.stop()
        if self._leaving_trips is None:
            self._leaving_trips = asyncio.get_running_loop().create_task(self.trips.stop())

    def _on_failed(self, error: StoreError) -> None:
        _log.critical("the store failed, the node stops: %s", error)
        if not self.failed.done():
            self.failed.set_result(error)
