"""Where a run has settled: what comes before says more of its empty beginning than of its load."""

from collections.abc import Sequence
from statistics import fmean

_BATCH = 5
_BATCHES_MIN = 10
"""With fewer the criterion is noise."""


def mser5(series: Sequence[float]) -> int | None:
    """Return how many values at the beginning are to be left out; None: the series does not settle in its first half.

    The Marginal Standard Error Rule over means of five values: leave out so many that the standard error of the mean of
    the rest is least (White, *Simulation* 69(6), 1997; White, Cobb and Spratt, WSC 2000). A minimum in the second half
    means that the series is too short, or that it never settles (the load is above what can be served).
    """
    means = [fmean(series[at : at + _BATCH]) for at in range(0, len(series) - _BATCH + 1, _BATCH)]
    if len(means) < _BATCHES_MIN:
        return None
    best, least = len(means), float("inf")
    total = squares = 0.0
    origin = means[-1]  # differences from a value nearby keep their digits
    for kept, value in enumerate(reversed(means), 1):
        total += value - origin
        squares += (value - origin) ** 2
        error = max(0.0, squares - total**2 / kept) / kept**2
        if kept >= _BATCH and error <= least:
            best, least = len(means) - kept, error
    return best * _BATCH if best <= len(means) // 2 else None
