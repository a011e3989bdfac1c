"""The node's own actor: it owns the mailboxes, the journal and the alarms; it starts, drains and stops them."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from nodes.actors.alarms import Alarms
from nodes.actors.answer_book import AnswerBook
from nodes.actors.envelope import Envelope, LookAgain
from nodes.actors.hesitant_gate import HesitantGate
from nodes.actors.outcome import subject_id
from nodes.actors.point_actor import Office, PointActor
from nodes.actors.strategies import RESERVING, TRANSACTIONS, MakeTransactions
from nodes.config import NodeConfig, Strategy
from nodes.domain.commands import CreatePoint
from nodes.domain.ids import is_session_id
from nodes.domain.point import Point
from nodes.domain.refusals import UnknownPoint
from nodes.errors import Draining, NodeBusy, PointBusy, StoreError
from nodes.ports import Buggify, Clock, Store
from nodes.problems import refusal_answer
from nodes.records import Answer, Stamped
from nodes.request import Request
from nodes.store.journal import Journal

_DRAIN_POLL_S = 0.01
_LOOKS = 4
"""How often a request is looked up anew when it was overtaken; each takes a change in the milliseconds between."""


class Server:
    """Serves the points that this node owns. Requests for other nodes' points never come here."""

    def __init__(
        self,
        config: NodeConfig,
        clock: Clock,
        store: Store,
        *,
        on_durable: Callable[[Sequence[Stamped]], None],
        on_time: Callable[[str], None],
        on_failed: Callable[[StoreError], None],
        buggify: Buggify | None = None,
        transactions: MakeTransactions | None = None,
    ) -> None:
        """Open the store and recover what was in force. Raises ``StoreError``.

        ``on_durable`` hears of events once they are on disk, ``on_time`` of points that time alone has changed.
        ``transactions`` carry out what reserves, instead of those of the node's strategy.
        """
        self.config = config
        self.actors: dict[str, PointActor] = {}
        self.in_flight = 0
        self.draining = False
        self._clock = clock
        self._store = store
        self._on_time = on_time
        self._on_failed = on_failed
        self._buggify = buggify
        now_ms = clock.now_ms()
        recovered = store.open(now_ms)
        self.recovered_trips = recovered.trips
        """Trips that an earlier life of this node left undecided or untold."""
        limits = config.limits
        self.journal = Journal(
            store,
            epoch=recovered.epoch,
            ver=recovered.ver,
            segment_records=limits.segment_records,
            on_durable=on_durable,
            on_failed=self._fail,
            buggify=buggify,
        )
        self.answers = AnswerBook(limits, self.journal.is_durable, buggify)
        self.answers.recover(recovered.keys, now_ms)
        self.alarms = Alarms(clock, self._wake, burst=limits.alarms_burst, buggify=buggify)
        call_soon = asyncio.get_running_loop().call_soon
        gate = self.journal if buggify is None else HesitantGate(self.journal, call_soon, buggify)
        make = transactions or TRANSACTIONS.get(config.strategy)
        self._transactions = None if make is None else make(store, self.journal, limits)
        locks = config.strategy is Strategy.ROW_LOCK
        self._office = Office(clock, self.journal, gate, self.answers, self.alarms, limits, call_soon, buggify, locks)
        for point_id, point in recovered.points.items():
            self.actors[point_id] = PointActor(point, self._office)

    @property
    def epoch(self) -> int:
        """This start's epoch."""
        return self.journal.epoch

    def points(self) -> list[Point]:
        """Return the points that exist, in order of id. What they say may not be durable yet: see ``flushed``."""
        return [actor.point for _, actor in sorted(self.actors.items()) if actor.point.seq]

    def point(self, point_id: str) -> Point | None:
        """Return a point, if it exists. What it says may not be durable yet: see ``flushed``."""
        actor = self.actors.get(point_id)
        return None if actor is None or actor.point.seq == 0 else actor.point

    async def flushed(self) -> None:
        """Wait until everything that memory says now is durable. Raises ``StoreError`` when it never will be."""
        await self.journal.flushed()

    async def handle(self, request: Request) -> Answer:
        """Answer a request for one of this node's points.

        Raises a ``RequestError`` when it cannot be taken now, ``StoreError`` when the store has failed. Cancelling the
        wait leaves open whether the command takes effect.
        """
        with self.one_more():
            return await self._handle(request)

    @contextmanager
    def one_more(self) -> Generator[None, None, None]:
        """Count one request as under way while inside. Raises a ``RequestError`` or ``StoreError`` when none can be taken."""
        if self.draining:
            raise Draining("the node is stopping", retry_after_s=5)
        if self.journal.failure is not None:
            raise self.journal.failure
        if self.in_flight >= self.config.limits.requests_max:
            raise NodeBusy(f"{self.in_flight} requests are under way")
        if self._buggify is not None and self._buggify("server.full"):
            raise NodeBusy("as many requests as may be are under way")
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    async def _handle(self, request: Request) -> Answer:
        actor = self._actor(request)
        if actor is None:
            return refusal_answer(UnknownPoint(request.point_id), None)
        deadline_s = self._clock.monotonic_s() + self.config.limits.wait_ms(request.timeout_ms) / 1000
        for _ in range(_LOOKS):
            try:
                return await self._ask(actor, request, deadline_s)
            except LookAgain:
                continue
        raise NodeBusy("what this request is about changes too fast")

    async def drain(self) -> None:
        """Take no more requests, let those under way finish, make everything durable. Raises ``StoreError``.

        Waits for ``drain_s`` at the most, and then for the disk. What no actor has taken up by then never takes effect.
        """
        self.draining = True
        deadline_s = self._clock.monotonic_s() + self.config.limits.drain_s
        while self.in_flight and self._clock.monotonic_s() < deadline_s:
            await self._clock.sleep_s(_DRAIN_POLL_S)
        self.alarms.stop()
        while any(len(actor.mailbox) for actor in self.actors.values()) and self.journal.failure is None:
            if self._clock.monotonic_s() >= deadline_s:
                break
            await self._clock.sleep_s(_DRAIN_POLL_S)
        for actor in self.actors.values():
            actor.mailbox.empty()
        await self.journal.flushed()

    def _actor(self, request: Request) -> PointActor | None:
        actor = self.actors.get(request.point_id)
        if actor is None and isinstance(request.action, CreatePoint):
            if len(self.actors) >= self.config.limits.points_max:
                raise NodeBusy(f"this node owns {len(self.actors)} points, which is the most it may")
            actor = PointActor(Point(request.point_id, request.action.spec, self.epoch), self._office)
            self.actors[request.point_id] = actor
        return actor

    async def _ask(self, actor: PointActor, request: Request, deadline_s: float) -> Answer:
        reply: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        envelope = Envelope(request, reply, deadline_s)
        asked_s = self._clock.stopwatch_s() if request.is_timed else 0.0
        timer = self._clock.call_later_s(deadline_s - self._clock.monotonic_s(), envelope.expire)
        try:
            if request.key is not None:
                await self._look_up_key(envelope, request.key)
            await self._look_up_past(envelope, actor)
            if self.journal.failure is not None:
                raise self.journal.failure
            if self._buggify is not None and self._buggify("mailbox.full"):
                raise PointBusy(f"as many requests as may wait for {request.point_id}")
            if self._transactions is not None and isinstance(request.action, RESERVING):
                await self._transactions.take(actor, envelope)
            elif not actor.mailbox.offer(envelope):
                raise PointBusy(f"{len(actor.mailbox)} requests wait for {request.point_id}")
            answer = await reply
            if request.is_timed:
                return replace(answer, timing=envelope.timing(asked_s, self._clock.stopwatch_s()))
            return answer
        finally:
            timer.cancel()
            if not reply.cancel() and not reply.cancelled():
                reply.exception()  # seen: it may have expired while something else ended the wait

    async def _look_up_key(self, envelope: Envelope, key: str) -> None:
        envelope.evicted = self.answers.evicted
        if self.answers.may_be_stored(key, self._clock.now_ms()) or (
            self._buggify is not None and self._buggify("answers.look_up")
        ):
            envelope.stored = await self._store.find_answer(key)

    async def _look_up_past(self, envelope: Envelope, actor: PointActor) -> None:
        """Find what the request is about if it is over: then its end is in the store, or still with the actor."""
        identifier = subject_id(envelope.request.action)
        if identifier is None or actor.in_force(identifier) is not None:
            return
        envelope.looked = True
        envelope.past = actor.just_ended(identifier)
        if envelope.past is None:
            find = self._store.find_session if is_session_id(identifier) else self._store.find_reservation
            envelope.past = await find(identifier)

    def _fail(self, error: StoreError) -> None:
        for actor in self.actors.values():
            actor.abandon(error)
        self._on_failed(error)

    def _wake(self, point_id: str) -> None:
        self.actors[point_id].wake()
        self._on_time(point_id)
