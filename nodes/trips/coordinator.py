"""Who decides on trips: each is one record, one decision on disk, and a task that sees it through.

The order is what makes a trip atomic: promises of all owners, then the decision durable *here*, then whatever anybody
learns of it. Without a durable decision a trip counts as aborted (presumed abort), so that a coordinator that forgets
what it began is right all the same. What is confirmed is told to every owner until it acknowledges, through all
restarts.
"""

import asyncio
import logging
from collections.abc import Sequence

from nodes.actors.server import Server
from nodes.domain.commands import AbortStop, Cancel, CommitStop
from nodes.domain.trip import (
    CancelOutcome,
    HeldStop,
    Trip,
    TripAborted,
    TripBegun,
    TripCancelAsked,
    TripCancelEnded,
    TripConfirmed,
    TripSettled,
    TripStatus,
    stops_in_order,
)
from nodes.errors import DeadlineExceeded, Draining, StoreError, StoreFailed
from nodes.logs import note_trip
from nodes.ports import Clock, Store
from nodes.problems import STOPS_OVERLAP, TRIP_OVER, TRIP_PENDING, UNKNOWN_TRIP, problem
from nodes.records import Answer
from nodes.request import CancelTrip, PlanTrip, ReadDecision, ReadTrip, Request
from nodes.tasks import end
from nodes.trips.candidates import Candidates
from nodes.trips.delivery import Delivery
from nodes.trips.ledger import TripLedger
from nodes.trips.preparation import Ask, Failure, Preparation
from nodes.trips.run import Outcome, Run
from nodes.trips.waits import Part, Waits
from nodes.trips.words import aborted_answer, is_final, refused_answer, slug_of, trip_answer

_ABORT_TRIES = 5
"""How often an owner is told of an abort; who has not heard it asks, and is told that there is no such trip."""
_RESTARTED = "its coordinator restarted before it was decided"

_log = logging.getLogger(__name__)


class Coordinator:
    """The trips that this node decides on. At most ``trips_max`` are under way."""

    def __init__(self, server: Server, store: Store, clock: Clock, ask: Ask, candidates: Candidates) -> None:
        """``ask`` hands a request to the owner of its point, this node or another."""
        self._server = server
        self._ledger = TripLedger(server, store, clock)
        self._clock = clock
        self._ask = ask
        self._candidates = candidates
        self._limits = server.config.limits
        self._delivery = Delivery(ask, clock, self._limits)
        self._draining = False

    def __len__(self) -> int:
        """Return the number of trips under way."""
        return len(self._ledger.runs)

    def start(self, recovered: Sequence[Trip]) -> None:
        """Go on with what an earlier life of this node left: what was not decided is aborted, the rest is told."""
        for trip in recovered:
            run = self._ledger.recover(trip)
            if trip.cancel_asked:
                run.cancelling = Outcome()
            self._go_on(run)

    async def plan(self, request: Request, waits: Waits) -> Answer:
        """Reserve all stops of a trip, or none; ``waits`` are the caller's. Raises ``RequestError`` or ``StoreError``.

        Cancelling the wait leaves the trip to be decided without its caller.
        """
        assert isinstance(request.action, PlanTrip) and request.key is not None
        deadline_s = self._clock.monotonic_s() + self._limits.wait_ms(request.timeout_ms) / 1000
        with waits.waiting(Part.QUEUE):
            await self._room_by(deadline_s, waits)
            known = await self._ledger.known(request.key, request.fingerprint)
        if isinstance(known, Answer):
            return known
        run = known or self._begin(request, request.action, request.key)
        if isinstance(run, Answer):
            with waits.waiting(Part.WRITE):
                await self._server.journal.flushed()
            return run
        with waits.waiting_with(run.waits):
            return await self._outcome(run, run.planning, deadline_s)

    async def cancel(self, request: Request, waits: Waits) -> Answer:
        """Give a trip's stops back, each by its terms. To cancel again changes nothing. Raises as ``plan``."""
        action = request.action
        assert isinstance(action, CancelTrip)
        deadline_s = self._clock.monotonic_s() + self._limits.wait_ms(request.timeout_ms) / 1000
        with waits.waiting(Part.QUEUE):
            await self._room_by(deadline_s, waits)
            run = await self._ledger.find_to_change(action.trip_id)
        if run is None or action.driver_id not in (None, run.trip.driver_id):
            return problem(UNKNOWN_TRIP, f"there is no trip {action.trip_id}")
        trip = run.trip
        if trip.status is TripStatus.PENDING:
            return problem(TRIP_PENDING, f"{trip.id} is not decided yet", retry_after_s=1)
        if trip.status is TripStatus.ABORTED:
            return problem(TRIP_OVER, f"{trip.id} was not confirmed: there is nothing to give back")
        if trip.status is TripStatus.CANCELED:
            with waits.waiting_with(run.waits):
                await self._ledger.durable(run)
            return trip_answer(trip)
        if not trip.cancel_asked:
            self._check_draining()
            self._ledger.check_room()
            self._ledger.admit(run)
            self._ledger.record(run, TripCancelAsked())
            run.cancelling = Outcome()
            if run.task is None:
                self._go_on(run)
        assert run.cancelling is not None
        with waits.waiting_with(run.waits):
            return await self._outcome(run, run.cancelling, deadline_s)

    async def read(self, query: ReadTrip, waits: Waits) -> Answer:
        """Tell a trip, as it is on disk. Raises ``StoreError``."""
        with waits.waiting(Part.QUEUE):
            run = await self._ledger.find(query.trip_id)
        if run is None or query.driver_id not in (None, run.trip.driver_id):
            return problem(UNKNOWN_TRIP, f"there is no trip {query.trip_id}")
        with waits.waiting_with(run.waits):
            await self._ledger.enter(run)
        return trip_answer(run.trip)

    async def decide(self, query: ReadDecision) -> tuple[TripStatus, bool]:
        """Return where the trip is, and whether that reservation belongs to it. No record is ``ABORTED``.

        Raises ``StoreError``. What it says is final, unless it says ``PENDING``.
        """
        run = await self._ledger.find(query.trip_id)
        if run is None:
            return TripStatus.ABORTED, False
        status = run.trip.status
        if status in (TripStatus.CONFIRMED, TripStatus.CANCELED):
            await self._ledger.durable(run)
        return status, any(stop.reservation_id == query.reservation_id for stop in run.trip.stops)

    async def stop(self) -> None:
        """Take no more trips, let those under way be decided, for a while; what is not told yet is told after a restart."""
        self._draining = True
        runs = list(self._ledger.runs.values())
        deadline_s = self._clock.monotonic_s() + self._limits.drain_s / 2
        for run in runs:
            if run.trip.status is TripStatus.PENDING:
                await self._wait(run.planning, deadline_s)
        for run in runs:
            if run.task is not None:
                await end(run.task)
            for outcome in (run.planning, run.cancelling):
                if outcome is not None:
                    outcome.told.set()  # who waits is promised an outcome: the next life has it

    def _begin(self, request: Request, action: PlanTrip, key: str) -> Run | Answer:
        """Enter a trip. Nothing is awaited from the look at the key to here, so that a key begins one trip."""
        self._check_draining()
        if (at := stops_in_order([(stop.start_ms, stop.end_ms) for stop in action.stops])) is not None:
            return problem(STOPS_OVERLAP, f"stop {at} begins before stop {at - 1} ends", stop=at)
        wanted = self._candidates(action)
        if isinstance(wanted, Answer):
            self._ledger.keep(key, request.fingerprint, wanted)
            return wanted
        event = TripBegun(action.driver_id, request.fingerprint, tuple(wanted), self._clock.now_ms())
        run = self._ledger.begin(event, key)
        note_trip(run.trip.id)
        self._go_on(run)
        return run

    def _check_draining(self) -> None:
        """Raise ``Draining`` when nothing is begun any more: its task would outlive the node's stop."""
        if self._draining:
            raise Draining("the node is stopping", retry_after_s=5)

    def _go_on(self, run: Run) -> None:
        run.task = asyncio.get_running_loop().create_task(self._see_through(run))

    async def _see_through(self, run: Run) -> None:
        """Do what is still to be done about a trip, until nothing is."""
        try:
            while True:
                if run.trip.status is TripStatus.PENDING:
                    await self._decide(run)
                elif not run.trip.is_settled:
                    await self._commit(run)
                elif run.trip.cancel_asked:
                    await self._cancel(run)
                else:
                    await self._ledger.durable(run)
                    if not run.trip.cancel_asked:
                        break
        except StoreError:
            return  # the node stops; what is on disk is gone on with after the restart
        except Exception as error:
            # A mistake of ours: what memory says of the trip may not be what the journal says.
            self._server.journal.fail(StoreFailed(run.trip.id, f"{type(error).__name__}: {error}"))
            raise
        self._ledger.forget(run)

    async def _decide(self, run: Run) -> None:
        if run.is_recovered:
            await self._ledger.room(run.waits)
            self._ledger.record(run, TripAborted(_RESTARTED), aborted_answer)
            return
        deadline_s = self._clock.monotonic_s() + self._limits.trip_decide_ms / 1000
        preparation = Preparation(run.trip, self._ask, self._clock, deadline_s, run.waits)
        outcome = await preparation.run()
        await self._ledger.room(run.waits)
        if isinstance(outcome, Failure):
            await self._abort(run, outcome, list(preparation.may_hold))
            return
        held = {(at, stop.point_id) for at, stop in enumerate(outcome)}
        run.replaced = [place for place in preparation.may_hold if place not in held]
        self._ledger.record(run, TripConfirmed(outcome), lambda trip: trip_answer(trip, 201))

    async def _abort(self, run: Run, failure: Failure, places: Sequence[tuple[int, str]]) -> None:
        """Decide that the trip is not to be. An answer that would be another later is kept only if somebody counts on it."""
        answer = refused_answer(failure.answer, run.trip.id, failure.stop)
        event = TripAborted(slug_of(answer), failure.stop)
        if is_final(answer):
            self._ledger.record(run, event, lambda _: answer)
        elif run.planning.is_promised:
            self._ledger.record(run, event, aborted_answer)
        else:
            self._ledger.record(run, event)
            run.planning.answer = answer
        await self._give_back(run, places, is_replaced=False)

    async def _give_back(self, run: Run, places: Sequence[tuple[int, str]], *, is_replaced: bool) -> None:
        """Tell owners that what they may have promised is not to stand."""
        requests = [Request(point_id, AbortStop(run.trip.id, at, is_replaced)) for at, point_id in places]
        await asyncio.gather(*(self._delivery.send(request, run.waits, tries=_ABORT_TRIES) for request in requests))

    async def _commit(self, run: Run) -> None:
        """Tell every owner that its stop stands, until it has acknowledged. The driver is told at once: it is decided."""
        await self._ledger.durable(run)
        run.planning.told.set()
        requests = [Request(stop.point_id, CommitStop(stop.reservation_id, run.trip.id)) for stop in run.trip.stops]
        answers = await asyncio.gather(*(self._delivery.send(request, run.waits) for request in requests))
        for stop, answer in zip(run.trip.stops, answers, strict=True):
            if answer is not None and answer.status != 200:
                _log.critical("%s was confirmed; %s says: %s", run.trip.id, stop.reservation_id, answer.body.decode())
        await self._give_back(run, run.replaced, is_replaced=True)
        await self._ledger.room(run.waits)
        self._ledger.record(run, TripSettled())

    async def _cancel(self, run: Run) -> None:
        """Cancel every stop, as its terms allow, and enter what became of each."""
        await self._ledger.durable(run)
        trip, cancelling = run.trip, run.cancelling
        assert cancelling is not None
        outcomes = await asyncio.gather(*(self._cancel_stop(run, at, stop) for at, stop in enumerate(trip.stops)))
        await self._ledger.room(run.waits)
        self._ledger.record(run, TripCancelEnded(tuple(outcomes)))
        await self._ledger.durable(run)
        cancelling.answer = trip_answer(trip)
        if trip.status is not TripStatus.CANCELED:
            cancelling.answer = problem(TRIP_OVER, f"no stop of {trip.id} can be given back any more")
        cancelling.told.set()

    async def _cancel_stop(self, run: Run, at: int, stop: HeldStop) -> CancelOutcome:
        key = f"{run.trip.id}/cancel.{run.trip.seq}.{at}"
        request = Request(stop.point_id, Cancel(stop.reservation_id, run.trip.driver_id), key)
        answer = await self._delivery.send(request, run.waits)
        return CancelOutcome.CANCELED if answer is not None and answer.status == 200 else CancelOutcome.KEPT

    async def _outcome(self, run: Run, outcome: Outcome, deadline_s: float) -> Answer:
        """Return what became of it; in time, even if that is not known by then."""
        await self._wait(outcome, deadline_s)
        if outcome.answer is None:
            outcome.is_promised = True
        answer = outcome.answer
        await self._ledger.enter(run)
        return trip_answer(run.trip, 202) if answer is None else answer

    async def _wait(self, outcome: Outcome, deadline_s: float) -> None:
        left_s = deadline_s - self._clock.monotonic_s()
        try:
            async with asyncio.timeout(max(0.0, left_s)):
                await outcome.told.wait()
        except TimeoutError:
            return

    async def _room_by(self, deadline_s: float, waits: Waits) -> None:
        """Wait until the journal takes records, as a point's mailbox does. Raises ``DeadlineExceeded``."""
        try:
            async with asyncio.timeout(max(0.0, deadline_s - self._clock.monotonic_s())):
                await self._ledger.room(waits)
        except TimeoutError:
            raise DeadlineExceeded("it waited for the journal for too long", started=False) from None
