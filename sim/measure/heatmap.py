"""Latency over time: how many requests took how long, in cells."""

from collections import Counter
from dataclasses import dataclass
from math import floor, log10

from sim.measure.recording import Recording
from sim.measure.timeline import bucket_width_s

_PER_DECADE = 5
"""Rows per factor of ten: each is about 1.6 times the one below."""
_LEAST_MS = 0.01
_COLUMNS_MAX = 100


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Completed requests by when they should have been sent, and how long they took from then."""

    kind: str
    """Of request."""
    column_s: float
    """Width of a column in the history's time."""
    columns: int
    floors_ms: list[float]
    """Lower bounds of the rows, rising; each row ends where the next begins."""
    cells: list[tuple[int, int, int]]
    """(column, row, how many requests), those that are not empty."""
    most: int


def heatmap(recording: Recording, kind: str) -> Heatmap | None:
    """Return the heatmap of one kind of request; None if none was completed."""
    operations = recording.operations
    width_s = bucket_width_s(recording.duration_s * 200 / _COLUMNS_MAX)
    width_ns = round(width_s * 1e9)
    counts: Counter[tuple[int, int]] = Counter()
    for row in operations.rows_of(kind):
        if operations.done_ns[row] >= 0 and operations.vehicle_class[row]:
            took_ms = max(_LEAST_MS, (operations.done_ns[row] - operations.intended_ns[row]) / 1e6)
            column = max(0, operations.intended_ns[row]) // width_ns
            counts[column, floor(log10(took_ms) * _PER_DECADE + 1e-9)] += 1
    if not counts:
        return None
    lowest, highest = min(row for _, row in counts), max(row for _, row in counts)
    columns = max(max(column for column, _ in counts) + 1, round(recording.duration_s / width_s + 0.499))
    return Heatmap(
        kind=kind,
        column_s=width_s,
        columns=columns,
        floors_ms=[10 ** (row / _PER_DECADE) for row in range(lowest, highest + 1)],
        cells=[(column, row - lowest, count) for (column, row), count in sorted(counts.items())],
        most=max(counts.values()),
    )
