"""The two sides of a comparison: a run, or a sweep's settings, as they lie in their folders."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodes.documents import DocumentError
from sim.audit import audit
from sim.experiments.errors import ExperimentError
from sim.experiments.files import JSON_FILE, read_sweep
from sim.experiments.grid import written
from sim.experiments.measuring import measure
from sim.experiments.model import CellRow, RunRow
from sim.experiments.records import read_records
from sim.measure.errors import MeasureError
from sim.report import ReportError, build_report
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario

_FAILED = ("FAIL", "MISTAKE")
_INVALID = "INVALID"
_PLAYED_ELSEWISE = ("seed", "sweep", "slo")
"""Of a scenario: what does not change what is asked of the nodes, or changes with every replication."""


@dataclass(frozen=True, slots=True)
class Side:
    """One setting of one of the two."""

    label: str
    runs: list[RunRow]
    pooled: dict[str, float] = field(default_factory=dict)
    """Of a sweep: figures of all replications together, by name; what a percentile is."""
    scenario: dict[str, str] = field(default_factory=dict)
    """Of a run: what was played, by path."""

    @property
    def failed(self) -> dict[int, RunRow]:
        """Runs, by seed, in which a promise was broken, a strict limit did not hold, or the code stopped itself."""
        return {run.seed: run for run in self.runs if run.verdict in _FAILED}

    @property
    def invalid(self) -> int:
        """Runs that prove nothing."""
        return sum(run.verdict == _INVALID for run in self.runs)

    def newly_failed(self, before: "Side") -> RunRow | None:
        """Return the first run that fails here and did not fail before, under the same seed or any."""
        passed = {run.seed for run in before.runs} - set(before.failed)
        new = (run for seed, run in sorted(self.failed.items()) if seed in passed or not before.failed)
        return next(new, None)


def is_sweep(folder: Path) -> bool:
    """Whether a folder holds a sweep that has ended once."""
    return (folder / JSON_FILE).exists()


def sides(folder: Path) -> dict[str, Side]:
    """Return the settings of a folder by name; a run has one. Raises ``ExperimentError``."""
    if is_sweep(folder):
        return {_key(cell): _cell_side(cell) for cell in read_sweep(folder).cells}
    if not RunFolder(folder).history.exists():
        raise ExperimentError(f"{folder}: holds neither a run (history.jsonl) nor a sweep ({JSON_FILE})")
    try:
        return {"": _run_side(folder)}
    except (MeasureError, ReportError, OSError) as error:
        raise ExperimentError(str(error)) from error
    except DocumentError as error:
        raise ExperimentError(str(error.problems[0])) from error


def _cell_side(cell: CellRow) -> Side:
    return Side(cell.label, cell.runs, {name: each.value for name, each in cell.estimates.items()})


def _run_side(folder: Path) -> Side:
    records = read_records(folder)
    begin, report = records.recording.begin, build_report(folder, audit(folder).to_json())
    run = RunRow(
        seed=begin.seed,
        verdict=report.verdict,
        explanation=report.explanation,
        trace_hash=None,
        from_s=0.0,
        settled=True,
        report=None,
        command=begin.command,
        figures=measure(records).figures,
    )
    resolved = load_scenario(RunFolder(folder).scenario).resolved
    played = {name: value for name, value in resolved.items() if name not in _PLAYED_ELSEWISE}
    return Side(begin.name, [run], scenario=dict(_flat("", played)))


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield every value of a scenario with its path."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flat(f"{path}.{name}" if path else str(name), each)
    else:
        yield path, written(value)


def _key(cell: CellRow) -> str:
    return cell.label if cell.settings else ""
