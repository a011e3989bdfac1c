"""Part of P4: a key stands for one request. Another one under it is refused, and told nothing of the first."""

from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.verdicts import Findings


def check_reused_keys(evidence: Evidence, findings: Findings) -> None:
    """No owner decides two different requests under one key. What they did is ``two-effects``, ``not-as-asked``."""
    for request in evidence.requests:
        if not request.is_reuse:
            continue
        findings.checked += 1
        first = evidence.callers.by_key[request.key or ""]
        if not first.decisions or not request.decisions:
            continue
        before, decision = first.decisions[0], request.decisions[0]
        if _owner(before) == _owner(decision):
            message = (
                f"key {request.key} came with {before.f} {before.asked} and with {decision.f} {decision.asked}; "
                f"both were decided, the latter as {decision.error or 'ok'} at {decision.witness}"
            )
            findings.violated("reused-key-accepted", decision.point, message, operations=[before, decision])


def _owner(operation: Operation) -> str:
    """Return the node that knows the key: each keeps its own."""
    return (operation.point or "").partition(".")[0]
