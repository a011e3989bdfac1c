"""Reservations asked for over time, by what became of them."""

from dataclasses import dataclass
from math import ceil

from sim.measure.outcomes import Outcome
from sim.measure.recording import Recording

_WIDTHS_S = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 43_200, 86_400, 604_800)
_BUCKETS_MAX = 200
"""More than that cannot be told apart on a page."""
_SHORT_RUN_S = 20
"""Runs at least as long are shown in whole seconds."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Counts per bucket. A request counts in the bucket in which it should have been sent, whenever it was answered,

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

    def counts(self, outcome: Outcome) -> list[int]:
        """Return the counts of one outcome."""
        return (self.accepted, self.refused, self.unavailable, self.unknown)[outcome]


def timeline(recording: Recording) -> Timeline:
    """Return the timeline of the run's reserve requests."""
    operations = recording.operations
    width_s = bucket_width_s(recording.duration_s)
    width_ns = round(width_s * 1e9)
    rows = list(operations.rows_of("reserve"))
    last_ns = max((operations.intended_ns[row] for row in rows), default=0)
    buckets = max(1, ceil(round(recording.duration_s * 1e9) / width_ns), last_ns // width_ns + 1)
    counts = [[0] * buckets for _ in Outcome]
    for row in rows:
        counts[operations.outcome[row]][max(0, operations.intended_ns[row]) // width_ns] += 1
    return Timeline(
        bucket_s=width_s,
        civil_start_ms=recording.begin.civil_start_ms,
        civil_bucket_ms=round(width_s * recording.begin.scale * 1000),
        offered=[sum(bucket) for bucket in zip(*counts, strict=True)],
        accepted=counts[Outcome.ACCEPTED],
        refused=counts[Outcome.REFUSED],
        unavailable=counts[Outcome.UNAVAILABLE],
        unknown=counts[Outcome.UNKNOWN],
    )


def bucket_width_s(duration_s: float) -> float:
    """Return the least of a ladder of round widths that makes at most 200 buckets."""
    least_s = 0 if duration_s < _SHORT_RUN_S else 1
    fitting = (width_s for width_s in _WIDTHS_S if width_s >= least_s and duration_s <= _BUCKETS_MAX * width_s)
    return next(fitting, _WIDTHS_S[-1])
