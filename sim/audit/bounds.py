"""P10: everything has a stated bound; whoever is turned away over it is told when to come again."""

from sim.audit.evidence import Evidence
from sim.audit.verdicts import Findings

_TURNED_AWAY = (429, 503)
_RETRY_MIN_S = 1


def check_bounds(evidence: Evidence, findings: Findings) -> None:
    """Check promise P10."""
    _check_gauges(evidence, findings)
    if evidence.history.circumstances.mode == "virtual":
        _check_retry_after(evidence, findings)
    if not findings.checked:
        findings.notes.append("no node told how far it came to its bounds")


def _check_gauges(evidence: Evidence, findings: Findings) -> None:
    """The highest value that anything bounded had is within its bound."""
    for gauge in evidence.history.circumstances.gauges:
        findings.checked += 1
        if not gauge.value <= gauge.bound:
            message = (
                f"{gauge.node}: {gauge.name} came to {gauge.value}, its bound is {gauge.bound} (history {gauge.line})"
            )
            findings.violated("over-bound", None, message)


def _check_retry_after(evidence: Evidence, findings: Findings) -> None:
    """Every 429 and 503 says when to ask again. Histories of local runs do not tell what was said."""
    for operation in (*evidence.history.operations, *evidence.history.views):
        if operation.status in _TURNED_AWAY:
            findings.checked += 1
            told_s = operation.retry_after_s
            if not (isinstance(told_s, int | float) and told_s >= _RETRY_MIN_S):
                said = "nothing" if told_s is None else repr(told_s)
                message = f"{operation.status} {operation.error}: when to ask again is told as {said}"
                findings.violated("retry-after", operation.point, message, operations=[operation])
