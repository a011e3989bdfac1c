"""P5: each point's history has a real-time order that explains every answer.

The owner says which order: every answer carries a witness, the number of events that the point had seen. So nothing has
to be searched for: the journal is replayed once, every answer is held against the state that it names, and the order of
witnesses against the order in which vehicles asked and were answered. O(n log n).
"""

from collections import defaultdict
from itertools import groupby

from sim.audit.black_box import check_black_box
from sim.audit.by_the_clock import TIMED, decided_between, objection_by_the_clock
from sim.audit.claims import is_made_by, objection_to_repeat
from sim.audit.evidence import Evidence
from sim.audit.explanations import (
    EXPLAINED,
    objection_to_change,
    objection_to_grant,
    objection_to_read,
    objection_to_refusal,
)
from sim.audit.operation import TOLD, Operation
from sim.audit.point_log import PointLog
from sim.audit.point_state import PointState
from sim.audit.preconditions import check_preconditions
from sim.audit.real_time import Answer, check_real_time
from sim.audit.requests import is_decision
from sim.audit.trespasses import check_trespasses
from sim.audit.verdicts import Findings

_GRANTS = ("reserve", "start")
"""What needs the point to be free."""


def check_linearizability(evidence: Evidence, findings: Findings) -> None:
    """Check promise P5."""
    answers = _answers(evidence, findings)
    unchecked = 0
    for point_id, found in answers.items():
        log = evidence.logs.get(point_id)
        if log is None:
            for answer in found:
                _violated(findings, "no-such-state", answer.operation, f"the journal knows no point {point_id}")
            continue
        existing = [answer for answer in found if _exists(evidence, log, answer, findings)]
        replay = _Replay(evidence, log, findings)
        for seq, together in groupby(existing, key=lambda answer: answer.witness[1]):
            replay.hold(seq, list(together))
        unchecked += replay.unchecked
        check_real_time(evidence, log, existing, findings)
    if unchecked:
        findings.notes.append(f"{unchecked} refusals depend on the clock: only their place in the order was checked")
    check_preconditions(evidence, findings)
    check_trespasses(evidence, findings)
    check_black_box(evidence, findings)


def _answers(evidence: Evidence, findings: Findings) -> dict[str, list[Answer]]:
    """Return every answer about a point that carries a witness, by point and in the order of witnesses."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for request in evidence.requests:
        for operation in request.attempts:
            witness, end_index = operation.witness, operation.end_index
            if operation.outcome == "info" or operation.point is None or operation.told.get("stale"):
                continue
            if witness is not None and end_index is not None:
                found[operation.point].append(Answer(operation, request, witness, end_index))
            elif operation.is_ok and (operation.f in TOLD or "status" in operation.told):
                _violated(findings, "no-witness", operation, "an answer about a point carries no witness")
    for answers in found.values():
        answers.sort(key=lambda answer: (answer.witness, answer.operation.index))
    return found


def _exists(evidence: Evidence, log: PointLog, answer: Answer, findings: Findings) -> bool:
    """Whether the state that the answer names ever was, on disk."""
    findings.checked += 1
    node = evidence.databases[log.point_id.partition(".")[0]].node
    why = log.state_exists(answer.witness)
    if answer.witness[0] > node.epoch:
        why = f"the node has come to epoch {node.epoch}"
    if why is not None:
        text = f"witness {answer.witness} names a state that never was: {why}"
        events = [event for event in log.events if event.seq == answer.witness[1]]
        findings.violated("no-such-state", log.point_id, text, operations=[answer.operation], events=events)
    return why is None


class _Replay:
    """Walks a point's journal along with the answers."""

    def __init__(self, evidence: Evidence, log: PointLog, findings: Findings) -> None:
        self.unchecked = 0
        self._evidence = evidence
        self._log = log
        self._findings = findings
        self._state = PointState(log.point_id)
        self._applied = 0

    def hold(self, seq: int, answers: list[Answer]) -> None:
        """Hold the answers that name the state after ``seq`` events against it. ``seq`` rises from call to call."""
        self._advance(seq - 1)
        for answer in answers:
            if answer.operation.f in _GRANTS and self._made(answer):
                self._explain(answer, "grant-unexplained", objection_to_grant(self._state, answer.operation))
        self._advance(seq)
        for answer in answers:
            self._hold_after(answer)

    def _advance(self, seq: int) -> None:
        events = self._log.events
        while self._applied < len(events) and events[self._applied].seq <= seq:
            self._state.apply(events[self._applied])
            self._applied += 1

    def _made(self, answer: Answer) -> bool:
        """Whether the answer's witness is the event that it was told of."""
        event = self._log.by_witness.get(answer.witness)
        return event is not None and answer.operation.is_ok and is_made_by(event, answer.operation)

    def _hold_after(self, answer: Answer) -> None:
        operation, state = answer.operation, self._state
        if operation.outcome == "fail":
            if operation.error in EXPLAINED:
                self._explain(answer, "refusal-unexplained", objection_to_refusal(state, operation))
            elif is_decision(operation):
                self._hold_against_the_clock(answer)
        elif operation.f == "read":
            self._explain(answer, "read-unexplained", objection_to_read(state, operation))
        elif operation.f == "operate" and operation.is_ok:
            self._explain(answer, "change-unexplained", objection_to_change(state, operation))
        elif operation.is_ok and operation.f in TOLD and not self._made(answer):
            text = objection_to_repeat(self._evidence, self._log, state, operation, answer.request)
            self._explain(answer, "witness-of-another", text)

    def _hold_against_the_clock(self, answer: Answer) -> None:
        operation = answer.operation
        decided = decided_between(self._evidence.history.circumstances, answer.request, operation)
        if operation.error not in TIMED or decided is None:
            self.unchecked += 1
            return
        self._explain(answer, "refusal-untimely", objection_by_the_clock(self._state, operation, decided))

    def _explain(self, answer: Answer, check: str, objection: str | None) -> None:
        """Record what the state has to say against the answer, if anything."""
        if objection is None:
            return
        operation = answer.operation
        about = self._log.about.get(str(operation.told.get("id", operation.subject)), [])
        shown = [event for event in about if operation.is_ok and is_made_by(event, operation)]
        shown = shown or [event for event in about if event.seq <= answer.witness[1]][-1:]
        events = {event.ver: event for event in [*shown, self._log.by_witness.get(answer.witness)] if event}
        message = f"the state at {answer.witness} does not explain the answer: {objection}"
        self._findings.violated(check, self._log.point_id, message, operations=[operation], events=events.values())


def _violated(findings: Findings, check: str, operation: Operation, message: str) -> None:
    findings.violated(check, operation.point, message, operations=[operation])
