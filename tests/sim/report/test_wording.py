"""Numbers, times and money as people write them."""

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.wording import (
    clock,
    count,
    duration,
    energy,
    figure,
    listed,
    margin,
    milliseconds,
    money,
    power,
    request_name,
    sentence,
    share,
    size,
    staleness,
    times,
    visible,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "\N{EN DASH}"), (0, "0 s"), (0.84, "0.8 s"), (9.96, "10 s"), (72.2, "72 s"), (99.4, "99 s"), (100, "1 min 40 s"),
        (541, "9 min 1 s"), (3_600, "1 h"), (10_800, "3 h"), (93_660, "1 d 2 h"), (-90, "\N{MINUS SIGN}90 s"),
    ],
)  # fmt: skip
def test_durations(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 9, "0 %"),
        (9, 9, "100 %"),
        (1, 9, "11.1 %"),
        (1, 10**6, "< 0.1 %"),
        (999_999, 10**6, "> 99.9 %"),
        (0, 0, "\N{EN DASH}"),
    ],
)
def test_shares_never_round_something_to_nothing_or_most_to_all(part: float, whole: float, words: str) -> None:
    """One lost reservation in a million is not 0 %."""
    assert share(part, whole) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.004, "0.00"), (7.994, "7.99"), (9.996, "10.0"), (98.53, "98.5"), (99.96, "100"), (1234.5, "1,234")],
)
def test_milliseconds_have_three_digits_that_count(value: float, words: str) -> None:
    assert milliseconds(value) == words


def test_money_is_written_in_the_currencys_own_minor_units() -> None:
    assert money({"BRL": 643_567}) == "BRL 6,435.67"
    assert money({"JPY": 1_500, "BRL": 5}) == "JPY 1,500 + BRL 0.05"
    assert money({}) == "\N{EN DASH}"


def test_units() -> None:
    assert (energy(3_664_667), power(22_000), power(7_400)) == ("3,664.7 kWh", "22 kW", "7.4 kW")
    assert (count(1, "point"), count(60, "point"), times(1), times(2), times(3)) == (
        "1 point", "60 points", "once", "twice", "3 times",
    )  # fmt: skip
    assert (listed([]), listed(["a"]), listed(["a", "", "b", "c"])) == ("", "a", "a, b and c")
    assert (sentence("it is so"), sentence("It is so."), sentence("")) == ("It is so.", "It is so.", "")


def test_times_of_day_are_in_the_scenarios_zone() -> None:
    recife = timezone(timedelta(hours=-3))
    assert clock(1_777_923_000_000, recife) == "16:30"
    assert clock(1_777_923_000_000, recife, seconds=True, date=True) == "04 May 16:30:00"


@given(st.text())
def test_what_is_visible_holds_no_control_characters(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not any(ord(letter) < 32 and letter not in "\t\n" for letter in shown)


def test_a_kind_of_request_is_told_in_words() -> None:
    """As it is called in the history, it is for programs."""
    assert [request_name(f) for f in ("reserve", "trip", "cancel_trip")] == ["reserve", "trip", "cancel trip"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "\N{EN DASH}"),
        (0, "0"),
        (6_454, "6,454"),
        (17.42, "17.4"),
        (0.982, "0.982"),
        (1_184.3, "1,184"),
        (3e-8, "3.0e-08"),
    ],
)
def test_a_figure_has_three_digits_that_count(value: float | None, words: str) -> None:
    assert figure(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "\N{EN DASH}"), (28.42, "+28.4"), (-14, "\N{MINUS SIGN}14"), (0, "\N{PLUS-MINUS SIGN}0")],
)
def test_a_margin_says_on_which_side_it_is(value: float | None, words: str) -> None:
    assert margin(value) == words


@pytest.mark.parametrize(
    ("value_ms", "words"), [(None, "\N{EN DASH}"), (0, "0"), (5, "5.00 ms"), (384.2, "384 ms"), (1_333, "1.3 s")]
)
def test_staleness_in_the_unit_that_fits(value_ms: float | None, words: str) -> None:
    assert staleness(value_ms) == words


def test_sizes_are_megabytes() -> None:
    assert (size(98_000_000), size(None)) == ("98.0 MB", "\N{EN DASH}")
