"""When vehicles arrive."""

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from heapq import merge
from itertools import accumulate
from struct import Struct
from tempfile import TemporaryFile
from typing import BinaryIO

from sim.engine.randomness import Randomness
from sim.scenario.schema import Fleet

_AT_ONCE = 50_000
"""Arrivals sorted in memory, about 6 MB; larger fleets are sorted by parts, which wait in a file."""
_READ_AT_ONCE = 500
_record = Struct("<dI")

Arrival = tuple[float, int]
"""``(seconds after the start, vehicle)``."""


def count_vehicles(fleet: Fleet, duration_s: float, randomness: Randomness) -> int:
    """Return how many vehicles there are: as many as the fleet says, or, for a rate, as many as a Poisson process brings.

    It counts the steps of a walk with exponential steps: under the same seed a higher rate has all vehicles of a lower one.
    """
    if fleet.rate_per_h is None:
        return fleet.vehicles
    rng, mean = randomness.stream("vehicles"), fleet.mean_vehicles(duration_s)
    count, reached = 0, rng.expovariate(1)
    while reached <= mean:
        count, reached = count + 1, reached + rng.expovariate(1)
    return count


def arrival_times(fleet: Fleet, duration_s: float, randomness: Randomness) -> Iterator[Arrival]:
    """Yield the arrival of every vehicle, in order of time. Takes the same memory for any number of vehicles.

    Each vehicle draws its own time from the relative rates (a non-homogeneous Poisson process given its number of
    arrivals), so that adding a vehicle moves no other.
    """
    rates, vehicles = _Rates(fleet, duration_s), count_vehicles(fleet, duration_s, randomness)
    if rates.total <= 0:
        return
    with ExitStack() as stack:
        parts = []
        for start in range(0, vehicles, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, vehicles))
            part = sorted((rates.time_s(randomness.stream("arrival", each).random()), each) for each in numbers)
            if vehicles <= _AT_ONCE:
                yield from part
                return
            parts.append(_put_by(part, stack.enter_context(TemporaryFile())))
        yield from merge(*parts)


class _Rates:
    """The steps of a fleet's rates that begin before the end."""

    def __init__(self, fleet: Fleet, duration_s: float) -> None:
        self._starts = [step.from_s for step in fleet.arrivals if step.from_s < duration_s]
        self._ends = [*self._starts[1:], duration_s]
        masses = [
            (end - start) * step.weight
            for start, end, step in zip(self._starts, self._ends, fleet.arrivals, strict=False)
        ]
        self._cumulative = list(accumulate(masses))
        self.total = self._cumulative[-1] if masses else 0.0

    def time_s(self, share: float) -> float:
        """Return by when that share (0 to 1) of all vehicles, on average, has come."""
        mass = share * self.total
        step = bisect_right(self._cumulative, mass)
        before = self._cumulative[step - 1] if step else 0.0
        within = (mass - before) / (self._cumulative[step] - before)
        return self._starts[step] + within * (self._ends[step] - self._starts[step])


def _put_by(part: list[Arrival], file: BinaryIO) -> Iterator[Arrival]:
    """Write a sorted part into a file; return it as an iterator that reads a little at a time."""
    file.writelines(_record.pack(*arrival) for arrival in part)
    file.seek(0)
    return _read(file)


def _read(file: BinaryIO) -> Iterator[Arrival]:
    while chunk := file.read(_READ_AT_ONCE * _record.size):
        yield from _record.iter_unpack(chunk)
