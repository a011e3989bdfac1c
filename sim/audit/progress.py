"""Part of P8: when all was mended nothing stays in doubt. Whoever asks, and asks again, comes to an answer.

One request may still be lost to a slow network or a full mailbox; not one after the other. So it is counted what was
asked ``_TRIES_MIN`` times or more after the network had time to settle: of a node about a point, and under one key.
"""

from collections import defaultdict

from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.requests import is_decision
from sim.audit.verdicts import Findings

_SETTLING_NS = 60_000_000_000
"""After all was mended: nodes start again, meet the broker, and write down what had to wait."""
_TRIES_MIN = 5


def check_progress(evidence: Evidence, findings: Findings) -> None:
    """Check what promise P8 says of requests after healing."""
    circumstances = evidence.history.circumstances
    if circumstances.heal_ns is None or not circumstances.ended:
        return
    since_ns = circumstances.heal_ns + _SETTLING_NS
    places: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in evidence.history.operations:
        if operation.time_ns >= since_ns and operation.node is not None and operation.point is not None:
            places[operation.node, operation.point].append(operation)
    for (node, point), asked in places.items():
        findings.checked += 1
        if _is_stuck(asked):
            message = (
                f"{node} was asked {len(asked)} times for {point} with all faults mended, and never {_came(asked)}"
            )
            findings.violated("never-answered", point, message, operations=asked[:1] + asked[-1:])
    for request in evidence.callers.by_key.values():
        asked = [attempt for attempt in request.attempts if attempt.time_ns >= since_ns]
        findings.checked += bool(asked)
        if not request.decisions and _is_stuck(asked):
            message = f"what became of key {request.key} was asked {len(asked)} times with all faults mended: it never {_came(asked)}"
            findings.violated("never-resolved", asked[0].point, message, operations=request.attempts[:1] + asked[-1:])


def _is_stuck(asked: list[Operation]) -> bool:
    return len(asked) >= _TRIES_MIN and not any(is_decision(each) for each in asked)


def _came(asked: list[Operation]) -> str:
    return f"came to an answer (in the end: {asked[-1].error or 'none'})"
