"""How unevenly demand falls on points, and how evenly chargers come to classes of vehicles."""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.measure.fates import ClassFates
from sim.measure.points import PointFigures

_PLACES_MAX = 100
"""Of a Lorenz curve; more cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """Windows asked for over points: Lorenz curve and Gini coefficient (Gini, 1912)."""

    points: int
    """All of the network, asked for or not."""
    gini: float | None
    """0: all points are asked for alike; near 1: everybody wants the same. None: nobody asked."""
    lorenz: list[tuple[float, float]]
    """(share of points, the least asked for first; share of the windows asked for that were on them), from (0, 0) to (1, 1)."""
    top_share: float | None
    """Of all windows asked for, those on the tenth of the points that is asked for most."""


@dataclass(frozen=True, slots=True)
class ClassShare:
    """How one class of vehicles fared."""

    name: str
    vehicles: int
    got_one: int
    """That got a charger: they charged, gave it back, or did not come."""


@dataclass(frozen=True, slots=True)
class Fairness:
    """How alike classes of vehicles fared: Jain's index of their shares that got a charger (Jain, Chiu and Hawe, 1984)."""

    jain: float | None
    """1: all alike; 1 / classes: one class got everything. None: fewer than two classes, or nobody got a charger."""
    classes: list[ClassShare]


def concentration(points: Sequence[PointFigures]) -> Concentration:
    """Return how unevenly points were asked for."""
    offered = sorted(point.demand.offered for point in points)
    total = sum(offered)
    if not total:
        return Concentration(len(offered), None, [], None)
    cumulated, curve = 0, [(0.0, 0.0)]
    every = max(1, len(offered) // _PLACES_MAX)
    for number, each in enumerate(offered, 1):
        cumulated += each
        if number % every == 0 or number == len(offered):
            curve.append((round(number / len(offered), 4), round(cumulated / total, 5)))
    top = max(1, round(len(offered) / 10))
    return Concentration(len(offered), gini(offered), curve, sum(offered[-top:]) / total)


def gini(ordered: Sequence[int]) -> float:
    """Return the Gini coefficient of values that rise and are not all 0: half their relative mean absolute difference."""
    count, total = len(ordered), sum(ordered)
    weighted = sum(place * value for place, value in enumerate(ordered, 1))
    return max(0.0, 2 * weighted / (count * total) - (count + 1) / count)


def fairness(fates: Sequence[ClassFates]) -> Fairness:
    """Return how alike the classes fared."""
    classes = [ClassShare(each.name, each.vehicles, each.got_one) for each in fates if each.vehicles]
    return Fairness(jain([each.got_one / each.vehicles for each in classes]), classes)


def jain(shares: Sequence[float]) -> float | None:
    """Return Jain's index; None where there is nothing to compare."""
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if len(shares) > 1 and squares else None
