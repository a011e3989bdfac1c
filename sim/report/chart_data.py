"""What the page's script draws anew, to be zoomed and compared: time series, and when something was broken."""

from typing import Any

import orjson
from markupsafe import Markup

from sim.measure.outcomes import Outcome
from sim.report.figures.demand_figure import small_strips
from sim.report.model import Report
from sim.report.rates import rate_of

_DIGITS = 4
_WAITING_MIN = 0.001
"""Requests that wait at a time, on average over a bucket; below there is nothing to see."""


def chart_data(report: Report) -> Markup:
    """Return JSON that is safe inside a ``script`` element."""
    text = orjson.dumps(_data(report)).decode()
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing in it ends the element


def has_waited(report: Report) -> bool:
    """Whether so many requests waited in mailboxes that it makes a picture."""
    return max(report.queues.waiting, default=0) >= _WAITING_MIN


def _data(report: Report) -> dict[str, Any]:
    series = report.timeline
    rate = rate_of(series)
    charts: dict[str, Any] = {}
    if report.bookings.offered:
        outcomes = [(outcome.word, series.counts(outcome), outcome.word) for outcome in Outcome]
        parts = [(strip.words, strip.counts, strip.fill) for strip in small_strips(report)]
        for name, shown in (("demand", outcomes), ("parts", parts)):
            lines = [
                {"name": words, "ink": ink, "values": [round(count * rate.factor, _DIGITS) for count in counts]}
                for words, counts, ink in shown
                if any(counts)
            ]
            if lines:
                charts[name] = {"unit": f"per {rate.per}", "series": lines}
    if report.staleness.behind:
        worst = [None if value < 0 else value for value in report.staleness.worst_ms]
        charts["staleness"] = {"unit": "ms", "series": [{"name": "worst view", "ink": "refused", "values": worst}]}
    if has_waited(report):
        waiting = {"name": "waiting", "ink": "unavailable", "values": report.queues.waiting}
        charts["waiting"] = {"unit": "at a time", "series": [waiting]}
    offset = report.run.civil_start.utcoffset()
    return {
        "civil_start_s": series.civil_start_ms / 1000 + (0 if offset is None else offset.total_seconds()),
        "scale": report.run.scale,
        "bucket_s": series.bucket_s,
        "buckets": len(series.offered),
        "faults": [
            {"name": f"F{number}", "from": fault.broken.at_s, "to": fault.mended.at_s if fault.mended else None}
            for number, fault in enumerate(report.faults, 1)
        ],
        "charts": charts,
    }
