"""Points over time, a row each: when they were reserved, when they were charging, when something of their node was broken."""

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from sim.measure.intervals import Interval
from sim.measure.occupancy import OccupancyRow
from sim.measure.points import PointFigures
from sim.report.figures.canvas import Size, fault_edges, figure_svg, flag_width, line, text
from sim.report.figures.time_axis import clock_axis
from sim.report.model import Report
from sim.report.scale import Scale
from sim.report.svg import element, joined, number
from sim.report.wording import share

_TOP, _FOOT, _NODE_HEAD, _NODE_GAP = 2.0, 26.0, 22.0, 10.0
_BREAK = 0.6
"""Between two reservations that follow on each other."""
_LETTER_WIDTH = 6.2


def occupancy_figure(report: Report, size: Size, label: str) -> Markup:
    """Draw the figure of a report that has points."""
    shown = report.occupancy
    longest = max(len(_slug(row.point)) for row in shown.rows)
    left = min(longest, 15 if size.wide else 8) * _LETTER_WIDTH + 12
    right = 48.0 if size.wide else 6.0
    x = Scale(0, (shown.civil_end_ms - shown.civil_start_ms) / 1000, left, size.width - right)
    by_id = {point.id: point for point in report.points}
    pitch = _pitch(len(shown.rows))
    parts: list[str] = []
    top = _TOP
    for node, rows in groupby(shown.rows, key=lambda row: row.node):
        drawn = _Group(x, top + _NODE_HEAD, pitch, shown.step_ms / 1000)
        parts.append(text(_cut(node, 60), 0, top + _NODE_HEAD - 7, "group"))
        parts += [drawn.row(row, by_id[row.point], percent=size.wide) for row in rows]
        parts.append(drawn.faults(report, node))
        top = drawn.bottom + _NODE_GAP
    parts.append(clock_axis(report.run.civil_start, x, top - _NODE_GAP + 4))
    return figure_svg(size, top + _FOOT, label, parts)


class _Group:
    """The rows of one node."""

    def __init__(self, x: Scale, top: float, pitch: float, step_s: float) -> None:
        self._x, self._top, self._pitch, self._step_s = x, top, pitch, step_s
        self.bottom = top

    def row(self, row: OccupancyRow, point: PointFigures, *, percent: bool) -> Markup:
        """Draw the next row."""
        x, middle = self._x, self.bottom + self._pitch / 2
        letters = round((x.at_low - 12) / _LETTER_WIDTH)
        said = (
            f"{row.point}: busy {share(point.busy_share, 1)} of the time, charging {share(point.charging_share, 1)}; "
        )
        said += f"{point.demand.refused:,} refused of {point.demand.offered:,} asked for"
        parts = [
            text(_cut(_slug(row.point), letters), x.at_low - 7, middle + 3.8, "row", "end"),
            line(x.at_low, middle, x.at_high, middle, "track"),
            self._strokes(row.reserved, middle, "reserved"),
            self._strokes(row.charging, middle, "charging"),
            self._strokes(row.conflicts, middle, "conflict"),
        ]
        if percent:
            parts.append(text(share(point.busy_share, 1), x.at_high + 47, middle + 3.8, "row", "end"))
        width = x.at_high - x.at_low
        parts.append(
            element(
                "rect",
                element("title", said),
                x=x.at_low,
                y=self.bottom,
                width=width,
                height=self._pitch,
                class_="point-at",
            )
        )
        self.bottom += self._pitch
        return element("g", *parts, stroke_width=self._pitch - 2.5)

    def faults(self, report: Report, node: str) -> Markup:
        """Draw over the rows when something of the node, or of what it shares with others, was broken.

        A number that would cover the one before it is left out.
        """
        start_ms = report.occupancy.civil_start_ms
        in_civil_time = Scale(
            self._x.low / report.run.scale, self._x.high / report.run.scale, self._x.at_low, self._x.at_high
        )
        parts: list[str] = []
        free_from = 8.0 * len(node) + 8
        named = [(f"F{place}", fault) for place, fault in enumerate(report.faults, 1)]
        for name, fault in named:
            if fault.touches(node) and fault.broken.civil_ms >= start_ms:
                left, right = fault_edges(fault, in_civil_time)
                parts.append(self._band(f"{name}: {fault.words}", left, right))
                at = left if parts[1:] else max(left, free_from)
                if at >= free_from:
                    parts.append(text(name, at, self._top - 4, "flag"))
                    free_from = at + flag_width(name)
        return joined(parts)

    def _band(self, words: str, left: float, right: float) -> Markup:
        size = {"width": right - left, "height": self.bottom - self._top}
        return element("rect", element("title", words), x=left, y=self._top, class_="fault over", **size)

    def _strokes(self, intervals: Sequence[Interval], middle: float, class_: str) -> Markup:
        """Return one path for all intervals of a row: to the first, then from each to the next."""
        if not intervals:
            return Markup("")
        pieces: list[str] = []
        at: float | None = None
        for begin, end in intervals:
            left, right = self._x(begin * self._step_s), min(self._x.at_high, self._x(end * self._step_s))
            width = max(0.8, right - left - _BREAK)
            pieces.append(f"M{number(left)} {number(middle)}" if at is None else f"m{number(left - at)} 0")
            pieces.append(f"h{number(width)}")
            at = left + width
        return element("path", d="".join(pieces), class_=class_)


def _pitch(rows: int) -> float:
    return 17.0 if rows <= 40 else 13.0 if rows <= 80 else 11.5


def _slug(point: str) -> str:
    return point.partition(".")[2] or point


def _cut(words: str, letters: int) -> str:
    return words if len(words) <= letters else words[: max(1, letters - 1)] + "…"
