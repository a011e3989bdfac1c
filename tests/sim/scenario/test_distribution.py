"""Random quantities: what may be written, and what is drawn."""

from random import Random
from statistics import fmean, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.documents import DocumentError, parse_document
from sim.scenario.distribution import LARGEST, Distribution


def distribution(text: str) -> Distribution:
    """Return what a scenario's text means."""
    return parse_document(text, "d.yaml").validate(Distribution)


def draws(text: str, count: int = 4_000) -> list[float]:
    rng = Random("draws")
    spec = distribution(text)
    return [spec.draw(rng) for _ in range(count)]


def test_a_number_is_always_itself() -> None:
    """Most quantities of a first scenario are plain numbers."""
    assert set(draws("constant: 4.5", 10)) == {4.5}


@pytest.mark.parametrize(
    ("text", "mean", "low", "high"),
    [
        ("uniform: [10, 20]", 15, 10, 20),
        ("triangular: [0, 3, 9]", 4, 0, 9),
        ("exponential: 20", 20, 0, LARGEST),
        ("{exponential: 20, at_most: 20}", 20 * (1 - 0.3679), 0, 20),
        ("{uniform: [0, 10], at_least: 5}", 6.25, 5, 10),
        ("{uniform: [0, 10], at_least: 20}", 20, 20, 20),
    ],
)
def test_draws_have_the_mean_and_the_bounds_that_are_written(text: str, mean: float, low: float, high: float) -> None:
    """The order of the three numbers of a triangle is ours, not Python's."""
    drawn = draws(text)
    assert min(drawn) >= low
    assert max(drawn) <= high
    assert fmean(drawn) == pytest.approx(mean, rel=0.06)


def test_the_first_number_of_a_lognormal_is_its_median() -> None:
    """Half of all stays are shorter than it: that is how it is read off data."""
    drawn = draws("lognormal: [1800, 0.5]")
    assert median(drawn) == pytest.approx(1800, rel=0.05)
    assert fmean(drawn) == pytest.approx(1800 * 2.718281828 ** (0.5**2 / 2), rel=0.06)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "expected a number or exactly one of constant, uniform, triangular, exponential, lognormal; found none"),
        ("{uniform: [1, 2], exponential: 3}", "found uniform, exponential"),
        ("{at_least: 3}", "found none"),
        ("uniform: [2, 1]", "uniform: expected numbers in rising order"),
        ("triangular: [1, 9, 3]", "triangular: expected numbers in rising order"),
        ("uniform: [1]", "uniform[1]"),
        ("uniform: [1, 2, 3]", "uniform: expected at most 2"),
        ("uniform: ['1', 2]", "uniform[0]: expected a number, found '1'"),
        ("exponential: 0", "exponential: expected more than 0"),
        ("lognormal: [0, 1]", "lognormal[0]: expected more than 0"),
        ("lognormal: [10, 1000]", "lognormal[1]: expected at most 10"),
        ("constant: 1e300", "constant: expected at most"),
        ("constant: true", "constant: expected a number, found true"),
        ("{constant: 1, at_least: 3, at_most: 2}", "at_least: expected at most at_most"),
        ("gauss: [1, 2]", "gauss: unknown key 'gauss'"),
    ],
)
def test_what_is_no_distribution_is_refused(text: str, message: str) -> None:
    """A distribution that raises in the middle of a run is found out too late."""
    with pytest.raises(DocumentError) as caught:
        distribution(text)
    assert message in str(caught.value)


NUMBER = st.floats(-LARGEST, LARGEST)
POSITIVE = st.floats(1e-300, LARGEST)
SHAPES = st.one_of(
    NUMBER.map(lambda value: {"constant": value}),
    st.lists(NUMBER, min_size=2, max_size=2).map(lambda two: {"uniform": sorted(two)}),
    st.lists(NUMBER, min_size=3, max_size=3).map(lambda three: {"triangular": sorted(three)}),
    POSITIVE.map(lambda mean: {"exponential": mean}),
    st.tuples(POSITIVE, st.floats(0, 10)).map(lambda two: {"lognormal": list(two)}),
)


@settings(max_examples=300, deadline=None)
@given(SHAPES, st.none() | NUMBER, st.none() | NUMBER, st.integers())
def test_whatever_is_accepted_can_be_drawn(
    shape: dict[str, object], low: float | None, high: float | None, seed: int
) -> None:
    """No overflow, no NaN, never outside the limits."""
    if low is not None and high is not None and low > high:
        low, high = high, low
    drawn = Distribution.model_validate(shape | {"at_least": low, "at_most": high}).draw(Random(seed))
    assert -LARGEST <= drawn <= LARGEST
    assert low is None or drawn >= low
    assert high is None or drawn <= high
