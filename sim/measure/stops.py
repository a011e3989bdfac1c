"""The stops of trips in columns: which point each asked for, and what became of it there.

A trip is one request with one outcome. Its stops are not all alike: when one cannot be had, its point refused, and the
points of the others did not.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.measure.outcomes import Outcome

ELSEWHERE = len(Outcome)
"""What becomes of a stop, beside the outcomes of requests: its trip was refused for another stop."""
NOWHERE = ""
"""In place of a point: the stop names a place, and nobody was told which point it came to."""
Wishes = Sequence[Sequence[str]]
"""Of every stop, the points that would do, the best first."""


@dataclass(slots=True)
class Stops:
    """A row per stop, in the order in which trips were sent; ``point`` is a number of the requests' points.

    Every further point that refused the same stop has a row, too.
    """

    point: "array[int]" = field(default_factory=lambda: array("I"))
    fate: "array[int]" = field(default_factory=lambda: array("B"))
    """A number of ``Outcome``, or ``ELSEWHERE``."""

    def __len__(self) -> int:
        return len(self.point)

    def ask(self, points: Iterable[int]) -> int:
        """Add the stops of a trip whose outcome is open; return the row of the first."""
        first = len(self)
        self.point.extend(points)
        self.fate.extend([Outcome.UNKNOWN] * (len(self.point) - first))
        return first

    def settle(self, first: int, stops: int, found: Iterable[tuple[int, int]]) -> None:
        """Say what became of that many stops: points and fates."""
        for at, (point, fate) in enumerate(found):
            if at < stops:
                self.point[first + at], self.fate[first + at] = point, fate
            else:
                self.point.append(point)
                self.fate.append(fate)


def wishes_of(asked: Mapping[str, Any]) -> list[list[str]]:
    """Return which points the stops of a trip name, as its ``invoke`` says it; ``NOWHERE`` of one that names none."""
    return [_points_of(stop) for stop in asked.get("stops", ())]


def refused_point(wishes: Wishes, told: Mapping[str, Any]) -> str:
    """Return the first point of the stop that a refusal names; ``NOWHERE``: it names none."""
    at = told.get("stop")
    return wishes[at][0] if isinstance(at, int) and 0 <= at < len(wishes) else NOWHERE


def fates_of(wishes: Wishes, outcome: Outcome, told: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield points that a trip asked for, and what became of its stop there; ``told`` is what the history keeps of the answer.

    The point that a stop got, else the one that it names first: owners are asked in that order. The stop that a refusal
    names was refused by every point that it names.
    """
    if outcome is Outcome.ACCEPTED and told.get("stops"):
        yield from ((stop["point_id"], Outcome.ACCEPTED) for stop in told["stops"])
        return
    failed = told.get("stop")
    for at, points in enumerate(wishes):
        if outcome is Outcome.REFUSED and at == failed:
            yield from ((point, Outcome.REFUSED) for point in points)
        else:
            yield points[0], ELSEWHERE if outcome is Outcome.REFUSED else outcome


def _points_of(stop: Mapping[str, Any]) -> list[str]:
    return [stop["point_id"]] if "point_id" in stop else list(stop.get("any_of") or [NOWHERE])
