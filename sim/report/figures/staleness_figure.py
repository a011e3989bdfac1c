"""How far behind views were over time: the worst of every moment."""

from markupsafe import Markup

from sim.report.figures.canvas import Size
from sim.report.figures.strip import strip_figure
from sim.report.model import Report
from sim.report.scale import Scale
from sim.report.svg import element
from sim.report.wording import duration, milliseconds


def staleness_figure(report: Report, size: Size, label: str) -> Markup:
    """Draw the figure of a report in which a view was behind."""
    worst_ms = report.staleness.worst_ms

    def draw(x: Scale, y: Scale) -> list[str]:
        return [_dot(report, x, y, at, value) for at, value in enumerate(worst_ms) if value >= 0]

    return strip_figure(report, size, label, worst_ms, "ms behind", draw, ",g")


def _dot(report: Report, x: Scale, y: Scale, at: int, value_ms: float) -> str:
    series = report.timeline
    civil_ms = series.civil_start_ms + at * series.civil_bucket_ms
    when = f"{report.run.clock(civil_ms, seconds=True)} ({duration(at * series.bucket_s)})"
    title = element("title", f"{when}: at worst {milliseconds(value_ms)} ms behind")
    radius = 2.5 if value_ms else 1.5
    return element("circle", title, cx=x((at + 0.5) * series.bucket_s), cy=y(value_ms), r=radius, class_="fill-refused")
