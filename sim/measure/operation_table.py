"""Per kind of request: how many, what became of them, and why not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sim.measure.operations import BOOKINGS, Operations
from sim.measure.outcomes import Outcome, Tally


@dataclass(frozen=True, slots=True)
class Reason:
    """Why requests were not accepted."""

    outcome: str
    error: str
    """The problem's type, ``timeout``, ``disconnected``, ``unreachable``, or ``no-completion``."""
    count: int


@dataclass(frozen=True, slots=True)
class OperationCounts:
    """One kind of request."""

    total: Tally
    reasons: list[Reason]
    """Everything but acceptance, the most frequent first."""


def operation_table(operations: Operations) -> dict[str, OperationCounts]:
    """Return the counts by kind of request."""
    columns = zip(operations.function, operations.outcome, operations.error, strict=True)
    cells = Counter(columns)
    names, errors = list(operations.functions), list(operations.errors)
    counts = {name: [0, 0, 0, 0] for name in names}
    reasons: dict[str, list[Reason]] = {name: [] for name in names}
    for (function, outcome, error), count in cells.most_common():
        counts[names[function]][outcome] += count
        if outcome != Outcome.ACCEPTED:
            reasons[names[function]].append(Reason(Outcome(outcome).word, errors[error], count))
    return {name: OperationCounts(Tally.of(counts[name]), reasons[name]) for name in operations.kinds}


def bookings(table: Mapping[str, OperationCounts]) -> Tally:
    """Return all requests to reserve: reservations, and whole trips."""
    asked = [table[kind].total for kind in BOOKINGS if kind in table]
    return Tally.of([sum(total.count(outcome) for total in asked) for outcome in Outcome])


def main_booking(table: Mapping[str, OperationCounts]) -> str:
    """Return the kind of request to reserve of which there were more: ``reserve`` or ``trip``."""
    return max(BOOKINGS, key=lambda kind: table[kind].total.offered if kind in table else 0)
