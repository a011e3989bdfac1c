"""The busiest points over time, on a grid fine enough for a page: small however long the run was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.measure.intervals import Interval, covering_grid, on_grid, overlaps
from sim.measure.points import PointFigures
from sim.measure.use import PointUse

POINTS_MAX = 120
"""More rows than that are no picture."""
_STEPS_MAX = 720
"""About one a pixel."""
_INTERVALS_MAX = 16_000
"""Of all rows; where there are more, steps are made wider until they are few enough: each costs a page about 20 bytes."""
_ROUND_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400)


@dataclass(frozen=True, slots=True)
class OccupancyRow:
    """One point; intervals are ``[from, until)`` in steps since the beginning."""

    point: str
    node: str
    reserved: list[Interval]
    """Reservations in force."""
    charging: list[Interval]
    """Sessions."""
    conflicts: list[Interval]
    """Where two reservations were in force at once, or two sessions ran: never, if the node is right."""


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Points over the scenario's time."""

    civil_start_ms: int
    civil_end_ms: int
    step_ms: int
    points: int
    """All there are; ``rows`` holds the busiest of them."""
    rows: list[OccupancyRow]
    """By node, then the busiest first."""


def occupancy(points: Sequence[PointFigures], use: Mapping[str, PointUse], run: Interval) -> Occupancy:
    """Return the points that were busy longest."""
    own = [point for point in points if point.id in use]
    busiest = sorted(own, key=lambda point: (-point.busy_share, -point.demand.offered, point.id))[:POINTS_MAX]
    nodes = {name: number for number, name in enumerate(dict.fromkeys(point.node for point in own))}
    busiest.sort(key=lambda point: nodes[point.node])
    steps_ms = _steps_ms(run[1] - run[0])
    while True:
        step_ms = steps_ms.pop(0)
        rows = [_row(point, use[point.id], run[0], step_ms) for point in busiest]
        if not steps_ms or sum(_intervals(row) for row in rows) <= _INTERVALS_MAX:
            return Occupancy(run[0], run[1], step_ms, len(own), rows)


def _row(point: PointFigures, use: PointUse, start_ms: int, step_ms: int) -> OccupancyRow:
    twice = [*overlaps(use.windows), *overlaps(use.sessions)]
    return OccupancyRow(
        point=point.id,
        node=point.node,
        reserved=on_grid(use.windows, start_ms, step_ms),
        charging=on_grid(use.sessions, start_ms, step_ms),
        conflicts=covering_grid(twice, start_ms, step_ms),
    )


def _intervals(row: OccupancyRow) -> int:
    return len(row.reserved) + len(row.charging) + len(row.conflicts)


def _steps_ms(run_ms: int) -> list[int]:
    """Return the steps that may be taken, the finest first."""
    fitting = [step_s * 1000 for step_s in _ROUND_STEPS_S if step_s * 1000 * _STEPS_MAX >= run_ms]
    return fitting or [_ROUND_STEPS_S[-1] * 1000]
