"""Showing how far a run is: a bar on a terminal, a plain line now and then elsewhere, JSON where it is asked for."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sim.cli.terminal import console, say
from sim.progress import Progress as RunProgress

_LINE_EVERY_S = 5.0


class ProgressDisplay:
    """A context manager whose ``show`` is given to a run."""

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._bar: Progress | None = None
        self._phase = ""
        self._next_line_s = 0.0
        if not json and sys.stdout.isatty():
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(bar_width=30),
                TextColumn("{task.fields[text]}"),
                TimeElapsedColumn(),
                console=console(),
                transient=True,
            )
            self._task = self._bar.add_task("starting", total=None, text="")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, progress: RunProgress) -> None:
        """Show it."""
        text = _text(progress)
        if self._bar is not None:
            total = progress.total_s or None
            self._bar.update(self._task, description=progress.phase, total=total, completed=progress.civil_s, text=text)
            return
        now_s = time.monotonic()
        if progress.phase == self._phase and now_s < self._next_line_s:
            return
        self._phase, self._next_line_s = progress.phase, now_s + _LINE_EVERY_S
        if self._json:
            say(event="progress", phase=progress.phase, civil_s=round(progress.civil_s), requests=progress.requests)
        else:
            console().print(f"{progress.phase}: {text}" if text else progress.phase)


def _text(progress: RunProgress) -> str:
    if not progress.total_s:
        return ""
    hours, minutes = divmod(int(progress.civil_s) // 60, 60)
    parts = [
        f"{hours}:{minutes:02d} h",
        f"{progress.departed}/{progress.vehicles} vehicles done",
        f"{progress.requests} requests",
        f"{progress.reserved} reserved",
        f"{progress.refused} refused",
    ]
    if progress.unknown:
        parts.append(f"{progress.unknown} unanswered")
    return ", ".join(parts)
