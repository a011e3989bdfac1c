"""How a local run ends when it does not end well: interrupted, a node gone, a generator too slow. No process outlives it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.run_folder import RunFolder
from tests.sim.cli.commands import LONG, QUICK, Command, command, interruptible, recarga, running, wait_until, words_of

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the processes are looked up in /proc"),
]


@pytest.fixture
def long_run(tmp_path: Path) -> Iterator[Command]:
    """``recarga run --mode local --json`` of a scenario that takes minutes, just started."""
    (tmp_path / "long.yaml").write_text(LONG)
    with interruptible(), command(tmp_path, "run", "long.yaml", "--mode", "local", "--out", "run", "--json") as started:
        yield started


def test_a_run_whose_generator_fell_behind_is_invalid(tmp_path: Path) -> None:
    """Exit code 3, whatever the promises say; and the only output is JSON."""
    (tmp_path / "quick.yaml").write_text(QUICK)
    limit = ["--mode", "local", "--set", "generator.late_ms_p99_max=0.000001"]
    with command(tmp_path, "run", "quick.yaml", "--out", "run", *limit, "--seed", "9", "--json") as started:
        said = started.end()
    assert (said.code, said.err) == (3, "")
    progress, result = said.events[:-1], said.events[-1]
    assert {event["event"] for event in progress} == {"progress"}
    assert list(dict.fromkeys(event["phase"] for event in progress)) == [
        "starting the network",
        "driving",
        "stopping the network",
    ]
    assert (result["event"], result["verdict"], result["folder"]) == ("result", "INVALID", "run")
    assert (tmp_path / result["report"]).is_file()
    (shown,) = recarga("show", tmp_path / "run", "--json").events
    assert (shown["verdict"], shown["run"]["seed"]) == ("INVALID", 9)


def test_ctrl_c_while_vehicles_drive(long_run: Command, tmp_path: Path) -> None:
    """Exit code 1, the node stopped in order, nothing left running; what there is of the run proves nothing."""
    long_run.wait_for_line('"phase":"driving"')
    children = long_run.children()
    assert len(children) == 2, "a broker and a node"
    long_run.process.send_signal(signal.SIGINT)
    said = long_run.end()
    assert said.code == 1
    assert said.err == "recarga: interrupted; what there is of the run is in run\n"
    assert said.events[-1]["exit_code"] == 1
    assert running(children) == []
    folder = RunFolder(tmp_path / "run")
    assert folder.history.exists()
    assert not (folder.nodes / "server1.db-wal").exists(), "the node had time to close its database"
    assert recarga("audit", folder.path).code == 3


def test_ctrl_c_while_the_network_starts(long_run: Command) -> None:
    """Half started is the hardest moment to stop in order."""
    wait_until(long_run.children)
    children = long_run.children()
    long_run.process.send_signal(signal.SIGINT)
    said = long_run.end()
    assert said.code == 1
    assert "interrupted" in said.err
    assert "Traceback" not in said.err
    wait_until(lambda: not running(children))


def test_a_node_that_dies_ends_the_run(long_run: Command, tmp_path: Path) -> None:
    """Exit code 1, and the message says which node, how it ended, and where to look."""
    long_run.wait_for_line('"phase":"driving"')
    children = long_run.children()
    (node,) = (pid for pid in children if "server1" in words_of(pid))
    os.kill(node, signal.SIGKILL)
    said = long_run.end()
    assert said.code == 1
    assert said.err.startswith("recarga: server1 ended by itself with exit code -9")
    assert "log" in said.err
    assert said.events[-1]["error"] == "ChildError"
    assert running(children) == []
    assert not (tmp_path / "run" / "report.json").exists()
