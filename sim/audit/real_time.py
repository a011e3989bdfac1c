"""Part of P5: who was answered before another asked did not see a later state.

Sweep from the last witness to the first, and remember the earliest answer among those that saw a later state. Whoever
began to ask after that answer was given, and saw an earlier state, saw a stale one. In the same way nobody may have
been answered from a state before what led to it was asked for.
"""

from dataclasses import dataclass
from enum import IntEnum

from sim.audit.evidence import Evidence
from sim.audit.operations import Operation
from sim.audit.point_log import PointLog
from sim.audit.requests import Request
from sim.audit.rows import Event, Witness
from sim.audit.verdicts import Findings


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that names a state. It was found between the first attempt's invocation and this one's completion."""

    operation: Operation
    request: Request

    @property
    def witness(self) -> Witness:
        """The state it names."""
        assert self.operation.witness is not None
        return self.operation.witness

    @property
    def end_index(self) -> int:
        """The line in which it was given."""
        assert self.operation.end_index is not None
        return self.operation.end_index


class _Step(IntEnum):
    """What is done at one witness, in this order."""

    COMPARE = 0
    """The answers with this witness with those that saw a later state."""
    REMEMBER = 1
    """The answers with this witness."""
    CAUSE = 2
    """The event with this witness: compare when it was asked for with those that saw it."""


def check_real_time(evidence: Evidence, log: PointLog, answers: list[Answer], findings: Findings) -> None:
    """Check one point's answers."""
    steps: list[tuple[Witness, _Step, Answer | Event]] = []
    for answer in answers:
        steps += [(answer.witness, _Step.COMPARE, answer), (answer.witness, _Step.REMEMBER, answer)]
    steps += [(event.witness, _Step.CAUSE, event) for event in log.events]
    steps.sort(key=lambda step: (-step[0][0], -step[0][1], step[1]))
    earliest: Answer | None = None
    for _, kind, what in steps:
        if isinstance(what, Event):
            _check_cause(evidence, log, what, earliest, findings)
        elif kind is _Step.REMEMBER:
            earliest = what if earliest is None or what.end_index < earliest.end_index else earliest
        elif earliest is not None and earliest.end_index < what.request.first_index:
            message = (
                f"what was asked in history {what.request.first_index} was answered from state {what.witness}; "
                f"before, in history {earliest.end_index}, an answer had come from the later state {earliest.witness}"
            )
            operations = [earliest.operation, what.request.attempts[0], what.operation]
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
