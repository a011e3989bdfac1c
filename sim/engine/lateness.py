"""How late things were, in a bounded space: a histogram with steps of a tenth of a millisecond."""

from collections import Counter

_STEP_NS = 100_000


class Lateness:
    """Add what was late, ask for percentiles."""

    def __init__(self) -> None:
        self._steps: Counter[int] = Counter()
        self.max_ms = 0.0

    def add(self, late_ns: int) -> None:
        """Count one thing that was that late; below zero: in time."""
        late_ns = max(0, late_ns)
        self._steps[-(-late_ns // _STEP_NS)] += 1
        self.max_ms = max(self.max_ms, late_ns / 1e6)

    def percentile_ms(self, share: float) -> float:
        """Return the smallest lateness that at least this share (0 to 1) did not exceed, rounded up to 0.1 ms."""
        left = share * self._steps.total()
        for step in sorted(self._steps):
            left -= self._steps[step]
            if left <= 0:
                return min(self.max_ms, step * _STEP_NS / 1e6)
        return 0.0
