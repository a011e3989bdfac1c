"""P3: all stops of a trip are reserved, or none stays reserved, under any crash or partition.

A trip is the set of reservations that carry its id, on whatever node they are. The nodes sell none yet.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.rows import ReservationRow
from sim.audit.verdicts import Findings

_GRANTED = frozenset({"RESERVED", "ACTIVE", "FULFILLED", "NO_SHOW"})
"""Statuses of a stop that was reserved for good, and was not given back."""
_BY_THE_POINT = frozenset({"fault", "point-unavailable"})
"""Reasons for which a point gives back a single stop long after the trip was decided."""


def check_trips(evidence: Evidence, findings: Findings) -> None:
    """Check promise P3."""
    trips: dict[str, list[ReservationRow]] = defaultdict(list)
    for row in evidence.reservations.values():
        if row.trip_id is not None:
            trips[row.trip_id].append(row)
    asked = [operation for operation in evidence.history.operations if operation.f == "trip"]
    if not trips and not asked:
        findings.notes.append("there were no trips in this run")
        return
    for trip_id, stops in trips.items():
        findings.checked += 1
        _check_atomic(evidence, trip_id, stops, findings)
    for operation in asked:
        findings.checked += 1
        _check_answer(operation, trips, findings)


def _check_atomic(evidence: Evidence, trip_id: str, stops: list[ReservationRow], findings: Findings) -> None:
    """No stop stays reserved beside one that was not granted. One in doubt is P8's business."""
    granted = [row for row in stops if row.status in _GRANTED]
    missing = [row for row in stops if row.status == "REJECTED" or _was_taken_back(evidence, row)]
    if granted and missing:
        message = f"trip {trip_id} is half there: {_statuses(stops)}"
        asked = [found for found in evidence.history.operations if _trip_of(found) == trip_id]
        findings.violated("half-a-trip", granted[0].point_id, message, operations=asked, rows=stops)


def _was_taken_back(evidence: Evidence, row: ReservationRow) -> bool:
    """Whether the trip's end took the stop back: no driver gave back just that stop, and no fault of the point."""
    if row.status != "CANCELED" or row.reason in _BY_THE_POINT:
        return False
    return not any(request.may_have_acted for request in evidence.callers.about("cancel", row.id))


def _check_answer(operation: Operation, trips: dict[str, list[ReservationRow]], findings: Findings) -> None:
    """An acknowledged trip has all its stops; of a refused one none stays."""
    trip_id = _trip_of(operation)
    stops = trips.get(trip_id or "", []) or _under_key(trips.values(), operation.key)
    if operation.outcome == "ok" and operation.told.get("status") == "CONFIRMED":
        told = _stops_told(operation)
        lost = sorted(set(told) - {row.id for row in stops})
        if lost or not told:
            message = f"trip {trip_id} was acknowledged; of its stops {', '.join(lost) or 'all'} are not there"
            findings.violated("stop-lost", None, message, operations=[operation], rows=stops)
    elif operation.outcome == "fail":
        left = [row for row in stops if row.status in _GRANTED]
        if left:
            message = f"trip {trip_id or operation.key} was refused ({operation.error}); there is {_statuses(left)}"
            findings.violated("refused-and-reserved", left[0].point_id, message, operations=[operation], rows=left)


def _trip_of(operation: Operation) -> str | None:
    told = operation.told.get("id") if operation.f == "trip" else None
    return told if isinstance(told, str) else operation.trip


def _stops_told(operation: Operation) -> list[str]:
    """Return the reservations that an acknowledgement names, as ids or as objects."""
    stops: Any = operation.told.get("stops")
    names = [stop.get("id") if isinstance(stop, dict) else stop for stop in stops] if isinstance(stops, list) else []
    return [name for name in names if isinstance(name, str)]


def _under_key(trips: Iterable[list[ReservationRow]], key: str | None) -> list[ReservationRow]:
    return [row for stops in trips for row in stops if key is not None and row.idempotency_key == key]


def _statuses(stops: list[ReservationRow]) -> str:
    return ", ".join(f"{row.id} {row.status}" for row in stops)
