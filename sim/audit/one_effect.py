"""P4: a retry with the same key has one effect and the same answer, from any node, also after a crash."""

from collections import defaultdict
from typing import Any

from sim.audit.evidence import Evidence
from sim.audit.kept_answers import check_kept_answers, telling
from sim.audit.operation import Operation
from sim.audit.requests import Request
from sim.audit.reused_keys import check_reused_keys
from sim.audit.rows import ReservationRow
from sim.audit.trip_keys import check_trip_keys
from sim.audit.verdicts import Findings


def check_one_effect(evidence: Evidence, findings: Findings) -> None:
    """Check promise P4."""
    made = _made_under_keys(evidence)
    for request in evidence.callers.by_key.values():
        findings.checked += 1
        _check_answers(request, findings)
        _check_made(evidence, request, made.get(request.key or "", []), findings)
    _check_keys(evidence, made, findings)
    _check_repeated_effects(evidence, findings)
    check_kept_answers(evidence, made, findings)
    check_reused_keys(evidence, findings)
    check_trip_keys(evidence, findings)


def _made_under_keys(evidence: Evidence) -> dict[str, list[ReservationRow]]:
    """Return the reservations of each key; a trip makes several under one."""
    made: dict[str, list[ReservationRow]] = defaultdict(list)
    for row in evidence.reservations.values():
        if row.idempotency_key is not None and row.trip_id is None:
            made[row.idempotency_key].append(row)
    return made


def _check_answers(request: Request, findings: Findings) -> None:
    """All decisions under one key are the same."""
    for decision in request.decisions[1:]:
        first = request.decisions[0]
        if _answer(decision) != _answer(first):
            message = f"key {request.key} was answered {_text(first)}, then {_text(decision)}"
            findings.violated("two-answers", decision.point, message, operations=[first, decision])


def _answer(operation: Operation) -> tuple[Any, ...]:
    return operation.outcome, operation.error, operation.status, operation.told, operation.witness


def _text(operation: Operation) -> str:
    what = operation.error or ", ".join(f"{name} {value}" for name, value in operation.told.items())
    return f"{operation.outcome} ({what}) at {operation.witness}"


def _check_made(evidence: Evidence, request: Request, made: list[ReservationRow], findings: Findings) -> None:
    """What was acknowledged under a key is there once; what was refused is not there."""
    first = request.attempts[0]
    acknowledged = next((decision for decision in request.decisions if decision.is_ok), None)
    if acknowledged is not None and first.f == "reserve":
        if [row.id for row in made] != [acknowledged.told["id"]]:
            there = ", ".join(row.id for row in made) or "none"
            message = f"key {request.key} was acknowledged with {acknowledged.told['id']}; under it there is {there}"
            findings.violated("not-one-effect", first.point, message, operations=[acknowledged], rows=made)
    elif acknowledged is not None and first.f == "start":
        sessions = evidence.sessions_of[acknowledged.told["reservation_id"]]
        if len(sessions) != 1:
            message = (
                f"key {request.key} started {acknowledged.told['id']}; its reservation has {len(sessions)} sessions"
            )
            findings.violated("not-one-effect", first.point, message, operations=[acknowledged], rows=sessions)
    for row in made:
        if different := _not_as_asked(evidence, request, row):
            message = f"key {request.key} made {row.id}, which is not what was asked for: {different}"
            findings.violated("not-as-asked", row.point_id, message, operations=[first], rows=[row])
    refused = [attempt for attempt in request.attempts if attempt.outcome == "fail"]
    decided = any(decision.outcome == "fail" for decision in request.decisions)
    if made and acknowledged is None and (decided or not request.may_have_acted):
        message = f"key {request.key} was refused ({refused[0].error}), and there is {made[0].id}"
        findings.violated("refused-and-done", first.point, message, operations=telling(request), rows=made)


def _not_as_asked(evidence: Evidence, request: Request, row: ReservationRow) -> str | None:
    """Say how what is there under a key differs from what was asked, told or not."""
    first = request.attempts[0]
    if first.f not in ("reserve", "start"):
        return f"it was a {first.f}"
    if row.point_id != first.point:
        return f"it is of {row.point_id}, asked for was {first.point}"
    driver_id, end_ms = first.asked.get("driver_id"), first.asked.get("end_ms")
    if driver_id not in (None, row.driver_id):
        return f"it is {row.driver_id}'s, asked had {driver_id}"
    log = evidence.logs.get(row.point_id)
    events = [] if log is None else log.about.get(row.id, [])
    made_end_ms = next((event.data["end_ms"] for event in events if event.type == "reservation.reserved"), end_ms)
    return None if end_ms in (None, made_end_ms) else f"it ended at {made_end_ms}, asked for was {end_ms}"


def _check_keys(evidence: Evidence, made: dict[str, list[ReservationRow]], findings: Findings) -> None:
    """No key made two reservations, whether or not anybody was told."""
    for key, rows in made.items():
        findings.checked += 1
        if len(rows) > 1:
            request = evidence.callers.by_key.get(key)
            message = f"key {key} made {len(rows)} reservations: {', '.join(row.id for row in rows)}"
            attempts = [] if request is None else request.attempts
            findings.violated("two-effects", rows[0].point_id, message, operations=attempts, rows=rows)


def _check_repeated_effects(evidence: Evidence, findings: Findings) -> None:
    """Nothing was released, stopped, metered or started again after it was over."""
    for log in evidence.logs.values():
        for oddity in log.oddities:
            if oddity.kind == "over":
                asked = evidence.askers(*oddity.subjects)
                findings.violated("effect-repeated", log.point_id, oddity.text, operations=asked, events=[oddity.event])
    for reservation_id, sessions in evidence.sessions_of.items():
        if len(sessions) > 1:
            names = ", ".join(row.id for row in sessions)
            message = f"reservation {reservation_id} was used by {len(sessions)} sessions: {names}"
            findings.violated("two-effects", sessions[0].point_id, message, rows=sessions)
