"""What tells the curves of a sweep apart without colour: each has its marker, and its dashes.

Curves that coincide stay visible: the first is solid and has the smallest marker, each later one lies over it, broken, with
a hollow marker around those before.
"""

from markupsafe import Markup

from sim.report.svg import element, number

_KEY_WIDTH, _KEY_HEIGHT = 36, 18


def marker(at: int, x: float, y: float) -> Markup:
    """Return the marker of the curve with that number, in the middle of ``(x, y)``."""
    outline = _OUTLINES[at % len(_OUTLINES)]
    if outline is None:
        return element("circle", cx=x, cy=y, r=3.0, class_=f"dot series-{at}")
    corners = "L".join(f"{number(x + right)} {number(y + down)}" for right, down in outline)
    return element("path", d=f"M{corners}Z", class_=f"marker series-{at}")


def key(at: int) -> Markup:
    """Return what a legend shows of the curve: a piece of it."""
    middle = _KEY_HEIGHT / 2
    curve = element("path", d=f"M0 {number(middle)}H{_KEY_WIDTH}", class_=f"curve series-{at}")
    size = {"viewBox": f"0 0 {_KEY_WIDTH} {_KEY_HEIGHT}", "class_": "key", "aria_hidden": "true"}
    return element("svg", curve, marker(at, _KEY_WIDTH / 2, middle), **size)


def _polygon(*corners: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    return corners


_OUTLINES = (
    None,
    _polygon((-4.2, -4.2), (4.2, -4.2), (4.2, 4.2), (-4.2, 4.2)),
    _polygon((0, -7.6), (7, 5), (-7, 5)),
    _polygon((0, -8.4), (8.4, 0), (0, 8.4), (-8.4, 0)),
    _polygon((-7, -5), (7, -5), (0, 7.6)),
    _polygon((-7.4, -3), (7.4, -3), (7.4, 3), (-7.4, 3)),
)
"""A dot, a square, a triangle, a diamond, a triangle on its head, a bar: around the middle, in pixels."""
