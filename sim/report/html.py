"""``report.html``: one file that needs no network and no JavaScript."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from sim.measure.fates import ClassFates
from sim.measure.outcomes import Outcome
from sim.measure.ways import WaySpread
from sim.report import captions, wording
from sim.report.chart_data import chart_data
from sim.report.drawings import WAY_PARTS, drawings
from sim.report.glossary import GLOSSARY, meaning_of
from sim.report.model import Report
from sim.report.page_facts import fate_class, page_facts
from sim.report.promises import PROMISES
from sim.report.stories import story_of
from sim.report.tables import tables

VIOLATIONS_MAX = 10
"""Told per promise; ``report.json`` holds more."""
FAULTS_MAX = 50
"""Told one by one."""
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
        **drawings(report),
        **page_facts(report),
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


def _way_bar(way: WaySpread) -> list[tuple[str, float]]:
    return [(f"way-{name}", getattr(way, name).mean_ms) for name in WAY_PARTS]


def _civil_ms(report: Report, at_s: float) -> int:
    return report.timeline.civil_start_ms + round(at_s * report.run.scale * 1000)


def _typeset(text: str) -> str:
    """Return the text with round apostrophes, and no line break between a number and its unit."""
    text = re.sub(r"(?<=\w)'(?=s?\b)", "\N{RIGHT SINGLE QUOTATION MARK}", text)
    return re.sub(r"(?<=\d) (?=(ms|s|min|h|d|kWh)\b|%)", "\N{NO-BREAK SPACE}", text)


def _fate_parts(each: ClassFates) -> list[tuple[str, int]]:
    """Return the parts of a class's bar: colour and number of vehicles."""
    order = sorted(each.fates.items(), key=lambda item: (item[0] != "served", -item[1], item[0]))
    return [(fate_class(name), number) for name, number in order]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
