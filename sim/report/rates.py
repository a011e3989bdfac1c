"""Counts per bucket as rates, in a unit in which people would say them."""

from dataclasses import dataclass

from sim.measure.timeline import Timeline
from sim.report.wording import duration

_UNITS = ((1.0, "second"), (60.0, "minute"), (3_600.0, "hour"))


@dataclass(frozen=True, slots=True)
class Rate:
    """How to turn a count per bucket into a rate, and what to call it."""

    factor: float
    per: str
    """``second``, ``minute``, ``hour``, or a bucket's width where that is shorter than a second."""


def rate_of(series: Timeline) -> Rate:
    """Return the rate of a timeline: the shortest unit in which its peak is 1 at least."""
    if series.bucket_s < 1:
        return Rate(1.0, duration(series.bucket_s))
    peak = max(series.offered, default=0) / series.bucket_s
    seconds, word = next((unit for unit in _UNITS if peak * unit[0] >= 1), _UNITS[-1] if peak else _UNITS[0])
    return Rate(seconds / series.bucket_s, word)
