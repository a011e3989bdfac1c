import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sim.measure.databases import NodeDatabase, read_databases
from sim.measure.demand import Demand
from sim.measure.errors import MeasureError
from sim.measure.nodes import node_figures
from sim.measure.occupancy import POINTS_MAX, occupancy
from sim.measure.outcomes import Tally
from sim.measure.points import PointFigures, most_contended, point_figures
from sim.measure.use import use_by_point
from tests.sim.measure.made_run import START_MS, MadeRun

HOUR = (START_MS, START_MS + 3_600_000)


def _databases(run: MadeRun, tmp_path: Path) -> list[NodeDatabase]:
    return read_databases(run.write(tmp_path / "run") / "nodes", run.nodes)


def _figures(run: MadeRun, tmp_path: Path, demand: dict[str, Demand] | None = None) -> list[PointFigures]:
    databases = _databases(run, tmp_path)
    return point_figures(databases, demand or {}, use_by_point(databases, HOUR), HOUR)


def test_a_point_is_busy_while_reserved_or_charging_and_no_moment_counts_twice(tmp_path: Path) -> None:
    run = MadeRun()
    run.window("server1.p1", 0, 1_800)
    run.session("server1.p1", 600, 1_500)
    point = _figures(run, tmp_path)[0]
    assert (point.busy_share, point.charging_share) == (0.5, 0.25)
    assert (point.reservations, point.sessions, point.energy_wh, point.revenue_minor) == (1, 1, 8_000, {"BRL": 800})


def test_a_released_window_counts_until_its_release(tmp_path: Path) -> None:
    """In force is `[start, released or end)`: what was cancelled before its start never was."""
    run = MadeRun()
    run.window("server1.p1", 0, 3_600, released_s=900)
    run.window("server2.p1", 1_000, 3_600, released_s=10)
    assert [point.busy_share for point in _figures(run, tmp_path)] == [0.25, 0.0]


def test_a_rejected_reservation_was_never_in_force(tmp_path: Path) -> None:
    run = MadeRun()
    run.window("server1.p1", 0, 3_600, status="REJECTED")
    point = _figures(run, tmp_path)[0]
    assert (point.busy_share, point.reservations) == (0.0, 0)


def test_what_goes_on_after_the_run_does_not_count(tmp_path: Path) -> None:
    """Shares are of the time that was played; a session that never ended lasts until then."""
    run = MadeRun()
    run.window("server1.p1", 2_700, 9_000)
    run.session("server1.p1", 2_700, None)
    point = _figures(run, tmp_path)[0]
    assert (point.busy_share, point.charging_share) == (0.25, 0.25)


def test_a_point_that_no_node_has_is_listed_with_what_was_asked_of_it(tmp_path: Path) -> None:
    """Vehicles that ask for a point that is not there are a finding."""
    asked = Demand(offered=3, refused=3)
    point = _figures(MadeRun(), tmp_path, {"server9.ghost": asked})[-1]
    assert (point.id, point.node, point.max_power_w, point.demand) == ("server9.ghost", "server9", None, asked)


def test_the_most_contended_point_refused_most(tmp_path: Path) -> None:
    demand = {
        "server1.p1": Demand(9, 5, 4, 0, 0),
        "server2.p1": Demand(6, 1, 5, 0, 0),
        "server9.x": Demand(7, 7, 0, 0, 0),
    }
    found = most_contended(_figures(MadeRun(), tmp_path, demand))
    assert [point.id for point in found] == ["server2.p1", "server1.p1"]
    assert found[0].demand.attempts_per_acceptance == 6


def test_nodes_add_up_their_own_points(tmp_path: Path) -> None:
    run = MadeRun()
    run.session("server1.p1", 0, 100, energy_wh=5, cost_minor=2)
    run.session("server1.p1", 200, 300, energy_wh=6, cost_minor=3)
    databases = _databases(run, tmp_path)
    points = point_figures(databases, {"server1.ghost": Demand(1, 0, 1)}, use_by_point(databases, HOUR), HOUR)
    nodes = node_figures(databases, points, {"server1": Tally(4, 4)})
    assert [(node.id, node.points, node.energy_wh, node.revenue_minor) for node in nodes] == [
        ("server1", 1, 11, {"BRL": 5}),
        ("server2", 1, 0, {"BRL": 0}),
    ]
    assert nodes[0].requests.offered == 4


def test_occupancy_shows_the_busiest_points_and_says_how_many_there_are(tmp_path: Path) -> None:
    run = MadeRun([f"server{node}.p{number:03}" for node in (1, 2) for number in range(100)])
    for number, point in enumerate(run.points):
        run.window(point, 0, 10 * (number + 1))
    databases = _databases(run, tmp_path)
    use = use_by_point(databases, HOUR)
    shown = occupancy(point_figures(databases, {}, use, HOUR), use, HOUR)
    assert (len(shown.rows), shown.points) == (POINTS_MAX, 200)
    assert [row.node for row in shown.rows] == sorted(row.node for row in shown.rows)
    assert shown.rows[0].point == "server1.p099"
    assert {row.point for row in shown.rows} == set(run.points[-POINTS_MAX:])


def test_occupancy_marks_two_reservations_at_once(tmp_path: Path) -> None:
    """The one thing that must never happen must not be drawn over."""
    run = MadeRun()
    run.window("server1.p1", 0, 600)
    run.window("server1.p1", 599, 1_200)
    databases = _databases(run, tmp_path)
    use = use_by_point(databases, HOUR)
    shown = occupancy(point_figures(databases, {}, use, HOUR), use, HOUR)
    rows = {row.point: row for row in shown.rows}
    seconds = shown.step_ms // 1000
    assert rows["server1.p1"].conflicts == [(599 // seconds, 600 // seconds)]
    assert rows["server2.p1"].conflicts == []


def test_occupancy_stays_small_however_long_the_run(tmp_path: Path) -> None:
    """A year of sessions is still one picture."""
    run = MadeRun(["server1.p1"])
    for number in range(5_000):
        run.window("server1.p1", number * 6_000, number * 6_000 + 3_000)
    year = (START_MS, START_MS + 366 * 86_400_000)
    databases = _databases(run, tmp_path)
    use = use_by_point(databases, year)
    shown = occupancy(point_figures(databases, {}, use, year), use, year)
    assert len(shown.rows[0].reserved) <= 720


def test_a_database_is_read_with_what_stands_in_its_log_only(tmp_path: Path) -> None:
    """A node that was killed leaves its last transactions in the log beside the database, which must stay as it is."""
    path = MadeRun().write(tmp_path / "run") / "nodes" / "server1.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE node SET epoch = 5")
        connection.commit()
        files = {file.name: file.read_bytes() for file in path.parent.iterdir() if "wal" in file.name}
        assert files
        database = read_databases(path.parent, ["server1"])[0]
        assert database.epoch == 5
        assert files == {file.name: file.read_bytes() for file in path.parent.iterdir() if "wal" in file.name}


def test_a_database_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    folder = MadeRun().write(tmp_path / "run") / "nodes"
    (folder / "server2.db").write_bytes(b"SQLite format 3\0" + b"x" * 5_000)
    with pytest.raises(MeasureError, match=r"server2\.db: cannot be read as a node's database: [^\n]+$"):
        read_databases(folder, ["server1", "server2"])
    with pytest.raises(MeasureError, match=r"server3\.db: missing[^\n]+$"):
        read_databases(folder, ["server3"])


def test_a_database_of_another_schema_is_refused(tmp_path: Path) -> None:
    """Columns may mean something else there."""
    path = MadeRun().write(tmp_path / "run") / "nodes" / "server1.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE node SET schema_version = 99")
        connection.commit()
    with pytest.raises(MeasureError, match=r"server1\.db: has schema 99"):
        read_databases(path.parent, ["server1"])
