"""From values to places in a figure, and the ticks between."""

from dataclasses import dataclass
from math import floor, log10

_TIME_STEPS_S = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
    172_800, 604_800, 1_209_600, 2_592_000,
)  # fmt: skip


_ROUND_FACTORS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps ``[low, high]`` to ``[at_low, at_high]`` linearly; high is above low."""

    low: float
    high: float
    at_low: float
    at_high: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        return self.at_low + (value - self.low) / (self.high - self.low) * (self.at_high - self.at_low)


def round_ticks(highest: float, wanted: int) -> list[float]:
    """Return about as many ticks as wanted at round values from 0; the last is at or above ``highest``."""
    if highest <= 0:
        return [0.0, 1.0]
    raw = highest / max(1, wanted)
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    last = round(highest / step + 0.499999)
    return [index * step for index in range(max(1, last) + 1)]


def round_top(highest: float) -> float:
    """Return the least round number that is not below ``highest``."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** floor(log10(highest) + 1e-9)
    return next(factor * power for factor in _ROUND_FACTORS if factor * power >= highest * (1 - 1e-9))


def log_bounds(lowest: float, highest: float) -> tuple[float, float]:
    """Return round bounds for a logarithmic scale, a factor of ten apart at least."""
    power = 10.0 ** floor(log10(lowest))
    low = max(factor * power for factor in (1, 2, 5) if factor * power <= lowest * (1 + 1e-9))
    top = max(highest, 10 * low)
    power = 10.0 ** floor(log10(top) + 1e-9)
    return low, next(factor * power for factor in (1, 2, 5, 10) if factor * power >= top * (1 - 1e-9))


def log_ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten between the bounds, both included; where they are fewer than three, 2 and 5 times them too."""
    powers = [10.0**power for power in range(floor(log10(low)), floor(log10(high) + 1e-9) + 1)]

    def within(*factors: int) -> list[float]:
        ticks = (factor * power for power in powers for factor in factors)
        return [tick for tick in ticks if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]

    tens = within(1)
    return tens if len(tens) >= 3 else within(1, 2, 5)


def time_step_s(span_s: float, wanted: int) -> float:
    """Return a round number of seconds, so that about as many ticks as wanted fit into the span."""
    fitting = (step for step in _TIME_STEPS_S if step * wanted >= span_s)
    return next(fitting, _TIME_STEPS_S[-1])
