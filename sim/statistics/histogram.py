"""How often values occurred, in buckets that grow with the value: histograms of several runs can be added.

A percentile of several runs together comes from their summed counts, never from the runs' percentiles: the mean of two
p99 is the p99 of nothing. The buckets are those of DDSketch (Masson, Rim and Lee, VLDB 2019), without its limit on their
number, which these values do not need: from a nanosecond to a year there are 1,900.
"""

from collections import Counter
from collections.abc import Iterable
from math import ceil, log
from typing import Self

ACCURACY = 0.01
"""How far a percentile may be off, as a share of it: less than the interval of any sweep."""
_GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GAMMA = log(_GAMMA)
_ROUNDING = 1e-9


class Histogram:
    """Counts of values of 0 and above."""

    def __init__(self, values: Iterable[float] = ()) -> None:
        self.buckets: Counter[int] = Counter()
        """How many values each bucket holds."""
        self.zeros = 0
        self.sum = 0.0
        for value in values:
            self.add(value)

    def __len__(self) -> int:
        return self.zeros + self.buckets.total()

    def add(self, value: float) -> None:
        """Add one value; below 0 counts as 0."""
        if value <= 0:
            self.zeros += 1
            return
        self.buckets[ceil(log(value) / _LOG_GAMMA - _ROUNDING)] += 1
        self.sum += value

    @property
    def mean(self) -> float | None:
        """The exact mean; None of nothing."""
        return self.sum / len(self) if len(self) else None

    def percentile(self, share: float) -> float | None:
        """Return the value by nearest rank, within ``ACCURACY``; None of nothing. ``share`` is 0 to 1."""
        count = len(self)
        if not count:
            return None
        rank = min(count, max(1, ceil(share * count - _ROUNDING)))
        below = self.zeros
        if rank <= below:
            return 0.0
        for bucket in sorted(self.buckets):
            below += self.buckets[bucket]
            if rank <= below:
                return float(2 * _GAMMA**bucket / (_GAMMA + 1))
        raise AssertionError("ranks end with the last value")

    def to_json(self) -> dict[str, object]:
        """Return it as JSON data."""
        buckets = [[bucket, self.buckets[bucket]] for bucket in sorted(self.buckets)]
        return {"zeros": self.zeros, "sum": self.sum, "buckets": buckets}

    @classmethod
    def from_json(cls, data: "dict[str, object]") -> Self:
        """Read the same. Raises ``ValueError``, ``TypeError`` or ``KeyError`` for what is no histogram."""
        made = cls()
        zeros, total, buckets = data["zeros"], data["sum"], data["buckets"]
        if not (isinstance(zeros, int) and isinstance(total, (int, float)) and isinstance(buckets, list)):
            raise TypeError("expected zeros, sum and buckets")
        made.zeros, made.sum = zeros, float(total)
        made.buckets = Counter({int(bucket): int(count) for bucket, count in buckets})
        return made

    @classmethod
    def merged(cls, histograms: "Iterable[Histogram]") -> Self:
        """Return the histogram of all their values together."""
        made = cls()
        for each in histograms:
            made.buckets.update(each.buckets)
            made.zeros += each.zeros
            made.sum += each.sum
        return made
