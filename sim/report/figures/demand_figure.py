"""Requests to reserve over time: all of them by what became of them, then the smaller parts on their own scales."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sim.measure.outcomes import Outcome
from sim.measure.timeline import Timeline
from sim.report.figures.canvas import Size, fault_bands, fault_flags, figure_svg, line, text
from sim.report.figures.time_axis import clock_axis
from sim.report.model import Report
from sim.report.rates import rate_of
from sim.report.scale import Scale, round_ticks, round_top
from sim.report.svg import element, joined, number
from sim.report.wording import duration

_TOP, _LEFT, _RIGHT, _FOOT = 40.0, 40.0, 8.0, 40.0
_MAIN_HEIGHT = 220.0
_STRIP_HEIGHT, _STRIP_HEAD = 48.0, 30.0
STRIPS_MAX = 9
KIND_WORDS = {"reserve": "reservations", "trip": "trips"}


def demand_figure(report: Report, size: Size, label: str) -> Markup:
    """Draw the figure of a report in which somebody asked for a reservation or a trip."""
    series, strips = report.timeline, small_strips(report)
    bottom = _TOP + _MAIN_HEIGHT + len(strips) * (_STRIP_HEAD + _STRIP_HEIGHT)
    span_s = len(series.offered) * series.bucket_s
    x = Scale(0, span_s, _LEFT, size.width - _RIGHT)
    civil_x = Scale(0, span_s * report.run.scale, x.at_low, x.at_high)
    parts = [
        fault_bands(report.faults, x, _TOP, bottom),
        fault_flags(report.faults, x, _TOP - 5),
        text(f"all, per {rate_of(series).per}", 0, 12, "axis-name"),
        _panel(series, _outcome_strips(series), x, _TOP, _MAIN_HEIGHT),
    ]
    for at, strip in enumerate(strips):
        top = _TOP + _MAIN_HEIGHT + at * (_STRIP_HEAD + _STRIP_HEIGHT) + _STRIP_HEAD
        parts.append(_panel(series, [strip], x, top, _STRIP_HEIGHT))
        parts.append(text(f"{strip.words}, per {rate_of(series).per}", _LEFT + 4, top - 6, "axis-name"))
    parts.append(clock_axis(report.run.civil_start, civil_x, bottom, scale=report.run.scale))
    parts.append(_columns_to_point_at(report, x, _TOP, bottom))
    return figure_svg(size, bottom + _FOOT, label, parts)


@dataclass(frozen=True, slots=True)
class Strip:
    """Some of the requests over time."""

    words: str
    counts: Sequence[int]
    fill: str
    """The colour's name."""


def small_strips(report: Report) -> list[Strip]:
    """Return what the main panel does not show: kinds of request, the parts that are small, reasons, timeouts, retries; as far
    as there are any.

    A part that is all of its outcome, where that fills the main panel, is left out: it would be the same picture again.
    """
    series = report.timeline
    outcomes = _outcome_strips(series)
    most = max(outcomes, key=lambda strip: sum(strip.counts))
    strips = [strip for strip in outcomes if strip.fill == "accepted" and strip is not most]
    asked = [report.operations[kind] for kind in series.by_kind]
    kinds = {reason.error or "no error named": reason.outcome for each in asked for reason in each.reasons}
    for name, counts in series.by_reason.items():
        fill = kinds.get(name, "refused")
        strips.append(Strip(f"{fill}: {name}" if name in kinds else "other reasons", counts, fill))
    undecided = [unknown - timed_out for unknown, timed_out in zip(series.unknown, series.timed_out, strict=True)]
    strips += [
        Strip("timed out", series.timed_out, "unknown"),
        Strip("unknown for other reasons", undecided, "unknown"),
    ]
    strips.append(Strip("retried", series.retried, "neutral"))
    if len(series.by_kind) > 1:
        strips = [*(Strip(KIND_WORDS[kind], counts, "neutral") for kind, counts in series.by_kind.items()), *strips]
    found = [strip for strip in strips if any(strip.counts)]
    return [strip for strip in found if list(strip.counts) != list(most.counts)][:STRIPS_MAX]


def _outcome_strips(series: Timeline) -> list[Strip]:
    return [Strip(outcome.word, series.counts(outcome), outcome.word) for outcome in Outcome]


def _panel(series: Timeline, strips: Sequence[Strip], x: Scale, top: float, height: float) -> Markup:
    """Draw columns, the strips on top of one another, with a scale of their own."""
    stacked = [sum(column) for column in zip(*(strip.counts for strip in strips), strict=True)]
    peak = max(stacked) * rate_of(series).factor
    ticks = round_ticks(peak, 5) if height > 100 else [0.0, round_top(peak)]
    y = Scale(0, ticks[-1], top + height, top)
    parts: list[str] = []
    for tick in ticks:
        parts.append(line(x.at_low, y(tick), x.at_high, y(tick), "axis" if tick == 0 else "grid"))
        parts.append(text(_tick_words(tick), x.at_low - 6, y(tick) + 4, "tick", "end"))
    below = [0.0] * len(stacked)
    for strip in strips:
        rates = [count * rate_of(series).factor for count in strip.counts]
        parts.append(element("path", d=_columns(rates, below, x, y, series.bucket_s), class_=f"fill-{strip.fill}"))
        below = [low + rate for low, rate in zip(below, rates, strict=True)]
    return joined(parts)


def _columns(rates: Sequence[float], below: Sequence[float], x: Scale, y: Scale, bucket_s: float) -> str:
    """Return the path of all columns of one outcome."""
    pitch = (x.at_high - x.at_low) / len(rates)
    width = pitch - (1 if pitch >= 4 else 0)
    pieces: list[str] = []
    for at, (rate, low) in enumerate(zip(rates, below, strict=True)):
        if rate:
            height = y(low) - y(low + rate)
            pieces.append(
                f"M{number(x(at * bucket_s))} {number(y(low))}h{number(width)}v-{number(height)}h-{number(width)}z"
            )
    return "".join(pieces)


def _columns_to_point_at(report: Report, x: Scale, top: float, bottom: float) -> Markup:
    """Return an invisible column per bucket that says its figures when pointed at."""
    series = report.timeline
    parts: list[str] = []
    for at, offered in enumerate(series.offered):
        civil_ms = series.civil_start_ms + at * series.civil_bucket_ms
        facts = [f"{_tick_words(round(offered * rate_of(series).factor, 1))} per {rate_of(series).per}"]
        facts += [f"{outcome.word} {series.counts(outcome)[at]:,}" for outcome in Outcome if series.counts(outcome)[at]]
        facts += [f"retried {series.retried[at]:,}"] if series.retried[at] else []
        when = f"{report.run.clock(civil_ms, seconds=True)} ({duration(at * series.bucket_s)})"
        title = element("title", f"{when}: {', '.join(facts)}")
        left = x(at * series.bucket_s)
        width = x((at + 1) * series.bucket_s) - left
        parts.append(element("rect", title, x=left, y=top, width=width, height=bottom - top, class_="point-at"))
    return joined(parts)


def _tick_words(tick: float) -> str:
    return f"{tick:,.0f}" if tick == int(tick) else f"{tick:g}"
