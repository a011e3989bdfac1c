"""The hot-spot curve: how much of the demand fell on how few points (a Lorenz curve, from the points asked for most)."""

from collections.abc import Sequence

from markupsafe import Markup

from sim.report.figures.canvas import Size, figure_svg, line, text
from sim.report.scale import Scale
from sim.report.svg import element, number
from sim.report.wording import share

SIZE = Size("panel", 340, wide=False)
_HEIGHT, _TOP, _LEFT, _RIGHT, _FOOT = 312.0, 26.0, 46.0, 12.0, 40.0


def lorenz_figure(lorenz: Sequence[tuple[float, float]], label: str) -> Markup:
    """Draw the curve. ``lorenz`` begins with the points asked for least; the drawing with those asked for most."""
    x = Scale(0, 1, _LEFT, SIZE.width - _RIGHT)
    y = Scale(0, 1, _HEIGHT - _FOOT, _TOP)
    places = [(1 - points, 1 - requests) for points, requests in reversed(lorenz)]
    path = "L".join(f"{number(x(points))} {number(y(requests))}" for points, requests in places)
    parts: list[str] = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(line(x.at_low, y(tick), x.at_high, y(tick), "grid" if tick else "axis"))
        parts.append(text(f"{100 * tick:.0f} %", x.at_low - 6, y(tick) + 4, "tick", "end"))
        anchor = "end" if tick == 1 else "start" if tick == 0 else "middle"
        parts.append(text(f"{100 * tick:.0f} %", x(tick), y.at_low + 17, "tick", anchor))
    parts.append(
        element("path", d=f"M{path}L{number(x(1))} {number(y(0))}L{number(x(0))} {number(y(0))}z", class_="area")
    )
    parts.append(line(x(0), y(0), x(1), y(1), "even"))
    parts.append(element("path", d=f"M{path}", class_="curve ink-refused"))
    for points, requests in places[1:]:
        said = f"{share(points, 1)} of the points got {share(requests, 1)} of what was asked for"
        title = element("title", said)
        parts.append(element("circle", title, cx=x(points), cy=y(requests), r=6, class_="point-at"))
    parts.append(text("of the points, the most wanted first", x.at_high, y.at_low + 33, "axis-name", "end"))
    parts.append(text("of all windows asked for", 0, 11, "axis-name"))
    return figure_svg(SIZE, _HEIGHT, label, parts)
