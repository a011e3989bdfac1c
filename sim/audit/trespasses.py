"""Part of P5: what is one driver's no other driver ends, whoever asks and whatever becomes of the answer."""

from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.requests import Request
from sim.audit.rows import Event
from sim.audit.verdicts import Findings

_ENDS = {"cancel": "reservation.released", "stop": "session.stopped"}
"""The event by which somebody else's would be ended."""


def check_trespasses(evidence: Evidence, findings: Findings) -> None:
    """Nobody is told ok about another driver's reservation or session, nor has it ended though only others asked."""
    for request in evidence.callers.trespassers:
        findings.checked += 1
        first, name = request.attempts[0], request.attempts[0].subject
        told = next((attempt for attempt in request.attempts if attempt.outcome == "ok"), None)
        effect = _effect(evidence, request)
        if told is not None:
            message = f"{first.asked['driver_id']} was allowed to {first.f} {name}, which is another driver's"
            _violated(findings, told, message, effect)
        elif effect is not None and not evidence.callers_of(effect):
            message = f"{name} was ended at a driver's wish, and nobody but {first.asked['driver_id']} had asked for it"
            _violated(findings, first, message, effect)


def _effect(evidence: Evidence, request: Request) -> Event | None:
    """Return the event that did what was asked, whoever asked for it."""
    first = request.attempts[0]
    log, kind = evidence.logs.get(first.point or ""), _ENDS.get(first.f)
    about = [] if log is None else log.about.get(first.subject or "", [])
    return next((event for event in about if event.type == kind and event.data["reason"] == "driver"), None)


def _violated(findings: Findings, operation: Operation, message: str, effect: Event | None) -> None:
    events = [] if effect is None else [effect]
    findings.violated("trespass-allowed", operation.point, message, operations=[operation], events=events)
