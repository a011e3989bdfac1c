"""What a worker is given: all that one replication needs, as plain data."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from nodes.version import VERSION
from sim.experiments.grid import Cell
from sim.experiments.measuring import WarmUp
from sim.scenario.schema import Scenario

RESULT_SCHEMA = 3
"""Raised when the figures of a replication change their meaning: results of another schema are computed anew."""


@dataclass(frozen=True, slots=True)
class Task:
    """One replication."""

    key: str
    """What its result is kept under: the same settings, seed, files and version give the same one."""
    cell: int
    seed: int
    data: dict[str, Any]
    """The scenario as plain data."""
    warm_up: WarmUp
    command: str
    """How to play it alone."""
    with_report: bool = False
    """Whether its report is wanted, whatever it comes to; that of a replication that fails is always kept."""

    def to_line(self) -> bytes:
        """Return it as one line of JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_line(cls, line: bytes) -> "Task":
        """Read the same."""
        members: dict[str, Any] = orjson.loads(line)
        return cls(**members)


def task_of(cell: Cell, seed: int, warm_up: WarmUp, command: str, *, with_report: bool) -> Task:
    """Return the task of a cell's replication. Raises ``OSError`` for a file of the scenario that cannot be read."""
    loaded = cell.with_seed(seed)
    what = [RESULT_SCHEMA, VERSION, loaded.hash, warm_up, *_file_hashes(loaded.scenario)]
    key = sha256(orjson.dumps(what)).hexdigest()[:16]
    return Task(key, cell.number, seed, dict(loaded.resolved), warm_up, command, with_report)


def _file_hashes(scenario: Scenario) -> list[str]:
    """Return what stands in the files that a scenario names: who changes one plays something else."""
    files = [*scenario.network.points_files.values()]
    if scenario.fleet.replay is not None:
        files.append(scenario.fleet.replay.path)
    return [sha256(Path(file).read_bytes()).hexdigest() for file in files]
