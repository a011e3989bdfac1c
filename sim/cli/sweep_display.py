"""How far a sweep is, and how long it will still take."""

from time import monotonic

from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

from sim.cli.display import Display
from sim.cli.terminal import console, say
from sim.experiments.result import Result
from sim.experiments.schedule import Schedule
from sim.experiments.task import Task
from sim.report.wording import duration


class SweepDisplay(Display):
    """``show`` hears of results."""

    def __init__(self, schedule: Schedule, slots: int, *, json: bool) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("replications"),
            BarColumn(bar_width=30),
            TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[text]}"),
            TimeElapsedColumn(),
        )
        super().__init__(*columns, json=json, total=schedule.wanted)
        self._schedule = schedule
        self._slots = slots
        self._failed = 0
        self._started_s = monotonic()

    def show(self, task: Task | None, result: Result | None) -> None:
        """Show it; without a task only that time has passed."""
        if result is not None and result.failed:
            self._failed += 1
        if self._json:
            if task is not None:
                self._say(task, result)
            return
        left = self._left()
        text = f"{'' if left is None else f'about {left} left'}{f', {self._failed} failed' if self._failed else ''}"
        if self._bar is not None:
            self._bar.update(self._task, total=self._schedule.wanted, completed=self._schedule.done, text=text)
        elif task is not None and self._is_line_due():
            self._no_line_for_a_while()
            console().print(f"{self._schedule.done}/{self._schedule.wanted} replications, {text}")

    def _say(self, task: Task, result: Result | None) -> None:
        left_s = self._left_s()
        say(
            event="replication",
            cell=task.cell,
            seed=task.seed,
            verdict="LOST" if result is None else result.verdict,
            trace_hash=None if result is None else result.trace_hash,
            done=self._schedule.done,
            wanted=self._schedule.wanted,
            left_s=None if left_s is None else round(left_s, 1),
        )

    def _left_s(self) -> float | None:
        return self._schedule.left_s(monotonic() - self._started_s, self._slots)

    def _left(self) -> str | None:
        left_s = self._left_s()
        return None if left_s is None else duration(left_s)
