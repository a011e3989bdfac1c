"""The picture of points over time stays small, whatever happened on them."""

from sim.measure.occupancy import POINTS_MAX, occupancy
from sim.measure.outcomes import Tally
from sim.measure.points import PointFigures
from sim.measure.use import PointUse

HOUR_MS = 3_600_000


def _points(count: int) -> list[PointFigures]:
    return [PointFigures(f"a.p{number}", "a", "p", 1, None, Tally(), 0, 0, 0, {}, 0.5, 0.5) for number in range(count)]


def test_steps_are_wider_where_there_is_too_much_to_draw() -> None:
    """Every point changes hands every ten seconds: 120 rows of 360 intervals would make a page of megabytes."""
    windows = [(at, at + 5_000) for at in range(0, HOUR_MS, 10_000)]
    use = {f"a.p{number}": PointUse(windows, windows) for number in range(200)}
    found = occupancy(_points(200), use, (0, HOUR_MS))
    assert len(found.rows) == POINTS_MAX
    assert found.step_ms > 5_000
    assert sum(len(row.reserved) + len(row.charging) for row in found.rows) <= 16_000


def test_the_finest_step_is_taken_where_there_is_little() -> None:
    use = {"a.p0": PointUse([(0, HOUR_MS // 2)], [])}
    found = occupancy(_points(1), use, (0, HOUR_MS))
    assert (found.step_ms, found.rows[0].reserved) == (5_000, [(0, 360)])
