"""Exact percentiles, by nearest rank: always a value that was measured, never one between two."""

from collections.abc import Sequence
from math import ceil, log10

_STEPS_PER_NINE = 10
"""Of a curve: enough for a smooth line at the width of a page."""
_ROUNDING = 1e-9
"""0.99 * 100 is a little more than 99 in binary."""


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least that share (0 to 1) of all values do not exceed.

    ``ordered`` rises and is not empty.
    """
    return ordered[_rank(len(ordered), share) - 1]


def curve(ordered: Sequence[float]) -> list[tuple[float, float]]:
    """Return (share, value) for shares that come closer and closer to 1: even steps of log10(1 / (1 - share)).

    The last one is the largest value, with share 1.
    """
    count = len(ordered)
    points: list[tuple[float, float]] = []
    last_rank = 0
    for step in range(ceil(log10(count) * _STEPS_PER_NINE) + 1):
        share = 1 - 10 ** (-step / _STEPS_PER_NINE)
        rank = _rank(count, share)
        if rank > last_rank and rank < count:
            points.append((share, ordered[rank - 1]))
            last_rank = rank
    points.append((1.0, ordered[-1]))
    return points


def _rank(count: int, share: float) -> int:
    return min(count, max(1, ceil(share * count - _ROUNDING)))
