"""Bugs of trips: half of one is sold, one is sold twice, or what was promised is never let go (P3, P4, P8)."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_COORDINATOR, _LEDGER = "nodes.trips.coordinator", "nodes.trips.ledger"
_IN_DOUBT, _PREPARATION = "nodes.trips.in_doubt", "nodes.trips.preparation"

TRIPS: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="promise-expires-alone",
        promise="P3",
        budget_seeds=100,
        story=(
            "A point lets go of a promise when its window begins, although the trip may be confirmed: unilateral-end, "
            "half-a-trip."
        ),
        edits=(
            Edit(
                "nodes.domain.point",
                "next((held for held in self._in_order() if held.status is not ReservationStatus.PENDING), None)",
                "next(self._in_order(), None)",
            ),
            Edit(
                "nodes.domain.decide",
                "    if first.status is ReservationStatus.RESERVED and point.no_show_ms(first) <= now_ms:\n",
                "    if first.status is ReservationStatus.PENDING and first.start_ms <= now_ms:\n"
                '        return [ReservationReleased(first.id, ReservationStatus.CANCELED, now_ms, "expired")]\n'
                "    if first.status is ReservationStatus.RESERVED and point.no_show_ms(first) <= now_ms:\n",
            ),
        ),
        needs_trips=True,
    ),
    PlantedBug(
        name="commit-before-decision-is-durable",
        promise="P3",
        budget_seeds=200,
        story=(
            "Owners are told that a trip stands before that is on the coordinator's disk: a crash takes the decision away "
            "and leaves the stops of those who heard of it: half-a-trip."
        ),
        edits=(
            Edit(
                _COORDINATOR,
                "        await self._ledger.durable(run)\n        run.planning.told.set()\n",
                "        run.planning.told.set()\n",
            ),
        ),
        scenario=("crash_at_commit_share",),
        needs_trips=True,
    ),
    PlantedBug(
        name="trip-answered-before-durable",
        promise="P3",
        budget_seeds=200,
        story="A driver is told of a trip that is not on the coordinator's disk yet: trip-lost.",
        edits=(
            Edit(
                _COORDINATOR,
                "        answer = outcome.answer\n        await self._ledger.enter(run)\n",
                "        answer = outcome.answer\n",
            ),
            Edit(
                _COORDINATOR,
                "        self._ledger.record(run, TripConfirmed(outcome), lambda trip: trip_answer(trip, 201))\n",
                "        self._ledger.record(run, TripConfirmed(outcome), lambda trip: trip_answer(trip, 201))\n"
                "        run.planning.told.set()\n",
            ),
        ),
        scenario=("crash_at_commit_share",),
        needs_trips=True,
    ),
    PlantedBug(
        name="presumed-commit",
        promise="P3",
        budget_seeds=100,
        story="A coordinator that has no record of a trip says that it stands: half-a-trip.",
        edits=(Edit(_COORDINATOR, "return TripStatus.ABORTED, False", "return TripStatus.CONFIRMED, True"),),
        needs_trips=True,
    ),
    PlantedBug(
        name="undecided-told-as-aborted",
        promise="P3",
        budget_seeds=200,
        story=(
            "An owner in doubt that asks while the trip is undecided is told that it was aborted, gives its stop back, and "
            "the trip is confirmed: half-a-trip."
        ),
        edits=(
            Edit(
                _IN_DOUBT,
                '            if told["status"] == TripStatus.PENDING:\n                return None\n',
                "",
            ),
        ),
        needs_trips=True,
    ),
    PlantedBug(
        name="every-stop-belongs",
        promise="P3",
        budget_seeds=300,
        story=(
            "An owner that asks about a confirmed trip is told that its stop stands, also when the trip was given another "
            "point for it: half-a-trip (one stop too many)."
        ),
        edits=(
            Edit(
                _COORDINATOR,
                "return status, any(stop.reservation_id == query.reservation_id for stop in run.trip.stops)",
                "return status, status is TripStatus.CONFIRMED",
            ),
        ),
        needs_trips=True,
    ),
    PlantedBug(
        name="failed-stop-left-out",
        promise="P3",
        budget_seeds=50,
        story="A trip of which one stop was refused is confirmed with the others: not-as-asked.",
        edits=(
            Edit(_PREPARATION, "        if failure is None:\n", "        if True:\n"),
            Edit(
                _PREPARATION,
                "            if task.done() and isinstance(failure := task.result(), Failure):\n                return failure\n",
                "            pass\n",
            ),
            Edit(
                _PREPARATION,
                "            return tuple(task.result() for task in tasks)",
                "            return tuple(task.result() for task in tasks if not isinstance(task.result(), Failure))",
            ),
        ),
        needs_trips=True,
    ),
    PlantedBug(
        name="stops-cancelled-by-halves",
        promise="P3",
        budget_seeds=100,
        story="When a trip is given back its last stop is not, and is said to be: canceled-and-held.",
        edits=(
            Edit(
                _COORDINATOR,
                "(self._cancel_stop(run, at, stop) for at, stop in enumerate(trip.stops))",
                "(self._cancel_stop(run, 0, trip.stops[0]) for at, stop in enumerate(trip.stops))",
            ),
        ),
        needs_trips=True,
    ),
    PlantedBug(
        name="key-under-way-not-joined",
        promise="P4",
        budget_seeds=100,
        story=(
            "A key that comes again while its trip is under way begins another trip: two-effects, or a refusal because of "
            "the first one's stops: two-answers, refused-and-reserved."
        ),
        edits=(
            Edit(_LEDGER, "        self.admit(run)\n        self._by_key[key] = run\n", "        self.admit(run)\n"),
        ),
        scenario=("repeat_share",),
        needs_trips=True,
    ),
    PlantedBug(
        name="trip-not-kept-under-its-key",
        promise="P4",
        budget_seeds=100,
        story="What was decided on a trip is not kept under its key: asked again, another trip is begun: two-effects.",
        edits=(
            Edit(
                _LEDGER,
                "            self.keep(trip.key, trip.fingerprint, run.planning.answer)\n",
                "",
            ),
        ),
        needs_trips=True,
    ),
    PlantedBug(
        name="doubts-forgotten-in-a-crash",
        promise="P8",
        budget_seeds=200,
        story="What an earlier life of an owner promised is not asked about after its restart: in-doubt-leaked.",
        edits=(Edit(_IN_DOUBT, "for reservation_id in actor.point.in_doubt.values():", "for reservation_id in ():"),),
        needs_trips=True,
    ),
    PlantedBug(
        name="undecided-forgotten-in-a-crash",
        promise="P8",
        budget_seeds=200,
        story=(
            "A coordinator that restarts does not take up what it had not decided, and says for ever that it is not "
            "decided: trip-leaked, in-doubt-leaked."
        ),
        edits=(Edit(_COORDINATOR, "        for trip in recovered:\n", "        for trip in recovered[:0]:\n"),),
        needs_trips=True,
    ),
    PlantedBug(
        name="doubt-asked-about-once",
        promise="P8",
        budget_seeds=200,
        story="An owner in doubt asks once; when nobody can say, it never asks again: in-doubt-leaked.",
        edits=(
            Edit(
                _IN_DOUBT,
                "        self._due[reservation_id] = (self._clock.monotonic_s() + pause_ms / 1000, tried + 1)\n",
                "        del self._due[reservation_id]\n",
            ),
        ),
        needs_trips=True,
    ),
    PlantedBug(
        name="trips-unbounded",
        promise="P10",
        budget_seeds=100,
        story="However many trips are under way, another one is begun: the gauge of trips is over its bound.",
        edits=(
            Edit(
                _LEDGER,
                "if run.trip.id not in self.runs and len(self.runs) >= self._server.config.limits.trips_max:",
                "if run.trip.id not in self.runs and self._server.config.limits.trips_max < 0:",
            ),
        ),
        scenario=("trips_max",),
        needs_trips=True,
    ),
)
