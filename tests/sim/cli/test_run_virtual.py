"""What only a virtual run does: it comes to the same again, tells mistakes of the code apart, and is interrupted in order."""

import json
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from nodes.node import Node
from sim.explore.replay import read_recorded
from tests.sim.cli.commands import QUICK, command, interruptible, recarga

LONG = QUICK.replace("duration_s: 60", "duration_s: 3600000").replace("vehicles: 4", "vehicles: 20000")


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario of four vehicles, in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = Path("quick.yaml")
    path.write_text(QUICK)
    return path


def _report(folder: str) -> dict[str, dict[str, object]]:
    report: dict[str, dict[str, object]] = json.loads((Path(folder) / "report.json").read_bytes())
    return report


def test_the_same_command_comes_to_the_same_hash(quick: Path) -> None:
    """That is what a trace hash is for; another seed comes to another."""
    hashes = []
    for number, seed in enumerate(("1", "1", "2")):
        assert recarga("run", quick, "--seed", seed, "--out", f"run{number}", "--json").code == 0
        hashes.append(_report(f"run{number}")["run"]["trace_hash"])
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 2
    assert recarga("replay", "run0").code == 0


def test_requests_may_go_through_the_api(quick: Path) -> None:
    """The resolved scenario, the history and the command to repeat it all say so."""
    said = recarga("run", quick, "--through-api", "--out", "run", "--json")
    assert (said.code, said.events[-1]["verdict"]) == (0, "PASS")
    begin = json.loads(Path("run/history.jsonl").read_text().splitlines()[0])["value"]
    assert begin["through_api"] is True
    assert begin["command"] == "recarga run quick.yaml --through-api"
    assert "through_api: true" in Path("run/scenario.yaml").read_text()


def test_a_local_run_goes_through_the_api_anyway(quick: Path) -> None:
    """An option that would change nothing is a misunderstanding: exit code 2."""
    said = recarga("run", quick, "--mode", "local", "--through-api", "--out", "run")
    assert (said.code, Path("run").exists()) == (2, False)
    assert said.err == "--through-api is for virtual runs; local runs always go through the API\n"
    said = recarga("run", quick, "--broker", "mosquitto", "--out", "run")
    assert (said.code, said.err) == (2, "--broker is for local runs; virtual ones simulate it\n")


def test_a_fault_that_real_processes_cannot_suffer_is_refused(quick: Path) -> None:
    """In local mode, with its place, before anything is started; in virtual time it is played."""
    quick.write_text(QUICK + "faults:\n  - {at_s: 10, kind: disk_slow, node: server1, factor: 20, for_s: 5}\n")
    said = recarga("run", quick, "--mode", "local", "--out", "run", "--json")
    assert (said.code, Path("run").exists()) == (2, False)
    assert said.err.startswith("quick.yaml:6:22: faults[0].kind: disk_slow happens in virtual runs only")
    assert recarga("run", quick, "--out", "run", "--json").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "fleet.vehicles=-1"], "fleet.vehicles"),
        (["--set", "virtual.latency_ms=fast"], "virtual.latency_ms"),
        (["--set", "virtual.nothing=1"], "virtual.nothing"),
        (["--set", "virtual"], "expected path.to.key=value"),
        (["--set", "random_faults.crash.per_hour=-1"], "random_faults.crash.per_hour"),
        (["--mode", "remote"], "remote"),
    ],
)
def test_what_cannot_be_played_is_a_bad_scenario(quick: Path, arguments: list[str], message: str) -> None:
    """Exit code 2 with the place, and nothing is written."""
    said = recarga("run", quick, *arguments, "--out", "run")
    assert said.code == 2
    assert message in said.err
    assert not Path("run").exists()


def test_a_mistake_in_the_code_is_told_as_one(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, no traceback: the message says what, where in the code, and where the run is."""

    def handle(*_: object, **__: object) -> None:
        time.sleep(0.1)

    monkeypatch.setattr(Node, "handle", handle)
    said = recarga("run", quick, "--out", "run", "--json")
    event = said.events[-1]
    assert (said.code, event["error"], event["exit_code"]) == (1, "CodeFinding", 1)
    assert "time.sleep" in said.err
    assert said.err.endswith(
        "a finding about the code that ran, not about the scenario; what there is of the run is in run\n"
    )
    assert not Path("run/report.json").exists()
    recorded = read_recorded(Path("run"))
    assert recorded.mistake is not None, "it can be replayed up to there"
    assert (recorded.mistake.kind, recorded.trace_hash) == ("RealIOError", None)


@pytest.mark.system
def test_ctrl_c_ends_it_in_one_line(tmp_path: Path) -> None:
    """Exit code 1; the databases are closed and whole, and what there is proves nothing."""
    (tmp_path / "long.yaml").write_text(LONG)
    with interruptible(), command(tmp_path, "run", "long.yaml", "--out", "run", "--json") as started:
        line = started.wait_for_line('"speed":')
        started.process.send_signal(signal.SIGINT)
        said = started.end()
    assert json.loads(line)["speed"] > 10, "a time lapse"
    assert said.code == 1
    assert said.err == "recarga: interrupted; what there is of the run is in run\n"
    database = tmp_path / "run" / "nodes" / "server1.db"
    assert not database.with_name("server1.db-wal").exists()
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert recarga("audit", tmp_path / "run").code == 3
