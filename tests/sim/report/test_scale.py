"""Ticks that people can read."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.figures.time_axis import clock_ticks
from sim.report.scale import Scale, log_bounds, log_ticks, round_ticks, round_top, time_step_s

POSITIVE = st.floats(1e-3, 1e9)


@given(POSITIVE, st.integers(1, 8))
def test_ticks_reach_the_highest_value_and_are_few(highest: float, wanted: int) -> None:
    """What stands above the last tick would be cut off."""
    ticks = round_ticks(highest, wanted)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * (1 - 1e-6)
    assert ticks[-2] < highest
    assert 2 <= len(ticks) <= wanted + 2


@given(POSITIVE)
def test_a_round_top_is_just_above(highest: float) -> None:
    assert highest * (1 - 1e-6) <= round_top(highest) <= 2 * highest


@given(POSITIVE, st.floats(1, 1e6))
def test_logarithmic_bounds_hold_everything(lowest: float, factor: float) -> None:
    low, high = log_bounds(lowest, lowest * factor)
    assert low <= lowest * (1 + 1e-6)
    assert high >= lowest * factor * (1 - 1e-6)
    assert high >= 9.99 * low


@given(POSITIVE, st.floats(1, 1e6))
def test_a_logarithmic_axis_has_three_ticks_at_least(lowest: float, factor: float) -> None:
    """One tick says where one value is, and nothing about the others."""
    low, high = log_bounds(lowest, lowest * factor)
    ticks = log_ticks(low, high)
    assert 3 <= len(ticks) <= 12
    assert ticks == sorted(ticks)
    assert low * (1 - 1e-6) <= ticks[0]
    assert ticks[-1] <= high * (1 + 1e-6)


def test_two_and_five_help_where_powers_of_ten_are_few() -> None:
    assert log_ticks(1, 1_000) == [1, 10, 100, 1_000]
    assert log_ticks(2, 50) == [2, 5, 10, 20, 50]


def test_nothing_has_ticks_too() -> None:
    assert (round_ticks(0, 5), round_top(0)) == ([0.0, 1.0], 1.0)


def test_a_scale_maps_its_ends_to_its_ends() -> None:
    y = Scale(0, 10, 200, 100)
    assert (y(0), y(10), y(5)) == (200, 100, 150)


@pytest.mark.parametrize(
    ("span_s", "step_s"), [(0.5, 0.1), (60, 10), (10_800, 1_800), (86_400, 14_400), (10**9, 2_592_000)]
)
def test_steps_of_time_are_those_of_a_clock(span_s: float, step_s: float) -> None:
    assert time_step_s(span_s, 6) in {step_s, 21_600}


@pytest.mark.parametrize(
    ("hours", "wanted", "words"),
    [
        (3, 6, ["16:30", "17:00", "17:30", "18:00", "18:30", "19:00", "19:30"]),
        (30, 5, ["04 May 18:00", "05 May 00:00", "05 May 06:00", "05 May 12:00", "05 May 18:00"]),
        (24 * 6, 6, ["05 May", "06 May", "07 May", "08 May", "09 May", "10 May"]),
        (1 / 60, 4, ["16:30:00", "16:30:15", "16:30:30", "16:30:45", "16:31:00"]),
    ],
)
def test_ticks_stand_at_round_times_of_day_where_the_scenario_plays(
    hours: float, wanted: int, words: list[str]
) -> None:
    """Midnight is midnight there, not in Greenwich."""
    start = datetime.fromisoformat("2026-05-04T16:30:00-03:00")
    ticks = clock_ticks(start, hours * 3_600, wanted)
    assert [tick.words for tick in ticks] == words
    assert all((start + timedelta(seconds=tick.since_start_s)).microsecond == 0 for tick in ticks)
