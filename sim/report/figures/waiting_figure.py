"""How many requests waited in mailboxes at a time, over time."""

from markupsafe import Markup

from sim.report.figures.canvas import Size, fault_bands, fault_flags, figure_svg, line, text
from sim.report.figures.time_axis import clock_axis
from sim.report.model import Report
from sim.report.scale import Scale, round_ticks
from sim.report.svg import element, number

_TOP, _LEFT, _RIGHT, _FOOT, _HEIGHT = 40.0, 52.0, 8.0, 40.0, 90.0


def waiting_figure(report: Report, size: Size, label: str) -> Markup:
    """Draw the figure of a report in which requests waited."""
    series, waiting = report.timeline, report.queues.waiting
    bottom = _TOP + _HEIGHT
    span_s = len(waiting) * series.bucket_s
    x = Scale(0, span_s, _LEFT, size.width - _RIGHT)
    ticks = round_ticks(max(waiting), 3)
    y = Scale(0, ticks[-1], bottom, _TOP)
    parts: list[str] = [
        fault_bands(report.faults, x, _TOP, bottom),
        fault_flags(report.faults, x, _TOP - 5),
        text("waiting at a time", 0, 12, "axis-name"),
    ]
    for tick in ticks:
        parts.append(line(x.at_low, y(tick), x.at_high, y(tick), "axis" if tick == 0 else "grid"))
        parts.append(text(f"{tick:,.3g}", x.at_low - 6, y(tick) + 4, "tick", "end"))
    steps = "".join(
        f"{'L' if at else 'M'}{number(x(at * series.bucket_s))} {number(y(value))}H{number(x((at + 1) * series.bucket_s))}"
        for at, value in enumerate(waiting)
    )
    parts.append(element("path", d=steps, class_="curve ink-unavailable"))
    civil_x = Scale(0, span_s * report.run.scale, x.at_low, x.at_high)
    parts.append(clock_axis(report.run.civil_start, civil_x, bottom, scale=report.run.scale))
    return figure_svg(size, bottom + _FOOT, label, parts)
