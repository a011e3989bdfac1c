"""The trips that a node coordinates: those under way in memory, all of them in the journal and the store."""

from collections.abc import Callable

from nodes.actors.outcome import key_reused, repeated
from nodes.actors.server import Server
from nodes.domain.ids import is_trip_id, trip_id
from nodes.domain.trip import Trip, TripBegun, TripEvent, TripStatus, advance, begin
from nodes.errors import NodeBusy
from nodes.ports import Clock, Store
from nodes.records import Answer, Kept
from nodes.trips.run import Run
from nodes.trips.waits import Part, Waits

_LOOKS = 4
"""How often a key is looked up anew when its answer left memory meanwhile."""


class TripLedger:
    """Finds trips, and enters what happens to them. At most ``trips_max`` are under way."""

    def __init__(self, server: Server, store: Store, clock: Clock) -> None:
        self.runs: dict[str, Run] = {}
        """By trip: what is under way."""
        self._server = server
        self._store = store
        self._clock = clock
        self._count = 0
        self._by_key: dict[str, Run] = {}
        self._looked_up: dict[str, None] = {}

    def recover(self, trip: Trip) -> Run:
        """Take up a trip that an earlier life of this node left."""
        run = self.runs[trip.id] = Run(trip, self._waits(), is_recovered=True)
        if trip.status is TripStatus.PENDING:
            self._by_key[trip.key] = run
        return run

    def begin(self, event: TripBegun, key: str) -> Run:
        """Begin a new trip. It is written down with its decision, or by ``enter`` if somebody counts on it before.

        Raises ``NodeBusy``. Until then a crash forgets it, and so aborts it.
        """
        self._count += 1
        identifier = trip_id(self._server.config.node_id, self._server.epoch, self._count)
        run = Run(begin(identifier, key, self._server.epoch, event), self._waits(), begun=event)
        self.admit(run)
        self._by_key[key] = run
        return run

    async def enter(self, run: Run) -> None:
        """Make it durable that a trip was begun: whoever is told of it can ask for it after a crash. Raises ``StoreError``."""
        if run.begun is not None:
            await self.room(run.waits)
        if run.begun is not None:
            event, run.begun = run.begun, None
            run.segment = self._server.journal.append(run.trip.id, 0, self._clock.now_ms(), [event], run.trip.key)
        await self.durable(run)

    def admit(self, run: Run) -> None:
        """Count a trip as under way. Raises ``NodeBusy``."""
        if run.trip.id not in self.runs and len(self.runs) >= self._server.config.limits.trips_max:
            raise NodeBusy(f"{len(self.runs)} trips are under way")
        self.runs[run.trip.id] = run

    async def known(self, key: str, fingerprint: str) -> Run | Answer | None:
        """Return what is known of a key: the trip under way, or the answer that was given; None: it is new.

        Nothing may be awaited between a None and ``begin``, so that a key begins one trip.
        """
        answers, now_ms = self._server.answers, self._clock.now_ms()
        looked: int | None = None
        for _ in range(_LOOKS):
            if (run := self._by_key.get(key)) is not None:
                return run if run.trip.fingerprint == fingerprint else key_reused()
            if (entry := answers.find(key, now_ms)) is not None:
                await self._server.journal.flushed(entry.segment)
                return repeated(entry.kept, fingerprint)
            if not (answers.may_be_stored(key, now_ms) if looked is None else answers.may_have_left(key, looked)):
                return None
            looked = answers.evicted
            stored = await self._store.find_answer(key)
            if stored is not None and answers.is_valid(stored, now_ms):
                return repeated(stored, fingerprint)
        raise NodeBusy("what this key stands for changes too fast")

    async def find(self, identifier: str) -> Run | None:
        """Return a trip, under way or over."""
        run = self.runs.get(identifier)
        if run is not None or not is_trip_id(identifier):
            return run
        trip = await self._store.find_trip(identifier)
        return self.runs.get(identifier) or (None if trip is None else Run(trip, self._waits()))

    async def find_to_change(self, identifier: str) -> Run | None:
        """Return a trip as it is now: nobody else changes it between the look into the store and the return."""
        if identifier in self._looked_up:
            raise NodeBusy(f"{identifier} is being looked up")
        self._looked_up[identifier] = None
        try:
            return await self.find(identifier)
        finally:
            del self._looked_up[identifier]

    def record(self, run: Run, event: TripEvent, answer: Callable[[Trip], Answer] | None = None) -> None:
        """Enter an event of a trip, and with it the answer that its key stands for from now on."""
        journal, trip = self._server.journal, run.trip
        if journal.failure is not None:
            raise journal.failure
        now_ms = self._clock.now_ms()
        begun, run.begun = run.begun, None
        events, seq = ([event], trip.seq) if begun is None else ([begun, event], 0)
        run.segment = journal.append(trip.id, seq, now_ms, events, trip.key)
        advance(trip, event, self._server.epoch, now_ms)
        if answer is not None:
            run.planning.answer = answer(trip)
            self.keep(trip.key, trip.fingerprint, run.planning.answer)

    def keep(self, key: str, fingerprint: str, answer: Answer) -> None:
        """Keep an answer under a key, in one transaction with what was just recorded. Raises ``StoreError``."""
        journal = self._server.journal
        if journal.failure is not None:
            raise journal.failure
        now_ms = self._clock.now_ms()
        kept = Kept(key, fingerprint, answer, now_ms)
        self._server.answers.remember(kept, journal.keep(kept), now_ms)

    async def room(self, waits: Waits) -> None:
        """Wait until the journal takes records. Nothing is awaited between this and the record."""
        journal = self._server.journal
        while not journal.has_room:
            if journal.failure is not None:
                raise journal.failure
            with waits.waiting(Part.QUEUE):
                await journal.flushed()

    def check_room(self) -> None:
        """Raise ``NodeBusy`` when the journal takes no more records now."""
        if not self._server.journal.has_room:
            raise NodeBusy("the journal is behind")

    def forget(self, run: Run) -> None:
        """Let go of a trip about which nothing is to be done any more, and all of which is on disk."""
        run.planning.told.set()
        if self._by_key.get(run.trip.key) is run:
            del self._by_key[run.trip.key]
        self.runs.pop(run.trip.id, None)

    async def durable(self, run: Run) -> None:
        """Wait until everything entered of a trip is on disk. Raises ``StoreError``."""
        with run.waits.waiting(Part.WRITE):
            await self._server.journal.flushed(run.segment)

    def _waits(self) -> Waits:
        return Waits(self._clock, self._server.config.node_id)
