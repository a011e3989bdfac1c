"""A mean of replications, and how far it can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from statistics import fmean, stdev, variance

from sim.statistics.student_t import half_width, quantile

CONFIDENCE = 0.95
"""Of all intervals, unless somebody asks for another: what readers expect."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its two-sided confidence interval."""

    value: float
    half_width: float | None
    """None: one replication says nothing of how far others would be off."""
    count: int
    """Replications that it is made of."""

    @property
    def low(self) -> float:
        """The lower end of the interval; minus infinity without one."""
        return -inf if self.half_width is None else self.value - self.half_width

    @property
    def high(self) -> float:
        """The upper end of the interval; infinity without one."""
        return inf if self.half_width is None else self.value + self.half_width

    @property
    def relative_half_width(self) -> float:
        """The half width as a share of the value; 0 where all replications agree on 0, infinity where nothing is known."""
        if self.half_width is None:
            return inf
        if self.half_width == 0:
            return 0.0
        return inf if self.value == 0 else self.half_width / abs(self.value)

    def holds(self, value: float) -> bool:
        """Whether a value lies within the interval."""
        return self.low <= value <= self.high


def estimate(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate | None:
    """Return the mean of independent replications with Student's t interval; None of nothing."""
    if not values:
        return None
    if len(values) == 1:
        return Estimate(values[0], None, 1)
    return Estimate(fmean(values), half_width(stdev(values), len(values), confidence), len(values))


def pooled(value: float, sections: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """Return a percentile of all replications together, with an interval from the percentiles of each (sectioning).

    ``value`` stands in place of the mean of the sections, which would be biased (Asmussen and Glynn, *Stochastic
    Simulation*, 2007, III.5; Nakayama, *ACM TOMACS* 24(4), 2014).
    """
    count = len(sections)
    if count < 2:
        return Estimate(value, None, count)
    spread = sqrt(sum((section - value) ** 2 for section in sections) / (count - 1))
    return Estimate(value, half_width(spread, count, confidence), count)


def paired_difference(
    before: Sequence[float], after: Sequence[float], confidence: float = CONFIDENCE
) -> Estimate | None:
    """Return ``after`` minus ``before`` of replications under common random numbers: the n-th of each belong together."""
    return estimate([late - early for early, late in zip(before, after, strict=True)], confidence)


def difference(before: Sequence[float], after: Sequence[float], confidence: float = CONFIDENCE) -> Estimate | None:
    """Return the mean of ``after`` minus that of ``before``, independent replications of unequal variance (Welch, 1947)."""
    if not before or not after:
        return None
    value = fmean(after) - fmean(before)
    if len(before) < 2 or len(after) < 2:
        return Estimate(value, None, min(len(before), len(after)))
    parts = [(variance(values) / len(values), len(values) - 1) for values in (before, after)]
    return Estimate(value, _welch_half_width(parts, confidence), min(len(before), len(after)))


def pooled_difference(
    before: float,
    early: Sequence[float],
    after: float,
    late: Sequence[float],
    confidence: float = CONFIDENCE,
    *,
    paired: bool,
) -> Estimate:
    """Return ``after`` minus ``before``, percentiles of all replications together, with an interval from the sections
    (each replication's percentile) around them: ``pooled`` for two sides. ``paired``: the n-th sections belong together.
    """
    value = after - before
    if paired:
        return pooled(value, [second - first for first, second in zip(early, late, strict=True)], confidence)
    count = min(len(early), len(late))
    if count < 2:
        return Estimate(value, None, count)
    sides = ((before, early), (after, late))
    parts = [
        (sum((each - centre) ** 2 for each in values) / (len(values) - 1) / len(values), len(values) - 1)
        for centre, values in sides
    ]
    return Estimate(value, _welch_half_width(parts, confidence), count)


def _welch_half_width(parts: Sequence[tuple[float, int]], confidence: float) -> float:
    """Return the half width of a difference; a part is the variance of a mean, and its degrees of freedom."""
    total = sum(part for part, _ in parts)
    if total == 0:
        return 0.0
    df = total**2 / sum(part**2 / each for part, each in parts)
    return quantile((1 + confidence) / 2, df) * sqrt(total)
