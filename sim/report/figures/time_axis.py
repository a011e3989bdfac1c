"""The scenario's time across a figure, with ticks at round times of day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from sim.report.figures.canvas import line, text
from sim.report.scale import Scale, time_step_s
from sim.report.svg import joined
from sim.report.wording import duration

_LETTER_WIDTH = 6.6
"""Of a tick's label, about."""
_GAP = 36
"""Between labels; the last one may be moved to the left by half its width."""
_TICKS_MAX = 10
_IN_SECONDS_S = 1_000
"""Shorter runs are counted in seconds throughout."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A round time of day."""

    since_start_s: float
    """In the scenario's time."""
    words: str


def clock_ticks(start: datetime, span_s: float, wanted: int) -> list[Tick]:
    """Return about as many round times of day as wanted, between ``start`` and ``span_s`` later."""
    step_s = time_step_s(span_s, wanted)
    offset = start.utcoffset()
    assert offset is not None
    local_s = (start - datetime.fromtimestamp(0, start.tzinfo)).total_seconds() + offset.total_seconds()
    pattern = "%H:%M:%S" if step_s < 60 else "%H:%M" if step_s < 86_400 else "%d %b"
    if 60 <= step_s < 86_400 and span_s > 86_400:
        pattern = "%d %b %H:%M"
    ticks: list[Tick] = []
    since_start_s = -local_s % step_s
    while since_start_s <= span_s:
        ticks.append(Tick(since_start_s, (start + timedelta(seconds=since_start_s)).strftime(pattern)))
        since_start_s += step_s
    return ticks


def clock_axis(start: datetime, x: Scale, y: float, *, scale: float | None = None) -> Markup:
    """Draw the axis at ``y``; ``x`` maps the scenario's seconds since ``start``.

    With ``scale``, seconds of the history's time are written below the times of day.
    """
    ticks = _fitting_ticks(start, x, scale)
    parts: list[str] = [line(x.at_low, y, x.at_high, y, "axis")]
    for tick in ticks:
        place = x(tick.since_start_s)
        since = "" if scale is None else _seconds(tick.since_start_s / scale, x.high / scale)
        half = max(len(tick.words), len(since)) * _LETTER_WIDTH / 2
        anchor = "end" if place + half > x.at_high + 8 else "start" if place < half else "middle"
        parts += [line(place, y, place, y + 5, "axis"), text(tick.words, place, y + 18, "tick", anchor)]
        if since:
            parts.append(text(since, place, y + 33, "tick", anchor))
    return joined(parts)


def _fitting_ticks(start: datetime, x: Scale, scale: float | None) -> list[Tick]:
    """Return as many ticks as there is room for between their words."""
    ticks: list[Tick] = []
    for wanted in range(_TICKS_MAX, 1, -1):
        ticks = clock_ticks(start, x.high, wanted)
        words = [tick.words for tick in ticks]
        if scale is not None:
            words += [_seconds(tick.since_start_s / scale, x.high / scale) for tick in ticks]
        letters = max((len(each) for each in words), default=0)
        if len(ticks) * (letters * _LETTER_WIDTH + _GAP) <= x.at_high - x.at_low:
            break
    return ticks


def _seconds(since_start_s: float, span_s: float) -> str:
    """Return a time since the run began, with as many digits as a run of that length needs, in one unit if it is short."""
    if span_s < 3:
        return f"{since_start_s:.2f} s"
    return f"{since_start_s:.0f} s" if 10 <= span_s < _IN_SECONDS_S else duration(since_start_s)
