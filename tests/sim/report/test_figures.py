"""What is written in figures: enough to read them by, nothing on top of anything else."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sim.measure.faults import Fault, Moment
from sim.measure.outcomes import Tally
from sim.report import Report
from sim.report.figures.canvas import NARROW, WIDE, Size, fault_flags
from sim.report.figures.demand_figure import demand_figure, small_strips
from sim.report.figures.heatmap_figure import SHADES, shade
from sim.report.figures.latency_figure import latency_figure, nines_of, range_of
from sim.report.figures.occupancy_figure import occupancy_figure
from sim.report.figures.time_axis import clock_axis
from sim.report.limit_marks import limit_marks
from sim.report.rates import rate_of
from sim.report.scale import Scale
from tests.sim.report.conftest import Reported

_CLOCK = re.compile(r">(\d\d:\d\d)(?::\d\d)?<")


@pytest.fixture(scope="module")
def report(reported: Reported) -> Report:
    return reported("ordinary")[0]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_time_has_several_ticks_on_a_phone_too(report: Report, size: Size) -> None:
    """From a single time of day nobody can tell how long anything took."""
    for figure in (demand_figure(report, size, ""), occupancy_figure(report, size, "")):
        assert len(_CLOCK.findall(figure)) >= 3


def test_a_short_run_is_counted_in_seconds_throughout(report: Report) -> None:
    """76 s, then 1 min 40 s: two units on one axis."""
    run = report.run.model_copy(update={"scale": report.run.scale / 8})
    series = replace(report.timeline, bucket_s=8.0)
    figure = demand_figure(report.model_copy(update={"run": run, "timeline": series}), WIDE, "")
    assert ">480 s<" in figure


def _crash(node: str, at_s: float) -> Fault:
    return Fault("crash", node, 60.0, Moment(at_s, 0), None, None, Tally())


def test_a_fault_is_named_where_it_begins() -> None:
    flags = fault_flags([_crash("server2", 10)], Scale(0, 100, 0, 1_000), 20)
    assert ">F1 crash of server2<" in flags
    assert 'x="100"' in flags


def test_where_there_is_no_room_a_number_does() -> None:
    """The words of one fault would cover the next one's."""
    x = Scale(0, 100, 0, 1_000)
    flags = fault_flags([_crash("server1", 10), _crash("server2", 14), _crash("server3", 97)], x, 20)
    assert re.findall(r">([^<]+)</text>", flags) == ["F1", "F2 crash of server2", "F3"]


def test_a_number_that_would_cover_another_is_left_out() -> None:
    flags = fault_flags([_crash("server1", 10), _crash("server2", 11)], Scale(0, 100, 0, 1_000), 20)
    assert "F2" not in flags


def test_small_panels_show_what_the_large_one_hides(report: Report) -> None:
    """And nothing twice."""
    words = [strip.words for strip in small_strips(report)]
    assert words == ["accepted", "unavailable: unreachable", "unavailable: owner-unreachable", "timed out"]


def test_a_limit_is_drawn_up_to_the_percentile_that_it_is_about(report: Report) -> None:
    marks = limit_marks(report.slo, "reserve")
    assert [(mark.share, mark.bound_ms, mark.holds) for mark in marks] == [(0.99, 250.0, True)]
    assert limit_marks(report.slo, "read") == []
    low, high = range_of(report.latency_ms, marks)
    assert low <= 250 <= high
    figure = latency_figure(report.latency_ms["reserve"], (low, high), nines_of(report.latency_ms), "", marks)
    assert "limit 250 ms" in figure


@pytest.mark.parametrize("width_px", [300.0, 640.0, 860.0])
@pytest.mark.parametrize("span_s", [5_400.0, 5_520.0, 9_000.0, 86_400.0])
def test_no_words_of_a_time_axis_leave_the_figure(width_px: float, span_s: float) -> None:
    """The time since the run began can be longer than the time of day above it: 1 h 30 min at 13:00."""
    x = Scale(0, span_s, 40.0, 40.0 + width_px)
    drawn = clock_axis(datetime(2026, 5, 4, 11, 30, tzinfo=UTC), x, 0.0, scale=1.0)
    found = re.findall(r"<text[^>]*>[^<]+</text>", drawn)
    assert len(found) >= 4
    for each in found:
        at, words = float(re.search(r' x="([\d.]+)"', each)[1]), re.search(r">([^<]+)<", each)[1]  # type: ignore[index]  # all have both
        length = len(words) * 6.0
        before = length if 'text-anchor="end"' in each else length / 2 if 'text-anchor="middle"' in each else 0
        assert at - before >= 0, each
        assert at - before + length <= x.at_high + 8, each


def test_a_single_slow_request_is_seen_in_a_heatmap() -> None:
    assert [shade(number, 1_000) for number in (1, 2, 10, 500, 1_000)] == [1, 2, 3, SHADES, SHADES]
    assert shade(1, 1) == 1


@pytest.mark.parametrize(("peak", "per"), [(60, "second"), (6, "minute"), (1, "minute"), (0, "second")])
def test_rates_are_told_in_a_unit_in_which_the_peak_is_something(report: Report, peak: int, per: str) -> None:
    """0.06 per second is nobody's way of saying 4 a minute."""
    series = replace(report.timeline, bucket_s=60.0, offered=[0, peak])
    assert rate_of(series).per == per
