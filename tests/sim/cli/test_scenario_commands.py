"""``recarga validate``, ``show`` and ``version``: what they print, for people and for programs, and their exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

from nodes.documents import parse_document
from nodes.version import VERSION
from sim.scenario.load import load_scenario
from tests.sim.cli.commands import QUICK, recarga

BROKEN = "name: x\ntime: {duration_s: -1}\nfleat: {}\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.yaml"
    path.write_text(QUICK)
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    return path


def test_validate_says_what_is_in_a_scenario(good: Path) -> None:
    """A line for people, with what one would want to check: how much there is of everything."""
    said = recarga("validate", good)
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{good}: valid (4 vehicles, 2 points on 1 node)\n"


def test_validate_tells_of_faults_that_no_virtual_run_will_have(good: Path) -> None:
    """Else a run passes, and nobody knows that nothing was broken in it."""
    faults = "faults=[{at_s: 59, kind: broker_crash}, {at_s: 60, kind: broker_crash}]"
    said = recarga("validate", good, "--set", faults)
    assert said.code == 0
    assert said.out.splitlines()[1:] == [
        f"{good}: 1 fault of 2 would begin at time.duration_s or later: virtual runs leave out such"
    ]
    assert recarga("validate", good, "--set", faults, "--json").events[0]["faults_left_out"] == 1


def test_validate_in_json(good: Path) -> None:
    """The hash is the one that the run's report will have."""
    said = recarga("validate", good, "--json")
    (event,) = said.events
    expected = {"event": "valid", "path": str(good), "name": "quick", "hash": load_scenario(good).hash}
    assert (said.code, event) == (0, expected)
    assert recarga("validate", good, "--set", "seed=2", "--json").events[0]["hash"] != event["hash"]


@pytest.mark.parametrize("command", [["validate"], ["show"], ["run"]])
@pytest.mark.parametrize("json", [[], ["--json"]])
def test_a_bad_scenario_is_exit_code_2_and_every_problem_a_line(
    broken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], json: list[str]
) -> None:
    """Nothing is started, nothing is left behind, and no traceback is printed."""
    monkeypatch.chdir(tmp_path)
    said = recarga(*command, broken, *json)
    lines = said.err.splitlines()
    assert said.code == 2
    assert lines[0] == f"{broken}:2:20: time.duration_s: expected more than 0, found -1"
    assert lines[1] == f"{broken}:3:1: fleat: unknown key 'fleat'; did you mean 'fleet'?"
    assert len(lines) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["broken.yaml"]
    if json:
        (event,) = said.events
        assert (event["event"], event["error"], event["exit_code"]) == ("error", "DocumentError", 2)
        assert event["message"] == said.err.rstrip("\n")
    else:
        assert said.out == ""


def test_a_bad_file_that_the_scenario_names_is_exit_code_2_too(good: Path, tmp_path: Path) -> None:
    """``run`` finds it before it makes a folder or a process."""
    change = "network.points_files.server1=nowhere.json"
    for command in (["validate"], ["show"], ["run", "--out", str(tmp_path / "run")]):
        said = recarga(*command, good, "--set", change)
        assert said.code == 2
        assert "nowhere.json:1:1: (document): cannot be read" in said.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("change", ["fleet.vehicles=x", "nope=1", "seed"])
def test_a_bad_change_is_exit_code_2(good: Path, change: str) -> None:
    """The same error as in the file."""
    for command in ("validate", "show", "run"):
        said = recarga(command, good, "--set", change)
        assert said.code == 2
        assert change.partition("=")[0] in said.err


def test_several_files_are_all_looked_at(good: Path, broken: Path) -> None:
    """CI wants every problem of every file; one bad file decides the exit code."""
    said = recarga("validate", broken, good, broken, "--json")
    assert said.code == 2
    assert [event["event"] for event in said.events] == ["error", "valid", "error"]


def test_brackets_in_a_path_are_no_markup(tmp_path: Path) -> None:
    """A library that colours output must not eat file names."""
    folder = tmp_path / "x[red][" / "bold]"
    folder.mkdir(parents=True)
    path = folder / "s.yaml"
    path.write_text(QUICK)
    assert str(path) in recarga("validate", path).out


def test_show_fills_in_what_is_left_out_and_can_be_read_again(good: Path, tmp_path: Path) -> None:
    """What it prints is a scenario that means the same."""
    said = recarga("show", good, "--set", "description='22:00 [x] é'")
    assert said.code == 0
    shown = tmp_path / "shown.yaml"
    shown.write_text(said.out, encoding="utf-8")
    assert load_scenario(shown).scenario == load_scenario(good, ["description='22:00 [x] é'"]).scenario
    assert "patience_s" in said.out
    assert "# points: 2\n" in said.out
    assert "# vehicles: 4\n" in said.out
    assert f"# local_run_s_at_most: {660 / 300}" in said.out


def test_show_in_json(good: Path) -> None:
    """The same as one object."""
    (event,) = recarga("show", good, "--json").events
    assert (event["event"], event["nodes"], event["points"], event["vehicles"]) == ("scenario", ["server1"], 2, 4)
    assert event["scenario"]["fleet"]["classes"][0]["think_s"] == {"exponential": 20}
    assert parse_document(str(event["scenario"]["time"]["duration_s"]), "x").data == 60


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "."], 1, "recarga: "),
        (["show", "nowhere"], 2, "nowhere:1:1: (document): cannot be read"),
        (["audit", "nowhere"], 1, "nowhere"),
        (["audit", "."], 1, "recarga: "),
        (["show", ".", "--set", "seed=1"], 1, "--set changes a scenario; this is a run"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, words: str
) -> None:
    """2 for a scenario, 1 for the rest."""
    monkeypatch.chdir(tmp_path)
    said = recarga(*arguments)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert said.err.count("\n") == 1
    said = recarga(*arguments, "--json")
    assert [event["exit_code"] for event in said.events] == [code]


def test_version() -> None:
    """For people and programs."""
    assert recarga("version").out.startswith(f"recarga {VERSION} (Python 3.")
    assert recarga("version", "--json").events[0]["recarga"] == VERSION


def test_the_command_as_a_process(good: Path, broken: Path, tmp_path: Path) -> None:
    """The exit code and the two outputs are what a shell sees; no colours where there is no terminal."""
    words = [sys.executable, "-m", "sim", "validate"]
    environment = {"PYTHONPATH": str(Path(__file__).parents[3]), "TERM": "xterm-256color"}
    options = {"capture_output": True, "timeout": 60, "cwd": tmp_path, "env": environment}
    fine = subprocess.run([*words, str(good)], **options)  # type: ignore[call-overload]
    assert (fine.returncode, fine.stderr) == (0, b"")
    assert fine.stdout == f"{good}: valid (4 vehicles, 2 points on 1 node)\n".encode()
    bad = subprocess.run([*words, str(broken)], **options)  # type: ignore[call-overload]
    assert (bad.returncode, bad.stdout) == (2, b"")
    assert bad.stderr.startswith(f"{broken}:2:20: time.duration_s: ".encode())
