"""What was asked of every point: who had to be turned away, and where."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from sim.measure.operations import Operations
from sim.measure.outcomes import Tally
from sim.measure.stops import ELSEWHERE

_FATES = ELSEWHERE + 1


@dataclass(frozen=True, slots=True)
class Demand:
    """How many windows were asked for at a point, and what became of that; the five counts add up to ``offered``.

    A ``reserve`` asks for one window, a trip for one per stop.
    """

    offered: int = 0
    accepted: int = 0
    refused: int = 0
    """The point's owner decided against it."""
    unavailable: int = 0
    unknown: int = 0
    elsewhere: int = 0
    """Of trips only: another stop was refused, and with it the trip."""

    @classmethod
    def of(cls, counts: Sequence[int]) -> "Demand":
        """Return the demand of five counts, in the order of ``Outcome``; the last is ``elsewhere``."""
        return cls(sum(counts), *counts)

    @property
    def attempts_per_acceptance(self) -> float | None:
        """How often it was asked for to be had once; None if nobody had it."""
        return self.offered / self.accepted if self.accepted else None


def total_demand(parts: Iterable[Demand]) -> Demand:
    """Return all of it together."""
    columns = zip(*map(astuple, parts), strict=True)
    return Demand(*map(sum, columns))


def demand_by_point(operations: Operations) -> dict[str, Demand]:
    """Return what was asked of every point that was asked for: by reservations, and by the stops of trips."""
    counts: defaultdict[int, list[int]] = defaultdict(lambda: [0] * _FATES)
    for row in operations.rows_of("reserve"):
        counts[operations.point[row]][operations.outcome[row]] += 1
    for point, fate in zip(operations.stops.point, operations.stops.fate, strict=True):
        counts[point][fate] += 1
    names = list(operations.points)
    return {names[point]: Demand.of(found) for point, found in counts.items() if names[point]}


def requests_by_node(operations: Operations) -> dict[str, Tally]:
    """Return the requests of all kinds that vehicles sent to every node; a node hands on what is not its own."""
    counts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for node, outcome in zip(operations.node, operations.outcome, strict=True):
        counts[node][outcome] += 1
    names = list(operations.nodes)
    return {names[node]: Tally.of(found) for node, found in counts.items()}
