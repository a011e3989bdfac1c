"""P3: all stops of a trip are reserved, or none stays reserved, under any crash or partition.

A trip is what its coordinator decided: the reservations that its row names, if it was confirmed; nothing, if it was not,
or if there is no row. Every stop on every node is held against that, and so is every answer.
"""

from collections import defaultdict
from typing import Any

import orjson

from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.requests import Request
from sim.audit.rows import ReservationRow, TripRow
from sim.audit.verdicts import Findings

CONFIRMED = frozenset({"CONFIRMED", "CANCELED"})
"""Statuses of a trip that was decided on: its stops stood."""
_STOOD = frozenset({"RESERVED", "ACTIVE", "FULFILLED", "NO_SHOW", "CANCELED"})
"""Statuses of a stop that was let stand, whatever became of it."""
_HELD = frozenset({"PENDING", "RESERVED", "ACTIVE"})
_BY_THE_POINT = frozenset({"fault", "point-unavailable", "no-show", "window-over"})
"""Reasons for which a point ends a single stop long after the trip was decided."""


def check_trips(evidence: Evidence, findings: Findings) -> None:
    """Check promise P3."""
    stops: dict[str, list[ReservationRow]] = defaultdict(list)
    for row in evidence.reservations.values():
        if row.trip_id is not None:
            stops[row.trip_id].append(row)
    asked = [request for request in evidence.requests if request.attempts[0].f == "trip"]
    if not stops and not asked and not evidence.trips:
        findings.notes.append("there were no trips in this run")
        return
    for trip_id in {**stops, **evidence.trips}:
        findings.checked += 1
        _check_trip(evidence, trip_id, stops.get(trip_id, []), findings)
    for request in asked:
        for attempt in request.attempts:
            findings.checked += 1
            _check_answer(evidence, request, attempt, findings)
    _check_unilateral(evidence, findings)


def stops_of(trip: TripRow) -> list[dict[str, Any]]:
    """Return the reservations that a trip's decision names; none if it cannot be read."""
    try:
        found = orjson.loads(trip.stops)
    except orjson.JSONDecodeError:
        return []
    return [stop for stop in found if isinstance(stop, dict)] if isinstance(found, list) else []


def _check_trip(evidence: Evidence, trip_id: str, stops: list[ReservationRow], findings: Findings) -> None:
    """Every stop is as the decision says: it stood if it is named, and never if it is not."""
    trip = evidence.trips.get(trip_id)
    named = _named(trip)
    by_id = {row.id: row for row in stops}
    about: list[ReservationRow | TripRow] = [*([] if trip is None else [trip]), *stops]
    asked = _askers(evidence, trip)

    def violated(check: str, point: str | None, message: str) -> None:
        findings.violated(check, point, message, operations=asked, rows=about)

    decision = "there is no such trip" if trip is None else f"the trip is {trip.status}"
    for row in stops:
        if row.status in _STOOD and row.id not in named:
            violated("half-a-trip", row.point_id, f"{row.id} of {trip_id} was let stand ({row.status}), and {decision}")
        elif row.status == "REJECTED" and row.id in named:
            violated("half-a-trip", row.point_id, f"{row.id} was given back, and {trip_id} is confirmed with it")
        elif row.id in named and _was_taken_back(evidence, row) and not _is_context(evidence, trip):
            violated("half-a-trip", row.point_id, f"{row.id} of {trip_id} was cancelled, and nobody had asked for it")
    for name in _given_back(trip):
        if name in by_id and by_id[name].status in _HELD:
            message = f"{name} is still {by_id[name].status}, and {trip_id} is said to have given it back"
            violated("canceled-and-held", by_id[name].point_id, message)
    for name in named:
        if name not in by_id:
            point = name.rpartition(".")[0]
            violated("stop-lost", point, f"{trip_id} is confirmed with {name}, which is not there")


def _named(trip: TripRow | None) -> list[str]:
    if trip is None or trip.status not in CONFIRMED:
        return []
    return [str(stop.get("reservation_id")) for stop in stops_of(trip)]


def _given_back(trip: TripRow | None) -> list[str]:
    """Return the stops that were cancelled with the trip, as its coordinator says."""
    outcomes = [] if trip is None else orjson.loads(trip.outcomes)
    return [name for name, outcome in zip(_named(trip), outcomes, strict=False) if outcome == "CANCELED"]


def _was_taken_back(evidence: Evidence, row: ReservationRow) -> bool:
    """Whether the stop was cancelled though neither it nor its trip was asked to be, and no fault of the point was why."""
    if row.status != "CANCELED" or row.reason in _BY_THE_POINT:
        return False
    asked = [*evidence.callers.about("cancel", row.id), *evidence.callers.about("cancel_trip", row.trip_id or "")]
    return not any(request.may_have_acted for request in asked)


def _is_context(evidence: Evidence, trip: TripRow | None) -> bool:
    """Whether the trip is not this run's: a network that ran already has other clients, whose requests nobody wrote down."""
    is_remote = evidence.history.circumstances.mode == "remote"
    return is_remote and trip is not None and trip.idempotency_key not in evidence.callers.by_key


def _askers(evidence: Evidence, trip: TripRow | None) -> list[Operation]:
    request = None if trip is None else evidence.callers.by_key.get(trip.idempotency_key)
    return [] if request is None else request.attempts[:3]


def _check_answer(evidence: Evidence, request: Request, operation: Operation, findings: Findings) -> None:
    """An acknowledged trip is its coordinator's, with these stops, as asked; of a refused one nothing was decided."""
    if operation.outcome == "ok":
        _check_acknowledged(evidence, operation, findings)
    elif operation.outcome == "fail" and operation in request.decisions:
        confirmed = [
            trip
            for trip in evidence.trips.values()
            if trip.idempotency_key == operation.key and trip.status in CONFIRMED
        ]
        if confirmed:
            message = f"the trip of key {operation.key} was refused ({operation.error}), and {confirmed[0].id} stands"
            findings.violated("refused-and-reserved", None, message, operations=[operation], rows=confirmed)


def _check_acknowledged(evidence: Evidence, operation: Operation, findings: Findings) -> None:
    trip_id = operation.told.get("id")
    trip = evidence.trips.get(str(trip_id))
    told = _told_stops(operation)
    rows = [] if trip is None else [trip]

    def violated(check: str, message: str) -> None:
        findings.violated(check, None, message, operations=[operation], rows=rows)

    if trip is None or trip.status not in CONFIRMED:
        found = "is not there" if trip is None else f"is {trip.status}"
        violated("trip-lost", f"trip {trip_id} was acknowledged, and {found}")
    elif [stop.get("id") for stop in told] != _named(trip):
        names = ", ".join(str(stop.get("id")) for stop in told)
        violated("stop-lost", f"trip {trip_id} was acknowledged with {names or 'no stops'}; it has {_named(trip)}")
    elif different := _not_as_asked(operation, told):
        violated("not-as-asked", f"trip {trip_id} is not what was asked for: {different}")


def _not_as_asked(operation: Operation, told: list[dict[str, Any]]) -> str | None:
    """Say how the stops differ from those asked for."""
    asked = operation.asked.get("stops")
    if not isinstance(asked, list) or not all(isinstance(wish, dict) for wish in asked):
        return None
    if len(asked) != len(told):
        return f"{len(asked)} stops were asked for, {len(told)} are there"
    for at, (wish, stop) in enumerate(zip(asked, told, strict=True)):
        points = wish.get("points") or wish.get("any_of") or [wish.get("point_id")]
        if any(points) and stop.get("point_id") not in points:
            return f"stop {at} is on {stop.get('point_id')}, asked for were {', '.join(map(str, points))}"
        if wish.get("end_ms") not in (None, stop.get("end_ms")):
            return f"stop {at} ends at {stop.get('end_ms')}, asked for was {wish.get('end_ms')}"
    return None


def _told_stops(operation: Operation) -> list[dict[str, Any]]:
    """Return the stops that an acknowledgement names, as ids or as objects."""
    stops = operation.told.get("stops")
    found = stops if isinstance(stops, list) else []
    return [stop if isinstance(stop, dict) else {"id": stop} for stop in found]


def _check_unilateral(evidence: Evidence, findings: Findings) -> None:
    """What a point has promised ends by the trip's decision, and by nothing else."""
    for log in evidence.logs.values():
        for oddity in log.oddities:
            if oddity.kind == "unilateral":
                findings.violated("unilateral-end", log.point_id, oddity.text, events=[oddity.event])
