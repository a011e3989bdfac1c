"""How far behind views were over time: the worst of every moment."""

from markupsafe import Markup

from sim.report.figures.canvas import Size, fault_bands, fault_flags, figure_svg, line, text
from sim.report.figures.time_axis import clock_axis
from sim.report.model import Report
from sim.report.scale import Scale, round_ticks
from sim.report.svg import element
from sim.report.wording import duration, milliseconds

_TOP, _LEFT, _RIGHT, _FOOT, _HEIGHT = 40.0, 52.0, 8.0, 40.0, 90.0


def staleness_figure(report: Report, size: Size, label: str) -> Markup:
    """Draw the figure of a report in which a view was behind."""
    series, worst_ms = report.timeline, report.staleness.worst_ms
    bottom = _TOP + _HEIGHT
    span_s = len(worst_ms) * series.bucket_s
    x = Scale(0, span_s, _LEFT, size.width - _RIGHT)
    ticks = round_ticks(max(worst_ms), 3)
    y = Scale(0, ticks[-1], bottom, _TOP)
    parts: list[str] = [
        fault_bands(report.faults, x, _TOP, bottom),
        fault_flags(report.faults, x, _TOP - 5),
        text("ms behind", 0, 12, "axis-name"),
    ]
    for tick in ticks:
        parts.append(line(x.at_low, y(tick), x.at_high, y(tick), "axis" if tick == 0 else "grid"))
        parts.append(text(f"{tick:,g}", x.at_low - 6, y(tick) + 4, "tick", "end"))
    for at, value in enumerate(worst_ms):
        if value >= 0:
            civil_ms = series.civil_start_ms + at * series.civil_bucket_ms
            when = f"{report.run.clock(civil_ms, seconds=True)} ({duration(at * series.bucket_s)})"
            title = element("title", f"{when}: at worst {milliseconds(value)} ms behind")
            place = x((at + 0.5) * series.bucket_s)
            parts.append(
                element("circle", title, cx=place, cy=y(value), r=2.5 if value else 1.5, class_="fill-refused")
            )
    civil_x = Scale(0, span_s * report.run.scale, x.at_low, x.at_high)
    parts.append(clock_axis(report.run.civil_start, civil_x, bottom, scale=report.run.scale))
    return figure_svg(size, bottom + _FOOT, label, parts)
