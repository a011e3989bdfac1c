"""What ``recarga sweep`` does, and what it says of it."""

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import orjson
from rich.table import Table

from sim.cli.sweep_display import SweepDisplay
from sim.cli.terminal import CommandError, ExitCode, console, say
from sim.experiments.engines import engine_of
from sim.experiments.figures import interval_words
from sim.experiments.files import CSV_FILE, HTML_FILE, JSON_FILE, write_sweep
from sim.experiments.grid import Axis, Cell, axes_of, cells_of
from sim.experiments.measures import MEASURES, PRECISE
from sim.experiments.measuring import WarmUp, usual_warm_up
from sim.experiments.model import SweepReport
from sim.experiments.result import Result
from sim.experiments.results import Results
from sim.experiments.running import Running
from sim.experiments.schedule import CellState, Enough, Schedule
from sim.experiments.summary import Asked, summarise
from sim.experiments.task import Task, task_of
from sim.scenario.load import load_scenario
from sim.scenario.sweep import Sweep

_IN_TABLE = ("served_share", "waiting_mean_s", "refused_share", "reserve_p99_ms", "busy_share")
_EXIT_CODES = {
    "PASS": ExitCode.PASS,
    "INVALID": ExitCode.INVALID,
    "ERROR": ExitCode.ERROR,
    "FAIL": ExitCode.VIOLATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeping:
    """One call of the command."""

    scenario: Path
    changes: Sequence[str]
    settings: Sweep
    """The scenario's section with the options on top."""
    engine: str
    workers: int
    keep_reports: str
    out: Path | None
    command: str
    json: bool

    def run(self) -> ExitCode:
        """Play what is missing, and report. Raises ``BadSweep`` and ``DocumentError`` before anything is played."""
        axes = axes_of(self.settings.set, self.changes)
        cells = cells_of(self.scenario, axes)
        chosen = self.settings.warm_up
        warm_up = _usual_warm_up(cells) if chosen is None else chosen
        folder = self.out or Path("runs") / _folder_name(cells[0], axes, warm_up)
        results = Results(folder)
        schedule = self._schedule(cells, warm_up, results)
        asked = self._asked(axes, warm_up)
        engine = engine_of(self.engine, self.workers)
        with SweepDisplay(schedule, engine.slots, json=self.json) as display:
            try:
                Running(schedule, engine, results, display.show).run()
            except KeyboardInterrupt:
                again = f"what is finished is in {folder}: the same command goes on from there"
                raise CommandError(f"interrupted; {again}") from None
        report = summarise(asked, schedule, lambda result: _link(results, folder, result))
        write_sweep(report, folder)
        self._tell(report, schedule, folder)
        return _EXIT_CODES[report.verdict]

    def _schedule(self, cells: Sequence[Cell], warm_up: WarmUp, results: Results) -> Schedule:
        def make(cell: Cell, number: int) -> Task:
            seed = cell.loaded.scenario.seed + number
            with_report = self.keep_reports == "all" or (self.keep_reports == "first" and number == 0)
            return task_of(cell, seed, warm_up, self._command_of(cell, seed), with_report=with_report)

        def find(task: Task) -> Result | None:
            return results.find(task.key, with_report=task.with_report)

        return Schedule(cells, self._enough(), make, find)

    def _asked(self, axes: list[Axis], warm_up: WarmUp) -> Asked:
        def command_of(state: CellState, seed: int) -> str:
            return self._command_of(state.cell, seed)

        started = datetime.now(UTC)
        return Asked(str(self.scenario), self.command, self.engine, warm_up, axes, self._enough(), started, command_of)

    def _enough(self) -> Enough:
        settings = self.settings
        measures = tuple(settings.measures) or PRECISE
        most = max(settings.replications, settings.replications_max)
        return Enough(settings.replications, settings.until_half_width, most, measures)

    def _command_of(self, cell: Cell, seed: int) -> str:
        words = ["recarga", "run", str(self.scenario)]
        for change in cell.changes:
            words += ["--set", change]
        return shlex.join([*words, "--seed", str(seed)])

    def _tell(self, report: SweepReport, schedule: Schedule, folder: Path) -> None:
        page = folder / HTML_FILE
        if self.json:
            say(
                event="result",
                verdict=report.verdict,
                explanation=report.explanation,
                cells=len(report.cells),
                runs=report.runs,
                reused=schedule.reused,
                folder=str(folder),
                report=str(page),
            )
            return
        console().print(_table(report))
        console().print(f"{report.verdict}: {report.explanation}")
        if schedule.reused:
            console().print(f"{schedule.reused} of them had been played before")
        console().print(f"report: {page}; beside it {JSON_FILE}, {CSV_FILE}")


def settings_of(scenario: Path, given: dict[str, object]) -> Sweep:
    """Return the scenario's ``sweep`` section with the options that were given on top. Raises ``DocumentError``."""
    section = load_scenario(scenario).scenario.sweep or Sweep()
    return section.model_copy(update={name: value for name, value in given.items() if value is not None})


def cores() -> int:
    """Return how many processes play at once, if nobody says."""
    return os.cpu_count() or 1


def _usual_warm_up(cells: Sequence[Cell]) -> WarmUp:
    """Return one for all cells, so that they can be compared: MSER-5, if all of them can have a steady state."""
    found = {usual_warm_up(cell.loaded.scenario) for cell in cells}
    return found.pop() if len(found) == 1 else "none"


def _folder_name(cell: Cell, axes: Sequence[Axis], warm_up: WarmUp) -> str:
    """Return the same name for the same sweep, so that it is resumed; more replications make it no other."""
    what = [cell.loaded.hash, [[axis.path, axis.values] for axis in axes], warm_up]
    return f"{cell.loaded.scenario.name}-sweep-{sha256(orjson.dumps(what)).hexdigest()[:8]}"


def _link(results: Results, folder: Path, result: Result) -> str | None:
    path = results.report_path(result.key)
    return path.relative_to(folder).as_posix() if path.exists() else None


def _table(report: SweepReport) -> Table:
    shown = [MEASURES[name] for name in _IN_TABLE if any(name in cell.estimates for cell in report.cells)]
    table = Table("", "runs", *(measure.title for measure in shown), box=None)
    for cell in report.cells:
        said = (
            interval_words(measure, cell.estimates[measure.name]) if measure.name in cell.estimates else ""
            for measure in shown
        )
        table.add_row(cell.label, str(len(cell.runs)), *said)
    return table
