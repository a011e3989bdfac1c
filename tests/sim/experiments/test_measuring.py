"""From a real run's folder to its figures."""

from pathlib import Path

import pytest

from sim.experiments.grid import Axis, cells_of
from sim.experiments.measuring import SLICES, measure, presence, usual_warm_up
from sim.experiments.playing import play
from sim.experiments.records import Visit, read_records
from sim.experiments.task import Task, task_of
from sim.report import build_report
from sim.run_folder import RunFolder
from sim.scenario.schema import Scenario
from sim.virtual_run import VirtualRun
from tests.sim.experiments.made import QUICK, cells, scenario_file


def test_the_figures_of_a_run_are_those_of_its_report(tmp_path: Path) -> None:
    """Computed on another way, from the same files."""
    (cell,) = cells(tmp_path, 120.0)
    folder = RunFolder(tmp_path / "run")
    VirtualRun(cell.with_seed(3), folder, "test", lambda _: None).play()
    found, report = measure(read_records(folder.path)), build_report(folder.path, {})
    fates = report.fates[0]
    assert found.figures["served_share"] == pytest.approx(fates.served / fates.vehicles)
    assert found.figures["offered_per_h"] == pytest.approx(fates.vehicles * 6)
    asked = report.bookings.offered - 1
    assert found.figures["refused_share"] == pytest.approx(report.bookings.refused / asked, abs=0.01), (
        "but for the one that the laboratory itself makes when all is over"
    )
    assert found.figures["granted_per_h"] == pytest.approx(report.bookings.accepted * 6, abs=6)
    latency = report.latency_ms["reserve"]["all"].from_intended
    assert found.figures["reserve_p50_ms"] == pytest.approx(latency.p50, rel=0.05)
    energy_wh = sum(node.energy_wh for node in report.nodes)
    whole_kwh = found.figures["energy_kwh_per_h"]
    assert whole_kwh is not None
    assert whole_kwh / 6 * 1000 <= energy_wh, "what flows after the last arrival is not counted"
    assert found.settled


def test_a_run_that_a_limit_ended_is_measured_until_then(tmp_path: Path) -> None:
    """Rates over time in which nobody could come any more would be too low."""
    path = scenario_file(tmp_path, QUICK + "slo: [{limit: offered < 1, abort_after_s: 60}]\n")
    (cell,) = cells_of(path, [Axis("fleet.rate_per_h", [120.0])])
    folder = RunFolder(tmp_path / "run")
    VirtualRun(cell.with_seed(3), folder, "test", lambda _: None).play()
    records = read_records(folder.path)
    played_s = records.recording.civil_duration_s
    assert played_s < 300
    rate_per_h = len([each for each in records.visits if each.decided_s < played_s]) * 3_600 / played_s
    assert measure(records).figures["offered_per_h"] == pytest.approx(rate_per_h)


def test_vehicles_present_are_counted_slice_by_slice() -> None:
    """From deciding to being done; who never leaves is there to the end."""
    there = presence([Visit(0, 50, 0.0), Visit(20, 1e9, None)], 100.0)
    assert len(there) == SLICES
    assert [there[0], there[150], there[300], there[-1]] == [1, 2, 1, 1]


@pytest.mark.parametrize(
    ("members", "warm_up"),
    [
        ({}, "mser5"),
        ({"fleet": {"arrivals": [{"from_s": 0, "weight": 1}, {"from_s": 9, "weight": 2}]}}, "none"),
        ({"faults": [{"at_s": 1, "kind": "crash", "node": "server1", "for_s": 5}]}, "none"),
        ({"random_faults": {"crash": {"per_hour": 1}}}, "none"),
    ],
)
def test_warm_up_is_left_out_where_there_can_be_a_steady_state(members: dict[str, object], warm_up: str) -> None:
    """A rush hour has none, and neither has a night in which things break."""
    spec = Scenario.model_validate({"name": "test", "time": {"duration_s": 60}} | members)
    assert usual_warm_up(spec) == warm_up


def test_what_is_played_twice_comes_to_the_same_and_its_key_tells_settings_apart(tmp_path: Path) -> None:
    """In virtual time a result can be kept for good."""
    (cell,) = cells(tmp_path, 60.0)

    def task(seed: int, warm_up: float | str = "none") -> Task:
        return task_of(cell, seed, warm_up, "test", with_report=True)

    one, other = play(task(1)), play(task(1))
    assert (one.trace_hash, one.figures, one.verdict) == (other.trace_hash, other.figures, "PASS")
    assert one.report.startswith(b"<!doctype html>") or b"<html" in one.report
    keys = {task(1).key, task(2).key, task(1, "mser5").key, task(1, 60.0).key}
    assert len(keys) == 4
    late = play(task(1, 300.0))
    assert late.from_s == 300.0
    assert late.figures != one.figures
