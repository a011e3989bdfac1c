"""When vehicles arrive."""

from array import array
from bisect import bisect_right
from itertools import accumulate

from sim.engine.randomness import Randomness
from sim.scenario.schema import Fleet


def arrival_times(fleet: Fleet, duration_s: float, randomness: Randomness) -> list[tuple[float, int]]:
    """Return ``(seconds after the start, vehicle)`` for every vehicle, in order of time.

    Each vehicle draws its own time from the relative rates (a non-homogeneous Poisson process given its number of
    arrivals), so that adding a vehicle moves no other.
    """
    starts = [step.from_s for step in fleet.arrivals if step.from_s < duration_s]
    ends = [*starts[1:], duration_s]
    weights = [step.weight for step in fleet.arrivals]
    cumulative = list(
        accumulate((end - start) * weight for start, end, weight in zip(starts, ends, weights, strict=False))
    )
    if not cumulative or cumulative[-1] <= 0:
        return []
    times = array("d")
    for vehicle in range(fleet.vehicles):
        mass = randomness.stream("arrival", vehicle).random() * cumulative[-1]
        step = bisect_right(cumulative, mass)
        before = cumulative[step - 1] if step else 0.0
        share = (mass - before) / (cumulative[step] - before)
        times.append(starts[step] + share * (ends[step] - starts[step]))
    return sorted(zip(times, range(fleet.vehicles), strict=True))
