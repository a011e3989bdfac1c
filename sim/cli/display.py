"""What shows how far something is: a bar on a terminal, plain lines now and then elsewhere, JSON where it is asked for."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.progress import Progress, ProgressColumn

from sim.cli.terminal import console

_LINE_EVERY_S = 5.0


class Display:
    """A context manager; the bar, if there is one, is there while inside. What it shows is its subclass's."""

    def __init__(self, *columns: ProgressColumn, json: bool, description: str = "", total: float | None = None) -> None:
        self._json = json
        self._next_line_s = 0.0
        self._bar: Progress | None = None
        if not json and sys.stdout.isatty():
            self._bar = Progress(*columns, console=console(), transient=True)
            self._task = self._bar.add_task(description, total=total, text="")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _is_line_due(self) -> bool:
        """Whether the last line is long enough ago."""
        return time.monotonic() >= self._next_line_s

    def _no_line_for_a_while(self) -> None:
        self._next_line_s = time.monotonic() + _LINE_EVERY_S
