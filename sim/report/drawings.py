"""The page's figures, drawn, and what goes with them."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from sim.measure.contention import Concentration
from sim.measure.latency import ALL
from sim.report import captions, wording
from sim.report.chart_data import has_waited
from sim.report.figures.canvas import NARROW, WIDE
from sim.report.figures.demand_figure import demand_figure, small_strips
from sim.report.figures.heatmap_figure import heatmap_figure
from sim.report.figures.latency_figure import latency_figure, nines_of, range_of
from sim.report.figures.lorenz_figure import lorenz_figure
from sim.report.figures.occupancy_figure import occupancy_figure
from sim.report.figures.staleness_figure import staleness_figure
from sim.report.figures.waiting_figure import waiting_figure
from sim.report.limit_marks import limit_marks
from sim.report.model import Report
from sim.report.svg import joined

WAY_PARTS = ("late", "queue", "decide", "write", "forward", "network")
"""Of a request's time, as the page calls them, too."""


def drawings(report: Report) -> Mapping[str, object]:
    """Return what the templates show, by name."""
    way_parts = [(name, name) for name in WAY_PARTS if name != "late" or not report.run.is_virtual]
    return {
        "demand": _demand(report),
        "strips": small_strips(report) if report.bookings.offered else [],
        "curves": _curves(report),
        "has_marks": any(limit_marks(report.slo, name) for name in report.latency_ms),
        "occupancy": _occupancy(report),
        "heatmap": _heatmap(report),
        "staleness": _staleness(report),
        "waiting": _waiting(report),
        "lorenz": _lorenz(report),
        "lorenz_rows": _lorenz_rows(report.concentration),
        "way_parts": way_parts,
        "way_of_trip": any("trip" in way.kind for way in report.ways),
        "way_legend": [(f"fill-way-{name}", words) for name, words in way_parts],
        "longest_way": max((captions.way_length(way) for way in report.ways), default=1.0) or 1.0,
        "booking_latency": report.latency_ms.get(report.main_booking, {}).get(ALL),
    }


def _heatmap(report: Report) -> Markup:
    shown = report.heatmap
    if shown is None:
        return Markup("")
    label = f"{captions.heatmap_caption(report)}. The table above holds the percentiles."
    return joined(heatmap_figure(report, shown, size, label) for size in (WIDE, NARROW))


def _staleness(report: Report) -> Markup:
    if not report.staleness.behind:
        return Markup("")
    label = f"{captions.staleness_caption(report)}. The table below holds percentiles."
    return joined(staleness_figure(report, size, label) for size in (WIDE, NARROW))


def _waiting(report: Report) -> Markup:
    if not has_waited(report):
        return Markup("")
    label = f"{captions.queues_caption(report)}. The table below holds percentiles by node."
    return joined(waiting_figure(report, size, label) for size in (WIDE, NARROW))


def _lorenz(report: Report) -> Markup:
    if not report.concentration.lorenz:
        return Markup("")
    return lorenz_figure(
        report.concentration.lorenz, f"{captions.concentration_caption(report)}. The table holds some of its points."
    )


def _lorenz_rows(found: Concentration) -> list[tuple[str, float]]:
    """Return what fell on the most wanted points, for some shares of them; shares of less than one point are left out."""
    rows: list[tuple[str, float]] = []
    told: set[int] = set()
    for part in (0.01, 0.05, 0.1, 0.2, 0.5):
        points = round(part * found.points)
        if points >= 1 and found.lorenz and points not in told:
            told.add(points)
            below = _interpolated(found.lorenz, 1 - points / found.points)
            rows.append(("the point wanted most" if points == 1 else f"the {points:,} points wanted most", 1 - below))
    return rows


def _interpolated(curve: Sequence[tuple[float, float]], at: float) -> float:
    for (left, low), (right, high) in pairwise(curve):
        if left <= at <= right and right > left:
            return low + (high - low) * (at - left) / (right - left)
    return 1.0


def _demand(report: Report) -> Markup:
    if not report.bookings.offered:
        return Markup("")
    label = f"{captions.demand_caption(report)}. The table below holds the same figures."
    return joined(demand_figure(report, size, label) for size in (WIDE, NARROW))


def _occupancy(report: Report) -> Markup:
    if not report.occupancy.rows:
        return Markup("")
    label = f"{captions.occupancy_caption(report)}. The table below holds the same in shares."
    return joined(occupancy_figure(report, size, label) for size in (WIDE, NARROW))


def _curves(report: Report) -> list[tuple[str, int, Markup]]:
    """Return name, number of requests, and curves of every kind of request."""
    if not report.latency_ms:
        return []
    marks = {name: limit_marks(report.slo, name) for name in report.latency_ms}
    bounds = range_of(report.latency_ms, [mark for found in marks.values() for mark in found])
    nines = nines_of(report.latency_ms)
    return [
        (
            name,
            pairs[ALL].count,
            latency_figure(
                pairs, bounds, nines, f"Percentile curves of {wording.request_name(name)} requests", marks[name]
            ),
        )
        for name, pairs in report.latency_ms.items()
    ]
