"""How many requests waited in mailboxes at a time, over time."""

from markupsafe import Markup

from sim.report.figures.canvas import Size
from sim.report.figures.strip import strip_figure
from sim.report.model import Report
from sim.report.scale import Scale
from sim.report.svg import element, number


def waiting_figure(report: Report, size: Size, label: str) -> Markup:
    """Draw the figure of a report in which requests waited."""
    waiting, bucket_s = report.queues.waiting, report.timeline.bucket_s

    def draw(x: Scale, y: Scale) -> list[str]:
        steps = "".join(
            f"{'L' if at else 'M'}{number(x(at * bucket_s))} {number(y(value))}H{number(x((at + 1) * bucket_s))}"
            for at, value in enumerate(waiting)
        )
        return [element("path", d=steps, class_="curve ink-unavailable")]

    return strip_figure(report, size, label, waiting, "waiting at a time", draw, ",.3g")
