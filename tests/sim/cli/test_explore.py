"""``recarga explore``: what it prints for people and programs, what it leaves, its exit codes."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.audit.planted_bugs import find
from sim.explore.errors import WorkerDied
from sim.explore.exploration import Plan, explore
from sim.explore.outcome import SeedOutcome
from sim.explore.workers import Workers
from tests.sim.cli.commands import command, interruptible, recarga, running, wait_until
from tests.sim.explore.scenarios import TINY

pytestmark = pytest.mark.system


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario file in an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "tiny.yaml"
    path.write_text(json.dumps(TINY))
    return path


def test_seeds_that_keep_their_promises(tiny: Path, tmp_path: Path) -> None:
    """Exit code 0, plain lines where there is no terminal, the sums at the end, and nothing left behind."""
    said = recarga("explore", tiny, "--seeds", "1..3", "--workers", "2")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "3 seeds"
    assert "\x1b" not in said.out
    sums = lines[-5:]
    assert sums[0] == "3 seeds, 0 failed"
    assert "virtual hours in" in sums[1]
    assert "x the clock per CPU-second" in sums[1]
    assert sums[2].startswith("12 views agreed with their owners after ")
    assert sums[3].startswith("36 vehicles, ")
    assert " crashes, " in sums[4]
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.yaml"]


def test_the_same_in_json(tiny: Path) -> None:
    """An object per seed, then the sums; nothing else."""
    said = recarga("explore", tiny, "--seeds", "4..5", "--json")
    assert said.code == 0
    seeds, summary = said.events[:-1], said.events[-1]
    assert sorted(event["seed"] for event in seeds) == [4, 5]
    assert all((event["event"], event["verdict"], len(event["trace_hash"])) == ("seed", "PASS", 32) for event in seeds)
    assert (summary["event"], summary["seeds"], summary["failed_seeds"]) == ("summary", 2, [])
    assert summary["figures"]["vehicles"] == 24


def test_a_planted_bug_is_found_kept_shrunk_and_told(tiny: Path, tmp_path: Path) -> None:
    """Exit code 99; what is printed suffices to replay it, and both folders replay to the same hash."""
    options = ["--seeds", "1..5", "--planted", "cost-off-by-one", "--out", "found", "--shrink-s", "60"]
    said = recarga("explore", tiny, *options)
    assert (said.code, said.err) == (99, "")
    assert "seed 1 fails: P9 cost: session " in said.out
    assert "vehicles 12 -> 1, faults " in said.out
    assert "P9 cost: session " in said.out.partition("recarga replay found/shrunk")[2]
    for folder in ("found", "found/shrunk"):
        replayed = recarga("replay", folder)
        assert (replayed.code, replayed.err) == (0, "")
        assert replayed.out.startswith("same hash ")
    (shown,) = recarga("show", "found", "--json").events
    assert shown["run"]["command"].startswith("recarga explore ")
    assert shown["run"]["command"].endswith("--planted cost-off-by-one --seeds 1")
    again = recarga("explore", tiny, *options)
    assert (again.code, again.err) == (1, "recarga: found holds a run already\n")
    (tmp_path / "found" / "shrunk" / "history.jsonl").unlink()
    assert recarga("replay", "found/shrunk").code == 1


def test_bad_options_are_a_line_and_exit_code_2(tiny: Path, tmp_path: Path) -> None:
    """Before any process is started."""
    for options, words in (
        (["--seeds", "9..3"], "--seeds 9..3: runs backwards; did you mean 3..9?"),
        (["--seeds", "x"], "--seeds x: expected A..B"),
        (["--seeds=-1..3"], "--seeds -1..3: expected A..B"),
        (["--planted", "nope"], "--planted nope: there is no planted bug 'nope'; there are "),
        (["--python", "python3"], "--python is for --twice"),
        (["--twice", "--planted", "all"], "--twice and --planted all do not go together"),
        (["--set", "virtual.shuffle=7"], "virtual.shuffle: expected true or false, found 7"),
        (["--set", "faults=[{at_s: 1, kind: flood}]"], "flood"),
    ):
        said = recarga("explore", tiny, *options)
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1), options
        assert words in said.err
        assert [event["exit_code"] for event in recarga("explore", tiny, *options, "--json").events] == [2]
    assert recarga("explore", tmp_path / "nowhere.yaml").code == 2
    said = recarga("explore", tiny, "--twice", "--seeds", "1", "--python", "/nonexistent/python")
    assert (said.code, said.out) == (2, "")
    assert said.err == "--python /nonexistent/python: there is no such program\n"


def test_twice(tiny: Path) -> None:
    """What CI runs: nothing may depend on how a process hashes."""
    said = recarga("explore", tiny, "--seeds", "1..2", "--twice")
    assert said.code == 0
    assert said.out.endswith("0 of 2 differ\n")


def test_planted_all_is_a_table_for_programs(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the documented shape, in the catalogue's order; exit code 99 as long as one is not found within its budget.

    Of the catalogue two bugs are enough here: one that every bill shows, and one that takes faults which TINY lacks.
    """
    bugs = (find("cost-off-by-one"), find("failed-batch-acknowledged"))
    monkeypatch.setattr("sim.cli.exploring.CATALOGUE", bugs)
    off = ["--set", "random_faults.disk_full.per_hour=0"]
    said = recarga("explore", tiny, *off, "--planted", "all", "--seeds", "1..2", "--json")
    (table,) = said.events
    easy, hard = table["planted"]
    assert {"name", "promise", "budget_seeds", "found", "seeds", "cpu_s"} <= easy.keys()
    assert (easy["name"], easy["promise"], easy["found"], easy["seeds"]) == ("cost-off-by-one", "P9", True, 1)
    assert easy["broke"][0] == "P9 cost"
    assert (hard["name"], hard["found"], hard["seeds"], hard["error"]) == ("failed-batch-acknowledged", False, 2, None)
    assert said.code == 99
    monkeypatch.setattr("sim.cli.exploring.CATALOGUE", bugs[:1])
    said = recarga("explore", tiny, "--planted", "all")
    assert said.code == 0
    assert said.out.endswith("1 of 1 planted bugs found\n")


def test_ctrl_c_ends_the_workers(tiny: Path, tmp_path: Path) -> None:
    """Exit code 1, one line, no process left; what was played is summed up, and the seeds that failed are named."""
    with (
        interruptible(),
        command(
            tmp_path,
            "explore",
            tiny,
            "--seeds",
            "1..100000",
            "--workers",
            "2",
            "--json",
            "--keep-going",
            "--planted",
            "cost-off-by-one",
        ) as started,
    ):
        started.wait_for_line('"event":"seed"')
        children = started.children()
        assert 1 <= len(children) <= 2
        started.process.send_signal(signal.SIGINT)
        said = started.end()
    assert (said.code, said.err) == (1, "recarga: interrupted\n")
    played = [event["seed"] for event in said.events if event["event"] == "seed"]
    summary, error = said.events[-2:]
    assert (summary["event"], error["event"]) == ("summary", "error")
    failed = summary["failed_seeds"]
    assert summary["seeds"] == len(failed) <= len(played) + 1, "Ctrl-C may come before the last one's line"
    assert set(played) <= set(failed)
    assert not (tmp_path / "runs").exists(), "nothing is shrunk any more"
    wait_until(lambda: not running(children))


def test_a_worker_that_dies_loses_nothing_that_was_played(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code is that of an error; the failing seeds of hours before are still told."""

    def play_one(plan: Plan, workers: Workers) -> Iterator[SeedOutcome]:
        yield next(iter(explore(plan, workers)))
        raise WorkerDied(2, "was killed by signal 9")

    monkeypatch.setattr("sim.cli.exploring.explore", play_one)
    options = ["--seeds", "1..3", "--workers", "1", "--keep-going", "--planted", "cost-off-by-one"]
    said = recarga("explore", tiny, *options)
    assert (said.code, said.err) == (1, "recarga: seed 2: its worker process was killed by signal 9\n")
    assert "1 seed, 1 failed (1)" in said.out.splitlines()
