"""``report.html``: one file that needs no network and no JavaScript."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from itertools import pairwise

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from sim.measure.contention import Concentration
from sim.measure.fates import ClassFates
from sim.measure.gauges import Gauge
from sim.measure.latency import ALL
from sim.measure.nodes import total_revenue
from sim.measure.outcomes import Outcome
from sim.measure.ways import WaySpread
from sim.report import captions, wording
from sim.report.chart_data import chart_data
from sim.report.figures.canvas import NARROW, WIDE
from sim.report.figures.demand_figure import demand_figure, small_strips
from sim.report.figures.heatmap_figure import heatmap_figure
from sim.report.figures.latency_figure import latency_figure, nines_of, range_of
from sim.report.figures.lorenz_figure import lorenz_figure
from sim.report.figures.occupancy_figure import occupancy_figure
from sim.report.figures.staleness_figure import staleness_figure
from sim.report.glossary import GLOSSARY, meaning_of
from sim.report.limit_marks import limit_marks
from sim.report.model import Report
from sim.report.promises import PROMISES
from sim.report.stories import story_of
from sim.report.svg import joined
from sim.report.tables import tables

CONTENDED_MAX = 12
"""Points in the list of the most contended."""
VIOLATIONS_MAX = 10
"""Told per promise; ``report.json`` holds more."""
FAULTS_MAX = 50
"""Told one by one."""
_FATES = frozenset({"served", "gave_up", "refused_at_start", "lost", "canceled", "no_show", "left"})
"""Those that have a colour of their own."""
_ASSETS = files("sim.report") / "assets"
_WAY_PARTS = {
    "late": "late",
    "queue": "queue",
    "decide": "decide",
    "write": "write",
    "forward": "forward",
    "network": "network",
}
"""Of a request's time, with what the page calls them."""


def render(report: Report) -> str:
    """Return the page."""
    environment = Environment(
        loader=FunctionLoader(_asset), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        name: getattr(wording, name)
        for name in (
            "whole",
            "decimal",
            "milliseconds",
            "duration",
            "energy",
            "power",
            "money",
            "count",
            "sentence",
            "request_name",
            "figure",
            "margin",
            "staleness",
            "size",
        )
    }
    environment.filters |= {
        "typeset": _typeset,
        "clock": report.run.clock,
        "story": story_of,
        "meaning": meaning_of,
    }
    environment.filters["fate_parts"] = _fate_parts
    environment.filters["way_bar"] = _way_bar
    environment.filters["paid"] = lambda currency, minor: (
        wording.money({currency: minor}) if currency else wording.NOTHING
    )
    environment.filters["at_clock"] = lambda at_s: report.run.clock(_civil_ms(report, at_s), seconds=True)
    environment.globals |= {"share": wording.share, "captions": captions, "outcomes": list(Outcome)}
    return wording.visible(environment.get_template("report.html").render(_context(report)))


def _context(report: Report) -> Mapping[str, object]:
    return {
        "report": report,
        "run": report.run,
        "promise_texts": PROMISES,
        "violations_max": VIOLATIONS_MAX,
        "faults_max": FAULTS_MAX,
        "glossary": GLOSSARY,
        "world_words": captions.world_words(report),
        "unfinished_words": captions.unfinished_words(report),
        "clock_words": "in virtual time" if report.run.is_virtual else "by the clock on the wall",
        "started": _utc(report.run.started),
        "points_by_id": {point.id: point for point in report.points},
        "has_conflicts": any(row.conflicts for row in report.occupancy.rows),
        "table_names": list(tables(report)),
        **_assets(report),
        **_figures(report),
        **_contention(report),
        **_charging(report),
        **_resources(report),
    }


def _assets(report: Report) -> Mapping[str, object]:
    named = {"style": "report.css", "script": "report.js"}
    named |= {
        "chart_style": "uplot/uPlot.min.css",
        "chart_script": "uplot/uPlot.iife.min.js",
        "chart_licence": "uplot/LICENSE",
    }
    return {
        "series": chart_data(report),
        **{name: Markup(_asset(path)) for name, path in named.items()},  # noqa: S704 - files of ours
    }


def _figures(report: Report) -> Mapping[str, object]:
    way_parts = [(name, words) for name, words in _WAY_PARTS.items() if name != "late" or not report.run.is_virtual]
    return {
        "demand": _demand(report),
        "strips": small_strips(report) if report.reserve.offered else [],
        "curves": _curves(report),
        "has_marks": any(limit_marks(report.slo, name) for name in report.latency_ms),
        "occupancy": _occupancy(report),
        "heatmap": _heatmap(report),
        "staleness": _staleness(report),
        "lorenz": _lorenz(report),
        "lorenz_rows": _lorenz_rows(report.concentration),
        "way_parts": way_parts,
        "way_legend": [(f"fill-way-{name}", words) for name, words in way_parts],
        "longest_way": max((captions.way_length(way) for way in report.ways), default=1.0) or 1.0,
        "reserve_latency": report.latency_ms.get("reserve", {}).get(ALL),
    }


def _contention(report: Report) -> Mapping[str, object]:
    contended = captions.contended_points(report, CONTENDED_MAX)
    tried: Counter[int] = Counter()
    in_vain: Counter[int] = Counter()
    for each in report.fates:
        tried.update(each.attempts)
        in_vain.update(each.gave_up)
    return {
        "contended": contended,
        "contended_max": CONTENDED_MAX,
        "most_asked": max((point.reserve.offered for point in contended), default=1),
        "attempts": [(number, tried[number], in_vain[number]) for number in sorted(tried)],
        "most_tried": max(tried.values(), default=1),
        "all_tried": tried.total(),
        "fate_names": _fate_names(report),
        "fate_legend": [(f"fill-{_fate_class(name)}", name.replace("_", " ")) for name in _fate_names(report)],
        "served": sum(each.served for each in report.fates),
        "ended_vehicles": sum(each.vehicles for each in report.fates),
    }


def _charging(report: Report) -> Mapping[str, object]:
    revenue_minor = total_revenue(report.points)
    return {
        "energy_wh": sum(node.energy_wh for node in report.nodes),
        "revenue_minor": revenue_minor,
        "currency": next(iter(revenue_minor)) if len(revenue_minor) == 1 else None,
    }


def _resources(report: Report) -> Mapping[str, object]:
    by_name: dict[str, dict[str, Gauge]] = {}
    for gauge in report.gauges:
        by_name.setdefault(gauge.name, {})[gauge.node] = gauge
    nodes = list(dict.fromkeys(gauge.node for gauge in report.gauges))
    rows = [
        (
            name,
            max(gauge.bound for gauge in found.values()),
            [found[node].highest if node in found else None for node in nodes],
        )
        for name, found in by_name.items()
    ]
    return {
        "gauge_nodes": nodes,
        "gauge_rows": rows,
        "resources": {used.name: used for used in report.resources},
        "node_ids": [node.id for node in report.nodes],
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


def _way_bar(way: WaySpread) -> list[tuple[str, float]]:
    return [(f"way-{name}", getattr(way, name).mean_ms) for name in _WAY_PARTS]


def _civil_ms(report: Report, at_s: float) -> int:
    return report.timeline.civil_start_ms + round(at_s * report.run.scale * 1000)


def _demand(report: Report) -> Markup:
    if not report.reserve.offered:
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


def _fate_names(report: Report) -> list[str]:
    """Return all fates, the most frequent first."""
    totals: dict[str, int] = {}
    for each in report.fates:
        for name, number in each.fates.items():
            totals[name] = totals.get(name, 0) + number
    return sorted(totals, key=lambda name: (name != "served", -totals[name], name))


def _typeset(text: str) -> str:
    """Return the text with round apostrophes, and no line break between a number and its unit."""
    text = re.sub(r"(?<=\w)'(?=s?\b)", "\N{RIGHT SINGLE QUOTATION MARK}", text)
    return re.sub(r"(?<=\d) (?=(ms|s|min|h|d|kWh)\b|%)", "\N{NO-BREAK SPACE}", text)


def _fate_parts(each: ClassFates) -> list[tuple[str, int]]:
    """Return the parts of a class's bar: colour and number of vehicles."""
    order = sorted(each.fates.items(), key=lambda item: (item[0] != "served", -item[1], item[0]))
    return [(_fate_class(name), number) for name, number in order]


def _fate_class(name: str) -> str:
    return name if name in _FATES else "other"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
