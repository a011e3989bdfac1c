"""Replaying: the same run, or the first line that differs; folders that hold no such run."""

import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from sim.explore.errors import ReplayError, WorkerDied
from sim.explore.failing_run import keep_run
from sim.explore.replay import first_difference, read_recorded, replay
from sim.explore.task import SEED_S_MAX, Task
from sim.explore.workers import Workers
from tests.sim.explore.scenarios import FAULTS, TINY

pytestmark = pytest.mark.system

_GIVEN_UP = "seed 4: its worker process (ended with exit code 1|was killed by signal 11)"
"""The watchdog writes down where every thread is, and ends the process. It looks at frames that others change meanwhile, which
has been seen to end the process first.
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual run's folder."""
    folder = tmp_path_factory.mktemp("played") / "run"
    with Workers(1) as workers:
        keep_run(workers, 4, TINY | {"seed": 4, "faults": FAULTS}, folder, "some command")
    return folder


@pytest.fixture
def copy(played: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    return shutil.copytree(played, tmp_path / "copy")


def test_a_run_can_be_played_again_from_its_folder(played: Path) -> None:
    """In another process, at another time: the same hash, and every line the same."""
    recorded = read_recorded(played)
    assert (recorded.seed, recorded.planted, len(recorded.trace_hash or "")) == (4, None, 32)
    replayed = replay(recorded)
    assert (replayed.same, replayed.difference) == (True, None)


def test_a_long_run_can_be_played_again(played: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seed of an exploration is given up after some minutes; a run of a million vehicles takes longer, every time."""
    defaults = Task.__init__.__defaults__ or ()
    assert SEED_S_MAX in defaults
    shorter = tuple(0.001 if each == SEED_S_MAX else each for each in defaults)
    monkeypatch.setattr(Task.__init__, "__defaults__", shorter)
    with Workers(1) as workers, pytest.raises(WorkerDied, match=_GIVEN_UP):
        list(workers.play([Task(4, TINY | {"seed": 4}, swarm=False)]))
    assert replay(read_recorded(played)).same


def test_a_changed_line_is_shown(copy: Path) -> None:
    """With what it was and what it is: that is where to begin to look."""
    history = copy / "history.jsonl"
    lines = history.read_bytes().splitlines(keepends=True)
    number = next(at for at, line in enumerate(lines) if b'"type":"ok"' in line)
    lines[number] = lines[number].replace(b'"type":"ok"', b'"type":"fail"')
    history.write_bytes(b"".join(lines))
    replayed = replay(read_recorded(copy))
    assert not replayed.same
    assert replayed.difference is not None
    assert replayed.difference.number == number + 1
    assert '"type":"fail"' in (replayed.difference.recorded or "")
    assert '"type":"ok"' in (replayed.difference.replayed or "")


def test_when_and_how_it_was_played_makes_no_difference(copy: Path, played: Path) -> None:
    """The first line says so; everything else that it says counts."""
    history = copy / "history.jsonl"
    first, rest = history.read_bytes().split(b"\n", 1)
    begin = orjson.loads(first)
    begin["value"] |= {"command": "another", "started_ms": 1, "versions": {}}
    history.write_bytes(orjson.dumps(begin) + b"\n" + rest)
    assert first_difference(history, played / "history.jsonl") is None
    begin["value"]["vehicles"] += 1
    history.write_bytes(orjson.dumps(begin) + b"\n" + rest)
    difference = first_difference(history, played / "history.jsonl")
    assert difference is not None
    assert difference.number == 1


def test_a_history_that_goes_on_differs(played: Path, copy: Path) -> None:
    """A line more is a difference too."""
    with (copy / "history.jsonl").open("ab") as file:
        file.write(b"{}\n")
    difference = first_difference(copy / "history.jsonl", played / "history.jsonl")
    assert difference is not None
    assert (difference.recorded, difference.replayed) == ("{}", None)


def _cut_last_line(folder: Path) -> None:
    history = folder / "history.jsonl"
    history.write_bytes(b"".join(history.read_bytes().splitlines(keepends=True)[:-1]))


def _cut_within_a_line(folder: Path) -> None:
    history = folder / "history.jsonl"
    history.write_bytes(history.read_bytes()[:-30])


def _cut_last_byte(folder: Path) -> None:
    history = folder / "history.jsonl"
    history.write_bytes(history.read_bytes()[:-1])


def _a_bug_of_another_version(folder: Path) -> None:
    history = folder / "history.jsonl"
    history.write_bytes(history.read_bytes().replace(b'"planted":null', b'"planted":"no-such-bug"', 1))


def _local(folder: Path) -> None:
    history = folder / "history.jsonl"
    history.write_bytes(history.read_bytes().replace(b'"mode":"virtual"', b'"mode":"local"', 1))


def _another_scenario(folder: Path) -> None:
    scenario = folder / "scenario.yaml"
    scenario.write_text(scenario.read_text().replace("vehicles: 12", "vehicles: 13"))


def _broken_scenario(folder: Path) -> None:
    (folder / "scenario.yaml").write_text("name: x\n")


def _cut_database(folder: Path) -> None:
    database = next((folder / "nodes").glob("*.db"))
    database.write_bytes(database.read_bytes()[:5_000])


def _a_file_in_its_place(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_a_file_in_its_place, "is no folder"),
        (lambda folder: next((folder / "nodes").glob("*.db")).unlink(), ".db: missing; it should hold what "),
        (_cut_database, ".db: cannot be read as a node's database: "),
        (lambda folder: shutil.rmtree(folder / "nodes"), ".db: missing; it should hold what "),
        (shutil.rmtree, "there is no such folder"),
        (lambda folder: (folder / "history.jsonl").unlink(), "history.jsonl: cannot be read"),
        (lambda folder: (folder / "history.jsonl").write_bytes(b""), "history.jsonl:1: expected the line with which"),
        (_cut_last_line, "the history does not say that the run ended: it was cut"),
        (_cut_last_byte, "the last line does not end: the history was cut"),
        (_a_bug_of_another_version, "history.jsonl:1: planted: this version has no such bug: 'no-such-bug'"),
        (_cut_within_a_line, "the history was cut"),
        (_local, "history.jsonl:1: a local run has no trace hash; only virtual runs can be replayed"),
        (lambda folder: (folder / "scenario.yaml").unlink(), "scenario.yaml:1:1: (document): cannot be read"),
        (_broken_scenario, "scenario.yaml:1:1: time: "),
        (_another_scenario, "scenario.yaml: has the hash"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_line_with_its_place(
    copy: Path, damage: Callable[[Path], object], words: str
) -> None:
    """Missing and cut files, a local run, a scenario that is not the run's."""
    damage(copy)
    with pytest.raises(ReplayError) as raised:
        read_recorded(copy)
    assert words in str(raised.value)
    assert str(raised.value).startswith(str(copy))
    assert "\n" not in str(raised.value)
