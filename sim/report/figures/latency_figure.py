"""Percentile curves of one kind of request: how long the slowest of ten, of a hundred, of a thousand requests took."""

from collections.abc import Mapping, Sequence
from math import floor, log10

from markupsafe import Markup

from sim.measure.latency import ALL, Latency, LatencyPair
from sim.report.figures.canvas import Size, figure_svg, line, text
from sim.report.limit_marks import LimitMark
from sim.report.scale import Scale, log_bounds, log_ticks
from sim.report.svg import element, joined, number
from sim.report.wording import milliseconds

PANEL = Size("panel", 316, wide=False)
_HEIGHT, _TOP, _LEFT, _RIGHT, _FOOT = 236.0, 22.0, 46.0, 12.0, 34.0
Place = tuple[float, float]

_LEAST_MS = 0.01
"""Where a logarithmic axis may begin; nothing over a network is faster."""


def latency_figure(
    pairs: Mapping[str, LatencyPair],
    range_ms: tuple[float, float],
    nines: float,
    label: str,
    marks: Sequence[LimitMark] = (),
) -> Markup:
    """Draw the curves of one kind of request by outcome; panels of the same range and nines can be compared."""
    x = Scale(0, nines, _LEFT, PANEL.width - _RIGHT)
    y = Scale(log10(range_ms[0]), log10(range_ms[1]), _HEIGHT - _FOOT, _TOP)
    parts = [_axes(x, y)]
    for word, pair in pairs.items():
        if word != ALL:
            places = _places(pair.from_intended, pair.count, x, y)
            parts.append(_curve(_places(pair.from_sent, pair.count, x, y), f"curve sent ink-{word}"))
            parts.append(_curve(places, f"curve ink-{word}"))
            parts.append(_dots(word, pair.from_intended, places))
    parts += [_limit(mark, x, y) for mark in marks]
    return figure_svg(PANEL, _HEIGHT, label, parts)


def range_of(
    latency_ms: Mapping[str, Mapping[str, LatencyPair]], marks: Sequence[LimitMark] = ()
) -> tuple[float, float]:
    """Return round bounds that all latencies and limits lie between."""
    curves = [pair.from_sent.curve for pairs in latency_ms.values() for pair in pairs.values()]
    lowest = max(_LEAST_MS, min(curve[0][1] for curve in curves))
    highest = max(pair.from_intended.max for pairs in latency_ms.values() for pair in pairs.values())
    bounds_ms = [mark.bound_ms for mark in marks]
    return log_bounds(min([lowest, *bounds_ms]), max([highest, lowest, *bounds_ms]))


def nines_of(latency_ms: Mapping[str, Mapping[str, LatencyPair]]) -> float:
    """Return how many nines the largest number of requests can tell apart; 1 at least."""
    return max(1.0, *(log10(pair.count) for pairs in latency_ms.values() for pair in pairs.values()))


def _axes(x: Scale, y: Scale) -> Markup:
    parts: list[str] = [text("ms", _LEFT - 6, 12, "axis-name", "end")]
    parts.append(line(x.at_low, y.at_low, x.at_high, y.at_low, "axis"))
    for tick in log_ticks(10**y.low, 10**y.high):
        place = y(log10(tick))
        parts.append(line(x.at_low, place, x.at_high, place, "grid"))
        parts.append(text(f"{tick:,g}", _LEFT - 6, place + 4, "tick", "end"))
    free_from = 0.0
    for nines in range(floor(x.high) + 1):
        percent = "0 %" if nines == 0 else f"{100 * (1 - 10.0**-nines):.{max(0, nines - 2)}f} %"
        anchor = "start" if nines == 0 else "end" if x(nines) + 20 > PANEL.width else "middle"
        parts.append(line(x(nines), y.at_high, x(nines), y.at_low + 4, "grid"))
        width = 7.2 * len(percent)
        left = x(nines) - {"start": 0, "middle": width / 2, "end": width}[anchor]
        if left >= free_from:
            parts.append(text(percent, x(nines), y.at_low + 17, "tick", anchor))
            free_from = left + width + 4
    parts.append(text("of requests took at most", x.at_high, y.at_low + 31, "axis-name", "end"))
    return joined(parts)


def _limit(mark: LimitMark, x: Scale, y: Scale) -> Markup:
    """Return a line at the bound, up to the percentile that must stay below it, and its words above the line."""
    nines = x.high if mark.share >= 1 else min(x.high, -log10(1 - mark.share))
    place = y(min(max(log10(mark.bound_ms), y.low), y.high))
    title = element("title", f"{mark.limit}: {'holds' if mark.holds else 'does not hold'}")
    stroke = line(x.at_low, place, x(nines), place, "limit" if mark.holds else "limit broken")
    end = element(
        "circle", title, cx=x(nines), cy=place, r=3.5, class_="limit-end" if mark.holds else "limit-end broken"
    )
    return joined([stroke, end, text(f"limit {mark.bound_ms:,g} ms", x.at_low + 4, place - 4, "limit-name")])


def _places(latency: Latency, count: int, x: Scale, y: Scale) -> list[Place]:
    """Return where the curve goes. The slowest of ``count`` requests stands for the last 1 / ``count`` of them."""
    nines = [*(-log10(1 - part) for part, _ in latency.curve[:-1]), log10(count)]
    values = (log10(max(value, 10**y.low)) for _, value in latency.curve)
    return [(x(nine), y(value)) for nine, value in zip(nines, values, strict=True)]


def _curve(places: Sequence[Place], class_: str) -> Markup:
    return element("path", d=f"M{'L'.join(f'{number(left)} {number(top)}' for left, top in places)}", class_=class_)


def _dots(word: str, latency: Latency, places: Sequence[Place]) -> Markup:
    """Return an invisible dot per value that says it when pointed at, and a visible one for the slowest request."""
    parts: list[str] = []
    for (part, value), (left, top) in zip(latency.curve, places, strict=True):
        slowest = part == 1
        told = "the slowest took" if slowest else f"{100 * part:.6g} % took at most"
        title = element("title", f"{word}: {told} {milliseconds(value)} ms")
        class_, radius = (f"end fill-{word}", 2.5) if slowest else ("point-at", 6)
        parts.append(element("circle", title, cx=left, cy=top, r=radius, class_=class_))
    return joined(parts)
