"""Latency over time: the darker a cell, the more requests of that moment took that long."""

from math import ceil, log10

from markupsafe import Markup

from sim.measure.heatmap import Heatmap
from sim.report.figures.canvas import Size, fault_flags, figure_svg, line, text
from sim.report.figures.time_axis import clock_axis
from sim.report.model import Report
from sim.report.scale import Scale
from sim.report.svg import element, joined
from sim.report.wording import count, duration, milliseconds

_TOP, _LEFT, _RIGHT, _FOOT = 24.0, 46.0, 8.0, 40.0
_ROW, _ROW_MIN_TOTAL = 16.0, 60.0
SHADES = 5


def heatmap_figure(report: Report, shown: Heatmap, size: Size, label: str) -> Markup:
    """Draw the heatmap of a report that has one."""
    rows = len(shown.floors_ms)
    row_height = max(_ROW, _ROW_MIN_TOTAL / rows)
    bottom = _TOP + rows * row_height
    span_s = shown.columns * shown.column_s
    x = Scale(0, span_s, _LEFT, size.width - _RIGHT)
    y = Scale(0, rows, bottom, _TOP)
    parts = [text("ms", _LEFT - 6, 12, "axis-name", "end"), fault_flags(report.faults, x, _TOP - 8)]
    for fault in report.faults:
        place = x(min(fault.broken.at_s, x.high))
        parts.append(line(place, _TOP - 4, place, bottom, "fault-line"))
    parts += [_cells(report, shown, x, y), _floors(shown, x, y)]
    civil_x = Scale(0, span_s * report.run.scale, x.at_low, x.at_high)
    parts.append(clock_axis(report.run.civil_start, civil_x, bottom, scale=report.run.scale))
    return figure_svg(size, bottom + _FOOT, label, parts)


def shade(requests: int, most: int) -> int:
    """Return the shade of a cell, 1 the lightest: by the logarithm, so that single slow requests are seen."""
    return 1 if most <= 1 else 1 + ceil((SHADES - 1) * log10(requests) / log10(most) - 1e-9)


def _cells(report: Report, shown: Heatmap, x: Scale, y: Scale) -> Markup:
    parts = []
    gap = 0.5 if x(shown.column_s) - x(0) > 3 else 0.0
    for column, row, requests in shown.cells:
        left, top = x(column * shown.column_s), y(row + 1)
        until = f" to {milliseconds(shown.floors_ms[row + 1])}" if row + 1 < len(shown.floors_ms) else " and more"
        civil_ms = report.timeline.civil_start_ms + round(column * shown.column_s * report.run.scale * 1000)
        when = f"{report.run.clock(civil_ms, seconds=True)} ({duration(column * shown.column_s)})"
        title = element(
            "title", f"{when}: {count(requests, 'request')}, {milliseconds(shown.floors_ms[row])}{until} ms"
        )
        size = {"width": x((column + 1) * shown.column_s) - left - gap, "height": y(row) - top - gap}
        parts.append(element("rect", title, x=left, y=top, class_=f"heat-{shade(requests, shown.most)}", **size))
    return joined(parts)


def _floors(shown: Heatmap, x: Scale, y: Scale) -> Markup:
    """Write the powers of ten that lie between rows; where there is none, the lowest and the highest bound."""
    floors = list(enumerate(shown.floors_ms))
    tens = [(row, floor_ms) for row, floor_ms in floors if abs(log10(floor_ms) - round(log10(floor_ms))) < 1e-6]
    parts: list[str] = [line(x.at_low, y.at_low, x.at_high, y.at_low, "axis")]
    for row, floor_ms in tens if len(tens) > 1 else dict([floors[0], *tens, floors[-1]]).items():
        parts.append(line(x.at_low - 4, y(row), x.at_high, y(row), "grid"))
        words = f"{float(f'{floor_ms:.2g}'):,g}"  # rows are a fifth of a power of ten: 25, not 25.1
        parts.append(text(words, x.at_low - 7, y(row) + 4, "tick", "end"))
    return joined(parts)
