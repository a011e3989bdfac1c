"""Part of P5: who was answered before another asked did not see a later state.

Sweep in the order of witnesses. Whoever names a state must have been answered after everybody who names an earlier one
had begun to ask, and after all that led to the state had been asked for.
"""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class _Asked:
    """The latest moment so far at which somebody began to ask for what an earlier witness shows."""

    index: int
    operation: Operation
    event: Event | None = None


def check_real_time(evidence: Evidence, log: PointLog, answers: list[Answer], findings: Findings) -> None:
    """Check one point's answers, which come in the order of their witnesses."""
    latest: _Asked | None = None
    waiting: list[Answer] = []
    applied = 0
    for answer in answers:
        if waiting and waiting[0].witness != answer.witness:
            latest = _latest(
                [latest, *(_Asked(each.request.first_index, each.request.attempts[0]) for each in waiting)]
            )
            waiting = []
        while applied < len(log.events) and log.events[applied].witness <= answer.witness:
            latest = _latest([latest, _cause(evidence, log.events[applied])])
            applied += 1
        end_index = answer.operation.end_index
        if latest is not None and end_index is not None and end_index < latest.index:
            _violated(log, answer, latest, findings)
        waiting.append(answer)


def _cause(evidence: Evidence, event: Event) -> _Asked | None:
    """Return when an event was first asked for; None: the node made it, or nobody of this run asked."""
    callers = evidence.callers_of(event)
    if not callers:
        return None
    first = min(callers, key=lambda request: request.first_index)
    return _Asked(first.first_index, first.attempts[0], event)


def _latest(moments: list[_Asked | None]) -> _Asked | None:
    return max((moment for moment in moments if moment is not None), key=lambda moment: moment.index, default=None)


def _violated(log: PointLog, answer: Answer, asked: _Asked, findings: Findings) -> None:
    operation, other = answer.operation, asked.operation
    if asked.event is None:
        message = (
            f"line {operation.end_index} of the history was answered from state {answer.witness}; "
            f"line {other.index} was asked later and answered from an earlier state"
        )
    else:
        message = (
            f"line {operation.end_index} of the history was answered from state {answer.witness}, which holds "
            f"{asked.event.type} {asked.event.witness}; that was first asked for later, in line {other.index}"
        )
    events = [] if asked.event is None else [asked.event]
    findings.violated("real-time", log.point_id, message, operations=[operation, other], events=events)
