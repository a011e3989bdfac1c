"""A low figure over the run's time, on the timeline's buckets, with the faults shaded: one quantity, drawn by who asks for it."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from sim.report.figures.canvas import Size, fault_bands, fault_flags, figure_svg, line, text
from sim.report.figures.time_axis import clock_axis
from sim.report.model import Report
from sim.report.scale import Scale, round_ticks

_TOP, _LEFT, _RIGHT, _FOOT, _HEIGHT = 40.0, 52.0, 8.0, 40.0, 90.0


def strip_figure(
    report: Report,
    size: Size,
    label: str,
    values: Sequence[float],
    name: str,
    draw: Callable[[Scale, Scale], Sequence[str]],
    tick_format: str,
) -> Markup:
    """Draw ``values``, one a bucket of which one is above 0. ``draw`` returns the marks: its first scale takes seconds of the
    history's time, its second takes values.
    """
    bottom, run, span_s = _TOP + _HEIGHT, report.run, len(values) * report.timeline.bucket_s
    x = Scale(0, span_s, _LEFT, size.width - _RIGHT)
    ticks = round_ticks(max(values), 3)
    y = Scale(0, ticks[-1], bottom, _TOP)
    parts: list[str] = [
        fault_bands(report.faults, x, _TOP, bottom),
        fault_flags(report.faults, x, _TOP - 5),
        text(name, 0, 12, "axis-name"),
    ]
    for tick in ticks:
        parts.append(line(x.at_low, y(tick), x.at_high, y(tick), "axis" if tick == 0 else "grid"))
        parts.append(text(format(tick, tick_format), x.at_low - 6, y(tick) + 4, "tick", "end"))
    parts += draw(x, y)
    civil_x = Scale(0, span_s * run.scale, x.at_low, x.at_high)
    parts.append(clock_axis(run.civil_start, civil_x, bottom, scale=run.scale))
    return figure_svg(size, bottom + _FOOT, label, parts)
