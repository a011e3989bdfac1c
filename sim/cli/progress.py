"""Showing how far a run is: a bar on a terminal, a plain line now and then elsewhere, JSON where it is asked for."""

import time

from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

from sim.cli.display import Display
from sim.cli.terminal import console, say
from sim.progress import Progress as RunProgress

_TELLING_S = 0.05
"""Of the wall clock: over less than that a speed says nothing."""


class ProgressDisplay(Display):
    """``show`` is given to a run; ``time_lapse``: how fast its time goes is shown too."""

    def __init__(self, *, json: bool, time_lapse: bool = False) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[text]}"),
            TimeElapsedColumn(),
        )
        super().__init__(*columns, json=json, description="starting")
        self._lapse = TimeLapse() if time_lapse else None
        self._phase = ""

    def show(self, progress: RunProgress) -> None:
        """Show it."""
        speed = None
        if self._lapse is not None and progress.total_s:
            speed = self._lapse.speed(progress.civil_s, time.monotonic())
        text = _text(progress, speed)
        if self._bar is not None:
            total = progress.total_s or None
            self._bar.update(self._task, description=progress.phase, total=total, completed=progress.civil_s, text=text)
            return
        if progress.phase == self._phase and not self._is_line_due():
            return
        self._phase = progress.phase
        self._no_line_for_a_while()
        if self._json:
            more = {} if speed is None else {"speed": round(speed)}
            civil_s = round(progress.civil_s)
            say(event="progress", phase=progress.phase, civil_s=civil_s, requests=progress.requests, **more)
        else:
            console().print(f"{progress.phase}: {text}" if text else progress.phase)


class TimeLapse:
    """How many times as fast as the clock on the wall the scenario's time goes, on average since it began to go."""

    def __init__(self) -> None:
        self._began_s: float | None = None

    def speed(self, civil_s: float, wall_s: float) -> float | None:
        """Return it; None while too little time has passed to tell. Both in seconds, ``wall_s`` from any moment."""
        if self._began_s is None:
            self._began_s = wall_s
        passed_s = wall_s - self._began_s
        return civil_s / passed_s if passed_s >= _TELLING_S else None


def _text(progress: RunProgress, speed: float | None) -> str:
    if not progress.total_s:
        return ""
    hours, minutes = divmod(int(progress.civil_s) // 60, 60)
    parts = [
        f"{hours}:{minutes:02d} h",
        *([] if speed is None else [f"{speed:,.0f}x"]),
        f"{progress.departed}/{progress.vehicles} vehicles done",
        f"{progress.requests} requests",
        f"{progress.reserved} reserved",
        f"{progress.refused} refused",
    ]
    if progress.unknown:
        parts.append(f"{progress.unknown} unanswered")
    return ", ".join(parts)
