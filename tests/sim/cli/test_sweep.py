"""``recarga sweep`` and ``recarga compare`` from the outside: exit codes, resuming, workers and clusters that die."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.sim.cli.commands import PATIENCE_S, command, interruptible, recarga, running, wait_until, words_of
from tests.sim.experiments.made import QUICK, scenario_file

BUSY = QUICK.replace("duration_s: 600", "duration_s: 14400").replace("rate_per_h: 60", "rate_per_h: 200")
"""About a second of CPU per replication."""
ARGUMENTS = ("--replications", "2", "--workers", "2", "--out", "out", "--json")
RATES = ("--set", "fleet.rate_per_h=60,120")


def workers_of(pid: int, processes: list[int]) -> list[int]:
    """Return those that play, of a command's children: not multiprocessing's resource tracker."""
    assert pid
    return [child for child in processes if "spawn_main" in " ".join(words_of(child))]


def test_a_sweep_leaves_its_report_and_is_not_played_twice(tmp_path: Path) -> None:
    """Every run is audited; the second time nothing is left to do, and the report is the same."""
    path = scenario_file(tmp_path)
    with command(tmp_path, "sweep", path, *RATES, *ARGUMENTS) as sweeping:
        said = sweeping.end()
    assert said.code == 0, said.err
    *steps, result = said.events
    assert [step["event"] for step in steps] == ["replication"] * 4
    assert sorted((step["cell"], step["seed"]) for step in steps) == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert steps[-1]["left_s"] == 0
    assert (result["verdict"], result["runs"], result["reused"]) == ("PASS", 4, 0)
    folder = tmp_path / "out"
    report = json.loads((folder / "sweep.json").read_bytes())
    first = report["cells"][0]["runs"][0]
    assert (folder / first["report"]).read_text().startswith("<!doctype html>")
    assert first["command"] == f"recarga run {path} --set fleet.rate_per_h=60 --seed 1"
    with command(tmp_path, "sweep", path, *RATES, *ARGUMENTS) as sweeping:
        again = sweeping.end().events
    assert [event["event"] for event in again] == ["result"]
    assert again[0]["reused"] == 4
    after = json.loads((folder / "sweep.json").read_bytes())
    assert after["cells"] == report["cells"]
    with command(tmp_path, *first["command"].split()[1:], "--out", "rebuilt") as rerun:
        assert rerun.end().code == 0
    rebuilt = json.loads((tmp_path / "rebuilt" / "report.json").read_bytes())
    assert rebuilt["run"]["trace_hash"] == first["trace_hash"], "the printed command plays the same run"


def test_a_killed_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    """What is on disk counts; its workers do not outlive it; and the end is that of one which was never killed."""
    path = scenario_file(tmp_path, BUSY)
    words = ("sweep", path, "--set", "fleet.rate_per_h=100,200", "--replications", "3", "--workers", "2", "--json")
    with command(tmp_path, *words, "--out", "killed") as sweeping:
        sweeping.wait_for_line('"replication"')
        workers = workers_of(sweeping.process.pid, sweeping.children())
        assert workers
        sweeping.process.kill()
        sweeping.process.wait(PATIENCE_S)
    wait_until(lambda: not running(workers))
    kept = len(list((tmp_path / "killed" / "results").glob("*.json")))
    assert 1 <= kept < 6
    with command(tmp_path, *words, "--out", "killed") as sweeping:
        *steps, result = sweeping.end().events
    assert (len(steps), result["reused"], result["runs"]) == (6 - kept, kept, 6)
    with command(tmp_path, *words, "--out", "whole") as sweeping:
        assert sweeping.end().code == 0
    one, other = (json.loads((tmp_path / name / "sweep.json").read_bytes())["cells"] for name in ("killed", "whole"))
    assert one == other


def test_a_worker_that_is_killed_does_not_end_the_sweep(tmp_path: Path) -> None:
    """Its replication is played again by another."""
    path = scenario_file(tmp_path, BUSY)
    with command(
        tmp_path, "sweep", path, "--replications", "4", "--workers", "2", "--json", "--out", "out"
    ) as sweeping:
        sweeping.wait_for_line('"replication"')
        victim = workers_of(sweeping.process.pid, sweeping.children())[0]
        os.kill(victim, signal.SIGKILL)
        said = sweeping.end()
    assert said.code == 0, said.err
    assert said.events[-1]["runs"] == 4
    assert {event["verdict"] for event in said.events[:-1]} == {"PASS"}


def test_ctrl_c_ends_a_sweep_and_says_how_to_go_on(tmp_path: Path) -> None:
    """At once, with all its workers, and without a traceback."""
    path = scenario_file(tmp_path, BUSY)
    with (
        interruptible(),
        command(tmp_path, "sweep", path, "--replications", "50", "--json", "--out", "out") as sweeping,
    ):
        sweeping.wait_for_line('"replication"')
        workers = workers_of(sweeping.process.pid, sweeping.children())
        begun_s = time.monotonic()
        sweeping.process.send_signal(signal.SIGINT)
        said = sweeping.end()
    assert said.code == 1
    assert "the same command goes on" in said.err
    assert "Traceback" not in said.err
    assert time.monotonic() - begun_s < PATIENCE_S / 4
    wait_until(lambda: not running(workers))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--set", "fleet.rate_per_h=5..1"), "a range that rises"),
        (("--set", "fleet.rate_per_h=1,-1"), "fleet.rate_per_h"),
        (("--set", "fleet.speed=1,2"), "fleet.speed"),
        (("--set", "fleet.rate_per_h"), "expected path.to.key"),
        (("--measure", "luck"), "there is no such figure"),
        (("--warm-up", "soon"), "expected mser5, none, or seconds"),
        (("--engine", "cloud"), "expected local, or dask://host:port"),
    ],
)
def test_what_cannot_be_meant_ends_before_anything_is_played(
    tmp_path: Path, words: tuple[str, ...], expected: str
) -> None:
    """Exit code 2, one line, no folder."""
    out = tmp_path / "out"
    said = recarga("sweep", scenario_file(tmp_path), *words, "--out", out)
    assert said.code == 2
    assert expected in said.err
    assert not (out / "sweep.json").exists()


def test_a_folder_that_holds_a_run_is_not_made_a_sweep(tmp_path: Path) -> None:
    """Nobody's run is mixed with something else."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "history.jsonl").write_text("")
    said = recarga("sweep", scenario_file(tmp_path), "--out", tmp_path / "run")
    assert said.code == 1
    assert "holds a run, not a sweep" in said.err


def test_a_sweep_of_the_scenarios_own_section(tmp_path: Path) -> None:
    """Without an option."""
    text = QUICK + "sweep: {set: {fleet.rate_per_h: 30..60:30}, replications: 1}\n"
    with command(tmp_path, "sweep", scenario_file(tmp_path, text), "--json") as sweeping:
        said = sweeping.end()
    assert said.code == 0, said.err
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("quick-sweep-")
    report = json.loads((folder / "sweep.json").read_bytes())
    assert [cell["settings"] for cell in report["cells"]] == [{"fleet.rate_per_h": rate} for rate in (30, 60)]


def test_two_runs_are_compared_and_a_regression_has_its_exit_code(tmp_path: Path) -> None:
    """For the CI of who uses it: 99 only where it is asked for."""
    path = scenario_file(tmp_path, QUICK.replace("points_per_node: 2", "points_per_node: 6"))
    for name, points in (("good", 6), ("bad", 1)):
        made = recarga("run", path, "--set", f"network.points_per_node={points}", "--out", tmp_path / name)
        assert made.code == 0, made.err
    good, bad = tmp_path / "good", tmp_path / "bad"
    assert recarga("compare", good, bad).code == 0
    said = recarga("compare", good, bad, "--fail-on-regression", "--json")
    assert said.code == 99
    result = said.events[-1]
    assert result["regressed"]
    assert ["quick", "served_share"] in result["regressions"]
    back = recarga("compare", bad, good, "--json").events[-1]
    assert ["quick", "served_share"] not in back["regressions"], "better is no regression"
    same = recarga("compare", good, good, "--fail-on-regression")
    assert (same.code, same.out.strip()) == (0, "all figures are the same")
    nothing = recarga("compare", good, tmp_path / "nowhere")
    assert nothing.code == 1
    assert "holds neither a run" in nothing.err


def test_two_runs_of_different_scenarios_are_said_to_differ(tmp_path: Path) -> None:
    """A change of figures may come from there; and a limit that no longer holds is a regression."""
    path = scenario_file(tmp_path)
    assert recarga("run", path, "--out", tmp_path / "one").code == 0
    limit = ("--set", "slo=[offered < 1]")
    assert recarga("run", path, "--set", "network.points_per_node=3", *limit, "--out", tmp_path / "other").code == 99
    found = recarga("compare", tmp_path / "one", tmp_path / "other", "--tolerance", "10", "--fail-on-regression")
    assert found.code == 99
    assert "they differ at network.points_per_node" in " ".join(found.out.split())
    assert "fails, and did not before: A limit did not hold" in " ".join(found.out.split())
    assert recarga("compare", tmp_path / "other", tmp_path / "other", "--fail-on-regression").code == 0
