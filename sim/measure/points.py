"""Every point in figures: what was asked of it, how much it was used, what it earned."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.measure.databases import NodeDatabase, PointRecord
from sim.measure.demand import Demand
from sim.measure.intervals import Interval
from sim.measure.use import PointUse


@dataclass(frozen=True, slots=True)
class PointFigures:
    """One charging point."""

    id: str
    node: str
    name: str
    max_power_w: int | None
    """None, like ``connector``: vehicles asked for it, but no node has it."""
    connector: str | None
    demand: Demand
    """Windows on it that were asked for."""
    reservations: int
    """That were made, walk-ins' included."""
    sessions: int
    energy_wh: int
    revenue_minor: dict[str, int]
    """By currency, in its minor unit."""
    busy_share: float
    """Of the run's time, reserved or charging."""
    charging_share: float
    no_shows: int = 0
    """Reservations whose drivers did not come."""


def point_figures(
    databases: Sequence[NodeDatabase], demand: Mapping[str, Demand], use: Mapping[str, PointUse], run: Interval
) -> list[PointFigures]:
    """Return every point that a node has, or that vehicles asked for; by node and id."""
    run_ms = max(1, run[1] - run[0])
    found: dict[str, PointFigures] = {}
    for database in databases:
        reservations = Counter(window.point_id for window in database.windows)
        no_shows = Counter(window.point_id for window in database.windows if window.is_no_show)
        sessions: Counter[str] = Counter()
        energy_wh: Counter[str] = Counter()
        revenue_minor: dict[str, Counter[str]] = {}
        for session in database.sessions:
            sessions[session.point_id] += 1
            energy_wh[session.point_id] += session.energy_wh
            revenue_minor.setdefault(session.point_id, Counter())[session.currency] += session.cost_minor
        for point in database.points:
            found[point.id] = PointFigures(
                id=point.id,
                node=database.id,
                name=point.name,
                max_power_w=point.max_power_w,
                connector=point.connector,
                demand=demand.get(point.id, Demand()),
                reservations=reservations[point.id],
                sessions=sessions[point.id],
                energy_wh=energy_wh[point.id],
                revenue_minor=_revenue(point, revenue_minor),
                busy_share=use[point.id].busy_ms / run_ms,
                charging_share=use[point.id].charging_ms / run_ms,
                no_shows=no_shows[point.id],
            )
    for name, asked in demand.items():
        if name not in found:
            found[name] = _nobodys_point(name, asked)
    return sorted(found.values(), key=lambda point: (point.node, point.id))


def _revenue(point: PointRecord, revenue_minor: Mapping[str, Counter[str]]) -> dict[str, int]:
    return {point.currency: 0} | dict(revenue_minor.get(point.id, {}))


def _nobodys_point(name: str, asked: Demand) -> PointFigures:
    node = name.partition(".")[0]
    return PointFigures(name, node, name, None, None, asked, 0, 0, 0, {}, 0.0, 0.0)


def most_contended(points: Sequence[PointFigures]) -> list[PointFigures]:
    """Return the points at which somebody was refused, the most refusals first."""
    refusing = (point for point in points if point.demand.refused)
    return sorted(refusing, key=lambda point: (-point.demand.refused, -point.demand.offered, point.id))
