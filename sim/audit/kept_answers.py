"""Part of P4: the answer kept under a key is the one that was given, and stands beside what it tells of."""

from collections.abc import Mapping
from typing import Any

import orjson

from sim.audit.databases import Database
from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.requests import Request
from sim.audit.rows import AnswerRow, ReservationRow
from sim.audit.verdicts import Findings

_PROBLEM_PREFIX = "urn:recarga:problem:"
_CLOCKS_MS = 60_000
"""How far a node's clock may be from the scenario's."""


def check_kept_answers(evidence: Evidence, made: Mapping[str, list[ReservationRow]], findings: Findings) -> None:
    """Check every kept answer, and that none is missing. ``made`` are the reservations of each key."""
    for database in evidence.databases.values():
        for kept in database.answers:
            findings.checked += 1
            request = evidence.callers.by_key.get(kept.key)
            _check_kept(evidence, database, kept, request, findings)
            if kept.status >= 400 and made.get(kept.key):
                row = made[kept.key][0]
                message = f"key {kept.key} is kept as refused ({kept.status}), and there is {row.id}"
                asked = [] if request is None else telling(request)
                findings.violated("refused-and-done", row.point_id, message, operations=asked, rows=[kept, row])
        _check_missing(evidence, database, made, findings)


def telling(request: Request) -> list[Operation]:
    """Return the attempts that tell how it came about: the first that may have taken effect, the first refused."""
    acted = [attempt for attempt in request.attempts if attempt.may_have_acted]
    refused = [attempt for attempt in request.attempts if attempt.outcome == "fail"]
    return acted[:1] + refused[:1]


def _check_kept(
    evidence: Evidence, database: Database, kept: AnswerRow, request: Request | None, findings: Findings
) -> None:
    """The answer is what a vehicle was told, and names a state that was there."""
    if request is None:
        return
    for decision in request.decisions[:1]:
        different = _differs(decision, kept)
        if different:
            message = f"key {kept.key}: {different}"
            findings.violated("kept-differs", decision.point, message, operations=[decision], rows=[kept])
    first = request.attempts[0]
    log = evidence.logs.get(first.point or "")
    if kept.witness is None or log is None or not database.owns(log.point_id):
        return
    why = log.state_exists(kept.witness)
    if why is not None:
        message = f"key {kept.key}: the answer kept is from state {kept.witness}, which never was: {why}"
        findings.violated("kept-unfounded", first.point, message, operations=telling(request), rows=[kept])


def _check_missing(
    evidence: Evidence, database: Database, made: Mapping[str, list[ReservationRow]], findings: Findings
) -> None:
    """What was done under a key has its answer beside it: else a retry would do it once more.

    Answers expire, the oldest first. An older one that is still kept shows that this one has not.
    """
    if not database.answers or database.node.id in evidence.history.circumstances.bent_clocks():
        return
    oldest_ms = min(kept.created_ms for kept in database.answers)
    keys = {kept.key for kept in database.answers}
    for key, rows in made.items():
        request, row = evidence.callers.by_key.get(key), rows[0]
        if request is None or key in keys or not database.owns(row.point_id) or row.created_ms <= oldest_ms:
            continue
        message = f"key {key} made {row.id}, and no answer is kept under it"
        findings.violated("answer-lost", row.point_id, message, operations=request.attempts[:1], rows=[row])
    for key, request in evidence.callers.by_key.items():
        if key not in keys and key not in made and request.decisions:
            _check_decision_is_kept(evidence, database, request, oldest_ms, findings)


def _check_decision_is_kept(
    evidence: Evidence, database: Database, request: Request, oldest_ms: int, findings: Findings
) -> None:
    """What was decided and told is kept too where nothing was made, a refusal above all: else a retry decides anew."""
    decision = request.decisions[0]
    asked_ms = evidence.history.circumstances.civil_ms(request.attempts[0].time_ns)
    if decision.witness is None or asked_ms is None or asked_ms <= oldest_ms + _CLOCKS_MS:
        return
    if decision.point is not None and database.owns(decision.point):
        findings.checked += 1
        message = f"key {request.key} was answered {decision.error or 'ok'}, and no answer is kept under it"
        findings.violated("answer-lost", decision.point, message, operations=[decision])


def _differs(decision: Operation, kept: AnswerRow) -> str | None:
    """Say how the kept answer differs from what a vehicle was told."""
    if decision.status is not None and decision.status != kept.status:
        return f"the vehicle was told {decision.status}, kept is {kept.status}"
    if decision.witness != kept.witness:
        return f"the vehicle was told witness {decision.witness}, kept is {kept.witness}"
    try:
        body = orjson.loads(kept.body)
    except orjson.JSONDecodeError:
        return "the kept answer is no JSON"
    if not isinstance(body, dict):
        return "the kept answer is no JSON object"
    if decision.outcome == "fail":
        kept_error = str(body.get("type", "")).removeprefix(_PROBLEM_PREFIX)
        return None if kept_error == decision.error else f"the vehicle was told {decision.error}, kept is {kept_error}"
    for name, value in decision.told.items():
        if name in body and not _says(body[name], value):
            return f"the vehicle was told {name} {value!r}, kept is {body[name]!r}"
    return None


def _says(kept: Any, told: Any) -> bool:
    """Whether what is kept says what was told; of objects in a list a history tells some members."""
    if not isinstance(kept, list) or not isinstance(told, list) or len(kept) != len(told):
        return bool(kept == told)
    pairs = zip(kept, told, strict=True)
    return all(
        {name: one.get(name) for name in other} == other
        if isinstance(one, dict) and isinstance(other, dict)
        else one == other
        for one, other in pairs
    )
