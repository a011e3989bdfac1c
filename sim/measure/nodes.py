"""Every node in figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.measure.databases import NodeDatabase
from sim.measure.demand import Demand, total_demand
from sim.measure.outcomes import Tally
from sim.measure.points import PointFigures


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """One node: what vehicles sent to it, and what its points did."""

    id: str
    epoch: int
    """How often it has started."""
    events: int
    """In its journal."""
    points: int
    requests: Tally
    """Of all kinds, that vehicles sent to it, also about other nodes' points."""
    reservations: int
    sessions: int
    energy_wh: int
    revenue_minor: dict[str, int]
    """By currency, in its minor unit."""
    busy_share: float
    """Mean over its points."""
    charging_share: float = 0.0
    """Mean over its points."""
    no_shows: int = 0
    database_bytes: int = 0
    demand: Demand = field(default_factory=Demand)
    """Windows on its points that were asked for, whichever node was asked."""


def node_figures(
    databases: Sequence[NodeDatabase], points: Sequence[PointFigures], requests: Mapping[str, Tally]
) -> list[NodeFigures]:
    """Return every node, in the order of the databases."""
    return [_node_figures(database, points, requests.get(database.id, Tally())) for database in databases]


def _node_figures(database: NodeDatabase, points: Sequence[PointFigures], requests: Tally) -> NodeFigures:
    own = [point for point in points if point.node == database.id and point.max_power_w is not None]
    return NodeFigures(
        id=database.id,
        epoch=database.epoch,
        events=database.events,
        points=len(own),
        requests=requests,
        reservations=sum(point.reservations for point in own),
        sessions=sum(point.sessions for point in own),
        energy_wh=sum(point.energy_wh for point in own),
        revenue_minor=total_revenue(own),
        busy_share=sum(point.busy_share for point in own) / len(own) if own else 0.0,
        charging_share=sum(point.charging_share for point in own) / len(own) if own else 0.0,
        database_bytes=database.bytes,
        no_shows=sum(point.no_shows for point in own),
        demand=total_demand(point.demand for point in own),
    )


def total_revenue(points: Sequence[PointFigures]) -> dict[str, int]:
    """Return what the points earned, by currency."""
    total: Counter[str] = Counter()
    for point in points:
        total.update(point.revenue_minor)
    return dict(sorted(total.items()))
