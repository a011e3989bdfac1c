"""``report.html``: one file that needs no network and no JavaScript."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from sim.measure.fates import ClassFates
from sim.measure.latency import ALL
from sim.measure.nodes import total_revenue
from sim.measure.outcomes import Outcome
from sim.report import captions, wording
from sim.report.figures.canvas import NARROW, WIDE
from sim.report.figures.demand_figure import demand_figure, small_outcomes
from sim.report.figures.latency_figure import latency_figure, nines_of, range_of
from sim.report.figures.occupancy_figure import occupancy_figure
from sim.report.glossary import GLOSSARY, meaning_of
from sim.report.model import Report
from sim.report.promises import PROMISES
from sim.report.stories import story_of
from sim.report.svg import joined

CONTENDED_MAX = 12
"""Points in the list of the most contended."""
VIOLATIONS_MAX = 10
"""Told per promise; ``report.json`` holds more."""
FAULTS_MAX = 50
"""Told one by one."""
_FATES = frozenset({"served", "gave_up", "refused_at_start", "lost", "canceled", "no_show", "left"})
"""Those that have a colour of their own."""
_ASSETS = files("sim.report") / "assets"


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
        )
    }
    environment.filters |= {
        "typeset": _typeset,
        "clock": report.run.clock,
        "story": story_of,
        "meaning": meaning_of,
    }
    environment.filters["fate_parts"] = _fate_parts
    environment.globals |= {"share": wording.share, "captions": captions, "outcomes": list(Outcome)}
    return wording.visible(environment.get_template("report.html").render(_context(report)))


def _context(report: Report) -> Mapping[str, object]:
    contended = captions.contended_points(report, CONTENDED_MAX)
    return {
        "report": report,
        "run": report.run,
        "promise_texts": PROMISES,
        "violations_max": VIOLATIONS_MAX,
        "style": Markup(_asset("report.css")),  # noqa: S704 - a file of ours
        "script": Markup(_asset("report.js")),  # noqa: S704 - a file of ours
        "demand": _demand(report),
        "curves": _curves(report),
        "occupancy": _occupancy(report),
        "small_outcomes": small_outcomes(report.timeline),
        "contended": contended,
        "contended_max": CONTENDED_MAX,
        "most_asked": max((point.reserve.offered for point in contended), default=1),
        "fate_names": _fate_names(report),
        "fate_legend": [(f"fill-{_fate_class(name)}", name.replace("_", " ")) for name in _fate_names(report)],
        "served": sum(each.served for each in report.fates),
        "ended_vehicles": sum(each.vehicles for each in report.fates),
        "faults_max": FAULTS_MAX,
        "has_conflicts": any(row.conflicts for row in report.occupancy.rows),
        "points_by_id": {point.id: point for point in report.points},
        "energy_wh": sum(node.energy_wh for node in report.nodes),
        "revenue_minor": total_revenue(report.points),
        "reserve_latency": report.latency_ms.get("reserve", {}).get(ALL),
        "glossary": GLOSSARY,
        "world_words": captions.world_words(report),
        "unfinished_words": captions.unfinished_words(report),
        "clock_words": "in virtual time" if report.run.is_virtual else "by the clock on the wall",
        "started": _utc(report.run.started),
    }


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
    bounds, nines = range_of(report.latency_ms), nines_of(report.latency_ms)
    return [
        (
            name,
            pairs[ALL].count,
            latency_figure(pairs, bounds, nines, f"Percentile curves of {wording.request_name(name)} requests"),
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
