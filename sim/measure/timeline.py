"""Requests to reserve over time, by what became of them."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from sim.measure.operations import BOOKINGS, TIMEOUTS, Operations
from sim.measure.outcomes import Outcome
from sim.measure.recording import Recording

_WIDTHS_S = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 43_200, 86_400, 604_800)
_BUCKETS_MAX = 200
"""More than that cannot be told apart on a page."""
REASONS_MAX = 6
"""Told one by one; the others together."""
OTHER = "other"
_SHORT_RUN_S = 20
"""Runs at least as long are shown in whole seconds."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Counts of reservations and trips per bucket; a trip is one request. A request counts in the bucket in which it should have been sent, whenever it was answered,

    so that in every bucket the four outcomes add up to ``offered``.
    """

    bucket_s: float
    """Width in the history's time."""
    civil_start_ms: int
    """The scenario's time at which the first bucket begins."""
    civil_bucket_ms: int
    """Width in the scenario's time."""
    offered: list[int]
    accepted: list[int]
    refused: list[int]
    unavailable: list[int]
    unknown: list[int]
    timed_out: list[int] = field(default_factory=list)
    """Of the unknown: nobody waited any longer."""
    retried: list[int] = field(default_factory=list)
    """Of the offered: the same again, under the same key, after no decision."""
    by_kind: dict[str, list[int]] = field(default_factory=dict)
    """Of the offered: ``reserve`` and ``trip``, as far as there are any."""
    by_reason: dict[str, list[int]] = field(default_factory=dict)
    """Of what was refused or unavailable, by error, the most frequent first; ``other`` is what is not among them."""

    def counts(self, outcome: Outcome) -> list[int]:
        """Return the counts of one outcome."""
        return (self.accepted, self.refused, self.unavailable, self.unknown)[outcome]


def timeline(recording: Recording) -> Timeline:
    """Return the timeline of the run's requests to reserve."""
    operations = recording.operations
    width_s = bucket_width_s(recording.duration_s)
    width_ns = round(width_s * 1e9)
    rows = array("I", operations.rows_of(*BOOKINGS))
    last_ns = max((operations.intended_ns[row] for row in rows), default=0)
    buckets = max(1, ceil(round(recording.duration_s * 1e9) / width_ns), last_ns // width_ns + 1)
    counts = [[0] * buckets for _ in Outcome]
    timed_out, retried = [0] * buckets, [0] * buckets
    by_kind = {kind: [0] * buckets for kind in BOOKINGS}
    of_kind = {number: by_kind[kind] for kind, number in operations.kinds.items() if kind in by_kind}
    timeouts = {number for number, name in enumerate(operations.errors) if name in TIMEOUTS}
    for row in rows:
        bucket = max(0, operations.intended_ns[row]) // width_ns
        counts[operations.outcome[row]][bucket] += 1
        of_kind[operations.function[row]][bucket] += 1
        timed_out[bucket] += operations.error[row] in timeouts
        retried[bucket] += operations.retried[row]
    return Timeline(
        bucket_s=width_s,
        civil_start_ms=recording.begin.civil_start_ms,
        civil_bucket_ms=round(width_s * recording.begin.scale * 1000),
        offered=[sum(bucket) for bucket in zip(*counts, strict=True)],
        accepted=counts[Outcome.ACCEPTED],
        refused=counts[Outcome.REFUSED],
        unavailable=counts[Outcome.UNAVAILABLE],
        unknown=counts[Outcome.UNKNOWN],
        timed_out=timed_out,
        retried=retried,
        by_kind={kind: counted for kind, counted in by_kind.items() if any(counted)},
        by_reason=_by_reason(operations, rows, width_ns, buckets),
    )


def _by_reason(operations: Operations, rows: Sequence[int], width_ns: int, buckets: int) -> dict[str, list[int]]:
    undone = (Outcome.REFUSED, Outcome.UNAVAILABLE)
    cells: Counter[tuple[int, int]] = Counter()
    totals: Counter[int] = Counter()
    for row in rows:
        if operations.outcome[row] in undone:
            error = operations.error[row]
            totals[error] += 1
            cells[error, max(0, operations.intended_ns[row]) // width_ns] += 1
    names, frequent = list(operations.errors), [error for error, _ in totals.most_common(REASONS_MAX)]
    found: dict[str, list[int]] = {}
    for (error, bucket), count in cells.items():
        name = (names[error] or "no error named") if error in frequent else OTHER
        found.setdefault(name, [0] * buckets)[bucket] += count
    order = {(names[error] or "no error named"): place for place, error in enumerate(frequent)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], REASONS_MAX)))


def bucket_width_s(duration_s: float) -> float:
    """Return the least of a ladder of round widths that makes at most 200 buckets."""
    least_s = 0 if duration_s < _SHORT_RUN_S else 1
    fitting = (width_s for width_s in _WIDTHS_S if width_s >= least_s and duration_s <= _BUCKETS_MAX * width_s)
    return next(fitting, _WIDTHS_S[-1])
