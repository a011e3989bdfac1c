"""What the audit finds: for every promise a verdict, and what speaks against it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sim.audit.operation import Operation
from sim.audit.rows import Event, Row

VIOLATIONS_KEPT = 100
"""Violations told per promise; the others are counted. Nobody reads more, and a broken node makes one per request."""


class Verdict(StrEnum):
    """The outcome for a promise. ``NO DATA``: nothing was found that could have broken it."""

    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"
    NO_DATA = "NO DATA"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise, with the least evidence that shows it."""

    promise: str
    check: str
    """Which check found it, such as ``overlap-in-journal``."""
    point: str | None
    message: str
    operations: tuple[Operation, ...] = ()
    events: tuple[Event, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class PromiseResult:
    """What became of one promise."""

    promise: str
    verdict: Verdict
    checked: int
    """Facts that were compared."""
    violations: list[Violation] = field(default_factory=list)
    violation_count: int = 0
    """All of them, of which ``violations`` are the first."""
    note: str | None = None
    """What was not checked, and why."""


class Findings:
    """Collects what the checks of one promise find."""

    def __init__(self, promise: str) -> None:
        self.promise = promise
        self.checked = 0
        self.violations: list[Violation] = []
        self.violation_count = 0
        self.notes: list[str] = []

    def violated(
        self,
        check: str,
        point: str | None,
        message: str,
        *,
        operations: Iterable[Operation] = (),
        events: Iterable[Event] = (),
        rows: Iterable[Row] = (),
    ) -> None:
        """Record a violation. Operations, events and rows are those that show it, and no others."""
        self.violation_count += 1
        if len(self.violations) < VIOLATIONS_KEPT:
            evidence = tuple(operations), tuple(events), tuple(rows)
            self.violations.append(Violation(self.promise, check, point, message, *evidence))

    def result(self) -> PromiseResult:
        """Return the verdict: without anything checked there is none."""
        verdict = Verdict.FAIL if self.violation_count else Verdict.PASS if self.checked else Verdict.NO_DATA
        note = "; ".join(self.notes) or None
        return PromiseResult(self.promise, verdict, self.checked, self.violations, self.violation_count, note)
