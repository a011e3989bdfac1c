"""Part of P4: a key stands for one trip, whoever coordinated it and how often it was asked for."""

from collections import defaultdict

from sim.audit.evidence import Evidence
from sim.audit.rows import ReservationRow, TripRow
from sim.audit.trips import CONFIRMED
from sim.audit.verdicts import Findings


def check_trip_keys(evidence: Evidence, findings: Findings) -> None:
    """No key confirmed two trips; no stop of a trip was promised twice on one point."""
    by_key: dict[str, list[TripRow]] = defaultdict(list)
    for trip in evidence.trips.values():
        if trip.status in CONFIRMED:
            by_key[trip.idempotency_key].append(trip)
    for key, trips in by_key.items():
        findings.checked += 1
        if len(trips) > 1:
            request = evidence.callers.by_key.get(key)
            message = f"key {key} stands for {len(trips)} trips: {', '.join(trip.id for trip in trips)}"
            asked = [] if request is None else request.attempts
            findings.violated("two-effects", None, message, operations=asked, rows=trips)
    by_promise: dict[str, list[ReservationRow]] = defaultdict(list)
    for row in evidence.reservations.values():
        if row.trip_id is not None and row.idempotency_key is not None:
            by_promise[row.idempotency_key].append(row)
    for key, rows in by_promise.items():
        findings.checked += 1
        if len(rows) > 1:
            message = f"the promise {key} was given {len(rows)} times: {', '.join(row.id for row in rows)}"
            findings.violated("two-effects", rows[0].point_id, message, rows=rows)
