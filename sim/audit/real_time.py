"""Part of P5: who was answered before another asked did not see a later state.

Sweep from the last witness to the first, and remember the earliest answer among those that saw a later state. Whoever
began to ask after that answer was given, and saw an earlier state, saw a stale one. In the same way nobody may have
been answered from a state before what led to it was asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.point_log import PointLog
from sim.audit.requests import Request
from sim.audit.rows import Event, Witness
from sim.audit.verdicts import Findings


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that names a state. It was found between the first attempt's invocation and this one's completion."""

    operation: Operation
    request: Request
    witness: Witness
    end_index: int
    """The line in which it was given."""


def check_real_time(evidence: Evidence, log: PointLog, answers: Sequence[Answer], findings: Findings) -> None:
    """Check one point's answers, which come in the order of their witnesses."""
    earliest: Answer | None = None
    events = list(log.events)
    for witness, same in groupby(reversed(answers), key=lambda answer: answer.witness):
        while events and events[-1].witness > witness:
            _check_cause(evidence, log, events.pop(), earliest, findings)
        together = list(same)
        for answer in together:
            _check_answer(log, answer, earliest, findings)
        first = min(together, key=lambda answer: answer.end_index)
        earliest = first if earliest is None or first.end_index < earliest.end_index else earliest
    while events:
        _check_cause(evidence, log, events.pop(), earliest, findings)


def _check_answer(log: PointLog, answer: Answer, earliest: Answer | None, findings: Findings) -> None:
    """Whoever began to ask after somebody had been answered from a later state than this one should have seen it."""
    request = answer.request
    if earliest is None or request.first_index < earliest.end_index:
        return
    message = (
        f"what was asked in history {request.first_index} was answered from state {answer.witness}; "
        f"before, in history {earliest.end_index}, an answer had come from the later state {earliest.witness}"
    )
    operations = [earliest.operation, request.attempts[0], answer.operation]
    findings.violated("real-time", log.point_id, message, operations=operations)


def _check_cause(evidence: Evidence, log: PointLog, event: Event, earliest: Answer | None, findings: Findings) -> None:
    """Whoever saw an event was answered after somebody had begun to ask for it. What the node does by itself is free."""
    callers = [] if earliest is None else evidence.callers_of(event)
    if not callers:
        return
    assert earliest is not None
    first = min(callers, key=lambda request: request.first_index)
    if earliest.end_index < first.first_index:
        message = (
            f"the answer in history {earliest.end_index}, from state {earliest.witness}, saw {event.type} "
            f"{event.witness}, which nobody asked for before history {first.first_index}"
        )
        operations = [earliest.operation, first.attempts[0]]
        findings.violated("real-time", log.point_id, message, operations=operations, events=[event])
