"""The language of limits: what it says, and what is wrong with what it cannot mean."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.documents import DocumentError
from sim.history import FUNCTIONS
from sim.scenario.limit_syntax import Comparison, Figure, Number, Term, parse_limit
from sim.scenario.load import load_scenario
from sim.scenario.metrics import COUNTS, DISTRIBUTIONS, KINDS, SCALARS


def test_a_percentile_of_one_kind_of_request() -> None:
    assert parse_limit("p99(reserve.latency_ms) < 50") == Comparison(
        "<", Figure("latency_ms", "reserve", None, "p99"), Number(50)
    )


@pytest.mark.parametrize("text", ["staleness_ms_p99 < 1", "p99(staleness_ms)<1", " p99 ( staleness_ms ) < 1.0 "])
def test_the_short_form_says_the_same(text: str) -> None:
    """The issue writes it both ways."""
    assert parse_limit(text) == Comparison("<", Figure("staleness_ms", function="p99"), Number(1))


def test_a_percentile_may_be_written_with_a_point() -> None:
    assert parse_limit("p99.9(latency_ms) < 1") == parse_limit("p99_9(latency_ms) < 1")


def test_products_bind_tighter_than_sums_and_both_from_the_left() -> None:
    found = parse_limit("offered - accepted - 2 * refused >= 10 %")
    two = Term("*", Number(2), Figure("refused"))
    assert found == Comparison(">=", Term("-", Term("-", Figure("offered"), Figure("accepted")), two), Number(0.1))


def test_brackets_come_first() -> None:
    assert parse_limit("(1 + 2) * 3 <= offered").left == Term("*", Term("+", Number(1), Number(2)), Number(3))


def test_kinds_and_outcomes_qualify_what_is_of_requests() -> None:
    assert parse_limit("mean(trip.accepted.latency_ms) < 1").left == Figure("latency_ms", "trip", "accepted", "mean")
    assert parse_limit("meter.offered > 1").left == Figure("offered", "meter")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("jain_fairnes > 0", "at character 1: there is no figure 'jain_fairnes'; did you mean 'jain_fairness'?"),
        ("1 < 2", "expected a figure of the run on one side at least"),
        ("offered", "at the end: expected <, <=, > or >="),
        ("offered > ", "at the end: expected a number or a figure"),
        ("offered $ 5", "at character 8: expected a number, a figure or an operator"),
        ("offered > 5 5", "at character 13: expected the end of the limit, found '5'"),
        ("latency_ms < 5", "at character 1: expected a function of it, such as p99\\(latency_ms\\)"),
        ("p98(latency_ms) < 5", "at character 1: expected one of p1, .* before a bracket, found 'p98'"),
        ("p99(gini) < 5", "at character 5: gini is one figure: it has no p99"),
        ("reserve.gini < 5", "gini is of the whole run: there is none of reserve requests"),
        ("p99(reserve.waited_s) < 5", "waited_s is of the whole run"),
        ("accepted.offered < 5", "offered is not counted by outcome"),
        ("(offered < 5", r"at character 10: expected \), found '<'"),
        ("(" * 30 + "offered" + ")" * 30 + " < 5", "expected fewer brackets within one another"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_limit(text)


@given(st.text(alphabet="p9_.()<>=+-*/% offeredlatncyms", max_size=60))
def test_any_text_is_a_limit_or_a_value_error(text: str) -> None:
    """It comes from files that people write."""
    with suppress(ValueError):
        assert parse_limit(text).figures


def test_a_scenario_says_where_its_limit_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("name: s\ntime: {duration_s: 60}\nslo:\n  - offered > 5\n  - limit: gini > x\n  - 7\n")
    with pytest.raises(DocumentError) as caught:
        load_scenario(path)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(f"{path}:5:12: slo[1].limit: at character 8: there is no figure 'x'")
    assert lines[1] == f"{path}:6:5: slo[2]: expected a mapping, found 7"


def test_a_limit_that_ends_the_run_must_be_known_while_it_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("name: s\ntime: {duration_s: 60}\nslo:\n  - {limit: staleness_ms_p99 < 5, abort_after_s: 9}\n")
    with pytest.raises(DocumentError, match=r"abort_after_s: staleness_ms is known only when the run is over"):
        load_scenario(path)


def test_kinds_are_those_of_histories() -> None:
    """The scenario's layer cannot import the history's."""
    assert KINDS == FUNCTIONS


def test_every_name_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs" / "report.md").read_text()
    assert all(re.search(rf"`{name}`", text) for name in [*COUNTS, *DISTRIBUTIONS, *SCALARS])
