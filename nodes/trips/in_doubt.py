"""Promised stops whose decision has not come: their owner asks for it, until it knows.

The coordinator knows; while it cannot be asked, the owners of the trip's other stops may (the cooperative termination
protocol of Bernstein, Hadzilacos and Goodman, *Concurrency Control and Recovery in Database Systems*, ch. 7.4). Nobody
decides alone.
"""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from zlib import crc32

import orjson

from nodes.actors.server import Server
from nodes.domain.commands import AbortStop, CommitStop
from nodes.domain.events import ReservationConfirmed, ReservationPrepared, ReservationReleased
from nodes.domain.ids import point_of
from nodes.domain.reservation import Reservation, ReservationStatus
from nodes.domain.stops import TRIP_ABORTED
from nodes.domain.trip import TripStatus
from nodes.errors import StoreFailed
from nodes.ports import Clock, Store
from nodes.records import Stamped
from nodes.request import ReadDecision, ReadStop, Request
from nodes.tasks import end
from nodes.trips.preparation import Ask

_ANSWER_MS = 2_000
"""How long one answer is waited for: others in doubt wait for their turn."""


class Known(StrEnum):
    """What a participant knows of a trip."""

    COMMITTED = "COMMITTED"
    ABORTED = "ABORTED"
    IN_DOUBT = "IN_DOUBT"
    NOTHING = "NOTHING"
    """It was not asked, or refused, or gave back a promise that the trip did not need."""


class InDoubt:
    """The promised stops on this node's points. One task, which runs only while there are any."""

    def __init__(self, server: Server, store: Store, clock: Clock, ask: Ask) -> None:
        """``ask`` hands a request to whoever it is for, this node or another."""
        self._server = server
        self._store = store
        self._clock = clock
        self._ask = ask
        self._limits = server.config.limits
        self._due: dict[str, tuple[float, int]] = {}
        """By reservation: when to ask (process time), and how often that was done."""
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    def __len__(self) -> int:
        """Return the number of stops in doubt."""
        return len(self._due)

    def start(self) -> None:
        """Take up what an earlier life of this node promised."""
        for _, actor in sorted(self._server.actors.items()):
            for reservation_id in actor.point.in_doubt.values():
                self._due[reservation_id] = (self._clock.monotonic_s(), 0)
        self._wake()

    def on_durable(self, events: Sequence[Stamped]) -> None:
        """Take note of promises, and of what became of them."""
        for stamped in events:
            event = stamped.event
            if isinstance(event, ReservationPrepared):
                self._due[event.reservation_id] = (self._clock.monotonic_s() + self._limits.in_doubt_after_ms / 1000, 0)
                self._wake()
            elif isinstance(event, (ReservationConfirmed, ReservationReleased)):
                self._due.pop(event.reservation_id, None)

    async def stop(self) -> None:
        """Ask no more; who starts next goes on."""
        self._stopped = True
        if self._task is not None:
            await end(self._task)

    async def known(self, query: ReadStop) -> Known:
        """Return what this node knows of a trip at one of its points, on disk."""
        stops = [stop for stop in await self._store.find_stops(query.trip_id) if stop.point_id == query.point_id]
        if any(stop.status not in (ReservationStatus.PENDING, ReservationStatus.REJECTED) for stop in stops):
            return Known.COMMITTED
        if any(stop.reason == TRIP_ABORTED for stop in stops):
            return Known.ABORTED
        return Known.IN_DOUBT if any(stop.status is ReservationStatus.PENDING for stop in stops) else Known.NOTHING

    def _wake(self) -> None:
        if self._due and self._task is None and not self._stopped:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            await self._ask_until_none_is_left()
        except Exception as error:
            self._server.journal.fail(StoreFailed("stops in doubt", f"{type(error).__name__}: {error}"))
            raise
        finally:
            self._task = None

    async def _ask_until_none_is_left(self) -> None:
        while self._due and self._server.journal.failure is None:
            now_s = self._clock.monotonic_s()
            due = [each for each, (due_s, _) in self._due.items() if due_s <= now_s][: self._limits.in_doubt_at_once]
            if due:
                await asyncio.gather(*map(self._resolve, due))
            else:
                await self._clock.sleep_s(min(due_s for due_s, _ in self._due.values()) - now_s)

    async def _resolve(self, reservation_id: str) -> None:
        """Ask for the decision on one stop, and do as it says; else ask again later."""
        stop = self._stop(reservation_id)
        if stop is None:
            self._due.pop(reservation_id, None)
            return
        _, tried = self._due[reservation_id]
        first_ms, longest_ms = self._limits.in_doubt_after_ms, self._limits.trip_retry_ms[1]
        pause_ms = min(first_ms * 2 ** min(tried, 10), longest_ms) * (1 + crc32(reservation_id.encode()) % 256 / 1024)
        self._due[reservation_id] = (self._clock.monotonic_s() + pause_ms / 1000, tried + 1)
        command = await self._decision(stop)
        if command is not None:
            await self._ask(Request(stop.point_id, command, timeout_ms=_ANSWER_MS))

    def _stop(self, reservation_id: str) -> Reservation | None:
        actor = self._server.actors.get(point_of(reservation_id))
        stop = None if actor is None else actor.point.reservations.get(reservation_id)
        return stop if stop is not None and stop.status is ReservationStatus.PENDING else None

    async def _decision(self, stop: Reservation) -> CommitStop | AbortStop | None:
        """Return what the stop's point has to do; None: nobody who can be asked knows."""
        trip_id, at = stop.trip_id, stop.trip_stop
        assert trip_id is not None and at is not None
        answer = await self._ask(Request(trip_id, ReadDecision(trip_id, stop.id), timeout_ms=_ANSWER_MS))
        if answer.status == 200:
            told = orjson.loads(answer.body)
            if told["status"] == TripStatus.PENDING:
                return None
            if told["belongs"]:
                return CommitStop(stop.id, trip_id)
            return AbortStop(trip_id, at, is_replaced=told["status"] != TripStatus.ABORTED)
        for point_id in stop.trip_points:
            answer = await self._ask(Request(point_id, ReadStop(point_id, trip_id), timeout_ms=_ANSWER_MS))
            known = orjson.loads(answer.body)["known"] if answer.status == 200 else Known.NOTHING
            if known == Known.COMMITTED:
                return CommitStop(stop.id, trip_id)
            if known == Known.ABORTED:
                return AbortStop(trip_id, at)
        return None
