"""Part of P5: what was asked for only if the point is in one state was done in that state, or not at all."""

from collections import defaultdict
from collections.abc import Iterator

from sim.audit.claims import is_made_by
from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.requests import Request
from sim.audit.rows import Event, Witness
from sim.audit.verdicts import Findings


def check_preconditions(evidence: Evidence, findings: Findings) -> None:
    """Look at every reservation and cancellation that named a witness: told, or found in the journal."""
    demanding = [(request, found) for request in evidence.requests if (found := _demanded(request)) is not None]
    made = _made(evidence) if demanding else {}
    for request, demanded in demanding:
        findings.checked += 1
        for operation, before, event in _effects(evidence, request, made.get(request.key or "", [])):
            if before != demanded:
                message = f"it was to be done at {demanded} only, and was done at {before}"
                findings.violated(
                    "precondition-ignored", operation.point, message, operations=[operation], events=[event]
                )
        for refused in request.attempts:
            if refused.error == "precondition-failed" and refused.witness == demanded:
                message = f"it was to be done at {demanded} only, and refused though the point was there"
                findings.violated("precondition-unfounded", refused.point, message, operations=[refused])


def _demanded(request: Request) -> Witness | None:
    found = request.attempts[0].asked.get("if_match")
    if request.attempts[0].f not in ("reserve", "cancel") or not isinstance(found, list) or len(found) != 2:
        return None
    return found[0], found[1]


def _made(evidence: Evidence) -> dict[str, list[Event]]:
    """Return the events that made reservations, by key."""
    found: dict[str, list[Event]] = defaultdict(list)
    for row in evidence.reservations.values():
        log = evidence.logs.get(row.point_id)
        if row.idempotency_key is not None and log is not None:
            found[row.idempotency_key] += [
                event for event in log.about.get(row.id, []) if event.type == "reservation.reserved"
            ]
    return found


def _effects(evidence: Evidence, request: Request, made: list[Event]) -> Iterator[tuple[Operation, Witness, Event]]:
    """Yield each event that the request made, and the state it was made in: one event before, in the same epoch."""
    first = request.attempts[0]
    for event in made:
        if first.f == "reserve" and not request.is_reuse:
            yield first, (event.epoch, event.seq - 1), event
    log = evidence.logs.get(first.point or "")
    for decision in request.decisions[:1]:
        event_told = None if log is None or decision.witness is None else log.by_witness.get(decision.witness)
        if event_told is not None and event_told not in made and decision.is_ok and is_made_by(event_told, decision):
            yield decision, (event_told.epoch, event_told.seq - 1), event_told
