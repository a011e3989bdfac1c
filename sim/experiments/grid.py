"""Settings that vary, and the cells they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import orjson

from nodes.documents import DocumentError, Plain, parse_document
from sim.experiments.errors import BadSweep
from sim.scenario.load import LoadedScenario, load_scenario
from sim.scenario.sweep import spread

CELLS_MAX = 10_000
"""Of one sweep; a grid is soon larger than anybody meant."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One setting and its values."""

    path: str
    values: list[Plain]


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of settings."""

    number: int
    """From 0, in the order of the grid."""
    settings: dict[str, Plain]
    """By path; only what varies."""
    changes: list[str]
    """All that ``recarga run --set`` is to be given."""
    loaded: LoadedScenario

    def with_seed(self, seed: int) -> LoadedScenario:
        """Return the scenario of one replication."""
        loaded = self.loaded
        data = loaded.resolved | {"seed": seed}
        return LoadedScenario(loaded.scenario.model_copy(update={"seed": seed}), loaded.path, data)


def read_axis(text: str) -> Axis:
    """Read ``path=a,b,c`` or ``path=a..b:step``, each value in YAML. Raises ``BadSweep``."""
    path, equals, values = text.partition("=")
    if not equals or not path:
        raise BadSweep(f"--set {text}: expected path.to.key=value,value,… or path.to.key=from..to:step")
    try:
        data = parse_document(f"[{values}]", "--set").data
        assert isinstance(data, list)
        return Axis(path, spread(data))
    except DocumentError as error:
        raise BadSweep(f"--set {text}: {error.problems[0].message}") from error
    except ValueError as error:
        raise BadSweep(f"--set {text}: {error}") from error


def axes_of(section: Mapping[str, Any], options: Sequence[str]) -> list[Axis]:
    """Return the settings of a scenario's ``sweep.set`` with those of ``--set`` on top; each path once."""
    found = {path: Axis(path, list(values)) for path, values in section.items()}
    for text in options:
        axis = read_axis(text)
        found[axis.path] = axis
    return list(found.values())


def cells_of(scenario: Path, axes: Sequence[Axis]) -> list[Cell]:
    """Return the cells of the grid. Raises ``DocumentError`` for settings that make no scenario, and ``BadSweep``."""
    size = prod(len(axis.values) for axis in axes)
    if size > CELLS_MAX:
        raise BadSweep(f"expected at most {CELLS_MAX:,} cells, found {size:,}")
    varied = {axis.path for axis in axes if len(axis.values) > 1}
    cells: list[Cell] = []
    for number, values in enumerate(product(*(axis.values for axis in axes))):
        settings = {axis.path: value for axis, value in zip(axes, values, strict=True)}
        changes = [f"{path}={written(value)}" for path, value in settings.items()]
        loaded = _without_sweep(load_scenario(scenario, changes))
        cells.append(Cell(number, {path: value for path, value in settings.items() if path in varied}, changes, loaded))
    return cells


def written(value: Plain) -> str:
    """Return a value as YAML reads it on one line: as it is written in JSON."""
    return orjson.dumps(value).decode() if not isinstance(value, str) else value


def _without_sweep(loaded: LoadedScenario) -> LoadedScenario:
    """Return the scenario alone: what is played does not hang on what else is."""
    data = {key: value for key, value in loaded.resolved.items() if key != "sweep"}
    return LoadedScenario(loaded.scenario.model_copy(update={"sweep": None}), loaded.path, data, loaded.document)
