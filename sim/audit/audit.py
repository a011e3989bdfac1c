"""The audit: a run's folder in, a verdict for every promise out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.audit.books import check_books
from sim.audit.bounds import check_bounds
from sim.audit.convergence import check_convergence
from sim.audit.durability import check_durability
from sim.audit.evidence import Evidence, read_evidence
from sim.audit.leaks import check_leaks
from sim.audit.linearizability import check_linearizability
from sim.audit.no_double_booking import check_no_double_booking
from sim.audit.one_effect import check_one_effect
from sim.audit.ownership import check_ownership
from sim.audit.story import tell
from sim.audit.trips import check_trips
from sim.audit.verdicts import Findings, PromiseResult, Verdict

Check = Callable[[Evidence, Findings], None]

CHECKS: dict[str, Check] = {
    "P1": check_no_double_booking,
    "P2": check_durability,
    "P3": check_trips,
    "P4": check_one_effect,
    "P5": check_linearizability,
    "P6": check_ownership,
    "P7": check_convergence,
    "P8": check_leaks,
    "P9": check_books,
    "P10": check_bounds,
}
"""The check of every promise."""

_CUT = "the history does not say that the run ended: it was cut, and what is missing was not checked"


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What the audit found, by promise."""

    promises: dict[str, PromiseResult]

    @property
    def verdict(self) -> Verdict:
        """``FAIL`` if any promise was broken; ``NO DATA`` if nothing could be checked; else ``PASS``."""
        verdicts = {result.verdict for result in self.promises.values()}
        return next((each for each in (Verdict.FAIL, Verdict.PASS) if each in verdicts), Verdict.NO_DATA)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON data: ``{"P1": {"verdict", "checked", "violations", …}, …}``."""
        return {name: _promise_json(result) for name, result in self.promises.items()}


def audit(run_dir: Path) -> AuditResult:
    """Check every promise in a run's folder, from ``history.jsonl`` and ``nodes/*.db`` alone.

    Raises ``AuditError`` with file and line when the evidence cannot be read.
    """
    evidence = read_evidence(run_dir)
    return AuditResult({name: _result(name, check, evidence) for name, check in CHECKS.items()})


def _result(name: str, check: Check, evidence: Evidence) -> PromiseResult:
    findings = Findings(name)
    check(evidence, findings)
    result = findings.result()
    if evidence.history.ended:
        return result
    verdict = Verdict.NO_DATA if result.verdict is Verdict.PASS else result.verdict
    return replace(result, verdict=verdict, note="; ".join(filter(None, (_CUT, result.note))))


def _promise_json(result: PromiseResult) -> dict[str, Any]:
    return {
        "verdict": result.verdict.value,
        "checked": result.checked,
        "violation_count": result.violation_count,
        "note": result.note,
        "violations": [
            {
                "check": violation.check,
                "point": violation.point,
                "message": violation.message,
                "history": sorted(
                    {
                        index
                        for operation in violation.operations
                        for index in (operation.index, operation.end_index)
                        if index is not None
                    }
                ),
                "journal": [[event.node, event.ver] for event in violation.events],
                "story": tell(violation),
            }
            for violation in result.violations
        ],
    }
