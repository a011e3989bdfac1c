"""A figure of a sweep: one measure over the setting that varies, a curve per combination of the others, with bands."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sim.experiments.markers import marker
from sim.experiments.measures import KWH_PER_HOUR, MILLISECONDS, PER_HOUR, SECONDS, SHARE, Measure
from sim.experiments.model import CellRow, Interval
from sim.report.figures.canvas import Size, figure_svg, line, text
from sim.report.scale import Scale, round_ticks
from sim.report.svg import element, joined, number
from sim.report.wording import NOTHING, milliseconds, share

PANEL = Size("panel", 380, wide=False)
"""As wide as a phone, where its words are to be read, too."""
_HEIGHT, _TOP, _LEFT, _RIGHT, _FOOT = 236.0, 26.0, 52.0, 12.0, 42.0
_LABEL_WIDTH = 7.0
_TIME_UNITS = ((3_600.0, "h"), (60.0, "min"), (1.0, "s"))


@dataclass(frozen=True, slots=True)
class Series:
    """The cells of one curve, in the order of the axis."""

    name: str
    """Empty if there is only one."""
    cells: list[CellRow]


def words_of(measure: Measure, value: float | None) -> str:
    """Return a value as people write it."""
    if value is None:
        return NOTHING
    if measure.unit == SHARE:
        return share(value, 1) if value >= 0 else f"\N{MINUS SIGN}{share(-value, 1)}"
    if measure.unit == SECONDS:
        size, unit = _time_unit(value)
        return f"{value / size:,.1f} {unit}"
    if measure.unit == MILLISECONDS:
        return f"{milliseconds(value)} ms"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def interval_words(measure: Measure, interval: Interval) -> str:
    """Return ``12.3 % ± 0.4 %``, ``2.1 ± 0.3 min``."""
    value = words_of(measure, interval.value)
    if interval.half_width is None or (interval.value == 0 and interval.half_width == 0):
        return value
    if measure.unit == SECONDS:  # in the unit of the value
        size, unit = _time_unit(interval.value)
        return f"{interval.value / size:,.1f} ± {interval.half_width / size:,.1f} {unit}"
    return f"{value} ± {words_of(measure, interval.half_width)}"


def _time_unit(seconds: float) -> tuple[float, str]:
    """Return a unit in which a time has few digits, and how many seconds it has."""
    return next(each for each in _TIME_UNITS if abs(seconds) >= 2 * each[0] or each[0] == 1)


def sweep_figure(measure: Measure, axis: str, series: Sequence[Series], label: str) -> Markup:
    """Draw one panel. ``axis`` is the path of the first setting that varies."""
    places = _axis_places(axis, series)
    y_top = max(
        _top(each.estimates[measure.name]) for one in series for each in one.cells if measure.name in each.estimates
    )
    size, unit = _unit(measure, y_top)
    ticks = [size * tick for tick in round_ticks((min(y_top, 1.0) if measure.unit == SHARE else y_top) / size, 4)]
    low, high = min(places.values()), max(places.values())
    x = Scale(low, high if high > low else low + 1, _LEFT, PANEL.width - _RIGHT)
    y = Scale(0, ticks[-1], _HEIGHT - _FOOT, _TOP)
    parts = [
        text(unit, _LEFT - 6, 12, "axis-name", "end"),
        _axes(axis, places, x, y, [(tick, _tick(measure, tick / size)) for tick in ticks]),
    ]
    for at, one in enumerate(series):
        cells = [cell for cell in one.cells if measure.name in cell.estimates]
        if cells:
            spots = [x(places[_key(cell, axis)]) for cell in cells]
            parts.append(_curve(measure, one, cells, spots, y, at))
    return figure_svg(PANEL, _HEIGHT, label, parts)


def _top(interval: Interval) -> float:
    """Return how high the axis has to go; an interval that is wider than its value may leave the figure."""
    high = interval.value if interval.high is None else interval.high
    return max(min(high, 2 * interval.value), interval.value)


def _axis_places(axis: str, series: Sequence[Series]) -> dict[str, float]:
    """Return where each value of the axis is: numbers where they belong, anything else side by side."""
    values: dict[str, object] = {}
    for one in series:
        for cell in one.cells:
            values[_key(cell, axis)] = cell.settings[axis]
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values.values()):
        return {key: float(value) for key, value in values.items() if isinstance(value, (int, float))}
    return {key: float(place) for place, key in enumerate(values)}


def _key(cell: CellRow, axis: str) -> str:
    return str(cell.settings[axis])


def _axes(axis: str, places: dict[str, float], x: Scale, y: Scale, ticks: Sequence[tuple[float, str]]) -> Markup:
    parts: list[str] = []
    for tick, words in ticks:
        parts.append(line(x.at_low, y(tick), x.at_high, y(tick), "axis" if tick == 0 else "grid"))
        parts.append(text(words, x.at_low - 11, y(tick) + 4, "tick", "end"))
    free_from = 0.0
    for key, place in places.items():
        half = len(key) * _LABEL_WIDTH / 2
        at = min(x(place), PANEL.width - half)
        parts.append(line(x(place), y.at_low, x(place), y.at_low + 4, "axis"))
        if at - half >= free_from:
            parts.append(text(key, at, y.at_low + 18, "tick", "middle"))
            free_from = at + half + 6
    parts.append(text(axis, x.at_high, y.at_low + 35, "axis-name", "end"))
    return joined(parts)


def _unit(measure: Measure, highest: float) -> tuple[float, str]:
    """Return what the vertical axis counts in, and what that is called."""
    if measure.unit == SECONDS:
        return _time_unit(highest)
    return 1.0, {MILLISECONDS: "ms", SHARE: "", PER_HOUR: "per h", KWH_PER_HOUR: "kWh/h"}[measure.unit]


def _tick(measure: Measure, tick: float) -> str:
    return f"{100 * tick:g} %" if measure.unit == SHARE else f"{tick:,g}"


def _curve(
    measure: Measure, one: Series, cells: Sequence[CellRow], spots: Sequence[float], y: Scale, at: int
) -> Markup:
    """Draw the band, the line, and a dot per cell that says its figures when pointed at."""
    intervals = [cell.estimates[measure.name] for cell in cells]
    lows = [y(_within(each.value if each.low is None else each.low, y)) for each in intervals]
    highs = [y(_within(each.value if each.high is None else each.high, y)) for each in intervals]
    there = list(zip(spots, highs, strict=True)) + list(zip(reversed(spots), reversed(lows), strict=True))
    values = [(spot, y(_within(each.value, y))) for spot, each in zip(spots, intervals, strict=True)]
    parts = [
        element("path", d=f"{_path(there)}Z", class_=f"band series-{at}"),
        element("path", d=_path(values), class_=f"curve series-{at}"),
    ]
    for cell, each, (left, top), high, low in zip(cells, intervals, values, highs, lows, strict=True):
        named = f"{one.name}, " if one.name else ""
        said = f"{named}{cell.label}: {interval_words(measure, each)} ({each.count} replications)"
        parts.append(line(left, high, left, low, f"whisker series-{at}"))
        parts.append(marker(at, left, top))
        parts.append(element("circle", element("title", said), cx=left, cy=top, r=10.0, class_="point-at"))
    return joined(parts)


def _within(value: float, y: Scale) -> float:
    return min(max(value, y.low), y.high)


def _path(places: Sequence[tuple[float, float]]) -> str:
    return f"M{'L'.join(f'{number(left)} {number(top)}' for left, top in places)}"
