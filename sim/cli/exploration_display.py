"""Showing how far an exploration is: a bar on a terminal, a plain line now and then elsewhere, JSON where it is asked for."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sim.cli.terminal import console, say
from sim.report.wording import count

_LINE_EVERY_S = 5.0


class ExplorationDisplay:
    """A context manager: ``step`` after everything done, ``phase`` when something else begins."""

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._name, self._done, self._total = "", 0, 0
        self._next_line_s = 0.0
        self._bar: Progress | None = None
        if not json and sys.stdout.isatty():
            columns = (BarColumn(bar_width=30), MofNCompleteColumn(), TextColumn("{task.fields[text]}"))
            clocks = (TimeElapsedColumn(), TimeRemainingColumn())
            self._bar = Progress(TextColumn("{task.description}"), *columns, *clocks, console=console(), transient=True)
            self._task = self._bar.add_task("", total=None, text="")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def phase(self, name: str, total: int) -> None:
        """Begin something of ``total`` steps, each a ``name``; 0: nobody knows how many."""
        self._name, self._done, self._total = name, 0, total
        self._next_line_s = time.monotonic() + _LINE_EVERY_S
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
        elif time.monotonic() >= self._next_line_s:
            self._next_line_s = time.monotonic() + _LINE_EVERY_S
            of = f" of {self._total}" if self._total else ""
            self.print(f"{self._name} {self._done}{of}, {text}")

    def print(self, line: str) -> None:
        """Print a line for people, above the bar."""
        if not self._json:
            (self._bar.console if self._bar is not None else console()).print(line)
