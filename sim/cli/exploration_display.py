"""Showing how far an exploration is: a bar on a terminal, a plain line now and then elsewhere, JSON where it is asked for."""

from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sim.cli.display import Display
from sim.cli.terminal import console, say
from sim.report.wording import count


class ExplorationDisplay(Display):
    """``step`` after everything done, ``phase`` when something else begins."""

    def __init__(self, *, json: bool) -> None:
        columns = (BarColumn(bar_width=30), MofNCompleteColumn(), TextColumn("{task.fields[text]}"))
        clocks = (TimeElapsedColumn(), TimeRemainingColumn())
        super().__init__(TextColumn("{task.description}"), *columns, *clocks, json=json)
        self._name, self._done, self._total = "", 0, 0

    def phase(self, name: str, total: int) -> None:
        """Begin something of ``total`` steps, each a ``name``; 0: nobody knows how many."""
        self._name, self._done, self._total = name, 0, total
        self._no_line_for_a_while()
        if self._bar is not None:
            self._bar.reset(self._task, total=total or None, description=name, text="")
        elif not self._json:
            self.print(count(total, name) if total else name)

    def step(self, text: str, **members: Any) -> None:
        """Show that one more is done. ``members`` are what a program is told."""
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, text=text)
        elif self._json:
            say(event=self._name, **members)
        elif self._is_line_due():
            self._no_line_for_a_while()
            of = f" of {self._total}" if self._total else ""
            self.print(f"{self._name} {self._done}{of}, {text}")

    def print(self, line: str) -> None:
        """Print a line for people, above the bar."""
        if not self._json:
            (self._bar.console if self._bar is not None else console()).print(line)
