"""A run again, from its folder: it must be the same, callback by callback."""

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from nodes.documents import DocumentError
from sim.audit.planted_bugs import CATALOGUE
from sim.explore.errors import ReplayError
from sim.explore.outcome import OUTCOME_FILE, Mistake, SeedOutcome
from sim.explore.task import Task
from sim.explore.worker_process import Interpreter
from sim.explore.workers import Workers
from sim.history import HistoryError, Json, read_history
from sim.measure.databases import read_databases
from sim.measure.errors import MeasureError
from sim.run_folder import RunFolder
from sim.scenario.load import LoadedScenario, load_scenario

_MAY_DIFFER = ("command", "started_ms", "versions")
"""Of what the first line says: when, where and how it was played."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a folder says of its run."""

    folder: RunFolder
    loaded: LoadedScenario
    seed: int
    planted: str | None
    trace_hash: str | None
    """None: the run ended by a mistake."""
    mistake: Mistake | None


@dataclass(frozen=True, slots=True)
class Difference:
    """The first line in which two histories differ; None: the line is missing."""

    number: int
    """From 1."""
    recorded: str | None
    replayed: str | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of playing it again."""

    recorded: Recorded
    outcome: SeedOutcome
    difference: Difference | None

    @property
    def same(self) -> bool:
        """Whether it was the same run, or ended by the same mistake."""
        same_end = self.outcome.trace_hash == self.recorded.trace_hash and self.outcome.mistake == self.recorded.mistake
        return same_end and self.difference is None


def read_recorded(path: Path) -> Recorded:
    """Read what a folder says of its run. Raises ``ReplayError``, in one line, for what is missing, cut or no virtual run."""
    folder = RunFolder(path)
    if not path.is_dir():
        raise ReplayError(f"{path}: {'is no folder' if path.exists() else 'there is no such folder'}")
    try:
        lines = list(read_history(folder.history))
    except HistoryError as error:
        raise ReplayError(str(error)) from error
    written = folder.history.read_bytes()
    if lines and not written.endswith(b"\n"):
        number = written.count(b"\n") + 1
        raise ReplayError(f"{folder.history}:{number}: the last line does not end: the history was cut")
    begin, end = _value(lines, 0, "begin"), _value(lines, -1, "end")
    if begin is None:
        raise ReplayError(f"{folder.history}:1: expected the line with which a run begins")
    if begin.get("mode") != "virtual":
        mode = begin.get("mode")
        raise ReplayError(f"{folder.history}:1: a {mode} run has no trace hash; only virtual runs can be replayed")
    planted = begin.get("planted")
    if planted not in (None, *(bug.name for bug in CATALOGUE)):
        raise ReplayError(f"{folder.history}:1: planted: this version has no such bug: {planted!r}")
    mistake = None if end is not None else _mistake(path / OUTCOME_FILE)
    if end is None and mistake is None:
        raise ReplayError(f"{folder.history}:{len(lines)}: the history does not say that the run ended: it was cut")
    loaded = _scenario(folder)
    if begin.get("scenario_hash") not in (None, loaded.hash):
        raise ReplayError(f"{folder.scenario}: has the hash {loaded.hash}, the run's was {begin['scenario_hash']}")
    trace_hash = (end or {}).get("trace_hash")
    if end is not None and not isinstance(trace_hash, str):
        raise ReplayError(f"{folder.history}:{len(lines)}: the last line has no trace_hash")
    if end is not None:
        _check_databases(folder, loaded)
    return Recorded(folder, loaded, loaded.scenario.seed, planted, trace_hash, mistake)


def replay(recorded: Recorded) -> Replayed:
    """Play it again, in a process of its own with the same planted bug. Raises ``WorkerDied``."""
    with TemporaryDirectory(prefix="recarga-") as path, Workers(1, Interpreter(planted=recorded.planted)) as workers:
        task = Task(recorded.seed, recorded.loaded.resolved, swarm=False, folder=path, limit_s=None)
        ((_, outcome),) = workers.play([task])
        return Replayed(recorded, outcome, first_difference(recorded.folder.history, RunFolder(Path(path)).history))


def first_difference(recorded: Path, replayed: Path) -> Difference | None:
    """Return where two histories part, but for when, where and how they were played."""
    with recorded.open("rb") as one, replayed.open("rb") as other:
        for number, (left, right) in enumerate(zip_longest(one, other), 1):
            if left != right and (number > 1 or _comparable(left) != _comparable(right)):
                return Difference(number, _text(left), _text(right))
    return None


def _scenario(folder: RunFolder) -> LoadedScenario:
    try:
        return load_scenario(folder.scenario)
    except DocumentError as error:
        raise ReplayError(str(error.problems[0])) from error


def _check_databases(folder: RunFolder, loaded: LoadedScenario) -> None:
    """Refuse a folder that is not whole. Nothing else here needs them, but who has it wants to look into them."""
    try:
        read_databases(folder.nodes, loaded.scenario.network.node_ids)
    except MeasureError as error:
        raise ReplayError(str(error)) from error


def _mistake(path: Path) -> Mistake | None:
    """Return the mistake that ended the run, of which an exploration has left a note."""
    try:
        return SeedOutcome.from_json(orjson.loads(path.read_bytes())).mistake
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _value(lines: list[Json], place: int, f: str) -> Json | None:
    if not lines or lines[place]["process"] != "run" or lines[place]["f"] != f:
        return None
    value = lines[place].get("value")
    return value if isinstance(value, dict) else None


def _comparable(line: bytes | None) -> Json | None:
    if line is None:
        return None
    found: Json = orjson.loads(line)
    value = {name: each for name, each in found["value"].items() if name not in _MAY_DIFFER}
    return found | {"value": value}


def _text(line: bytes | None) -> str | None:
    return None if line is None else line.decode(errors="replace").rstrip("\n")
