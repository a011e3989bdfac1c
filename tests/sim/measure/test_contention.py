"""Lorenz, Gini and Jain against what their definitions give by hand."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measure.contention import concentration, fairness, gini, jain
from sim.measure.demand import Demand
from sim.measure.fates import ClassFates
from sim.measure.points import PointFigures


def _point(offered: int) -> PointFigures:
    return PointFigures("a.b", "a", "b", 1, None, Demand(offered, offered), 0, 0, 0, {}, 0.0, 0.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1, 1, 1, 1], 0.0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25), ([0, 1, 2, 3], 5 / 12), ([5], 0.0)],
)
def test_gini_is_half_the_relative_mean_difference(values: list[int], expected: float) -> None:
    assert gini(values) == pytest.approx(expected)


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=60).filter(any))
def test_gini_is_what_its_definition_gives(values: list[int]) -> None:
    ordered = sorted(values)
    difference = sum(abs(one - other) for one in ordered for other in ordered)
    assert gini(ordered) == pytest.approx(difference / (2 * len(ordered) * sum(ordered)), abs=1e-12)


def test_a_lorenz_curve_goes_from_corner_to_corner_and_never_above_the_diagonal() -> None:
    found = concentration([_point(offered) for offered in (0, 5, 1, 30, 4)])
    assert found.lorenz[0] == (0.0, 0.0)
    assert found.lorenz[1:] == [(0.2, 0.0), (0.4, 0.025), (0.6, 0.125), (0.8, 0.25), (1.0, 1.0)]
    assert found.top_share == 0.75
    many = concentration([_point(number) for number in range(5_000)])
    assert len(many.lorenz) < 120
    assert all(before < after for (before, _), (after, _) in pairwise(many.lorenz))
    assert all(share <= points for points, share in many.lorenz)


def test_nobody_asked_is_no_concentration() -> None:
    assert concentration([_point(0)]).gini is None
    assert concentration([]).lorenz == []


def test_jain_is_one_when_all_fare_alike_and_one_over_n_when_one_has_all() -> None:
    assert jain([0.3, 0.3, 0.3]) == pytest.approx(1.0)
    assert jain([0.7, 0.0, 0.0, 0.0]) == pytest.approx(0.25)
    assert jain([0.5]) is None
    assert jain([0.0, 0.0]) is None


def test_who_cancels_or_does_not_come_had_got_a_charger() -> None:
    car = ClassFates("car", 4, {"served": 1, "canceled": 1, "no_show": 1, "gave_up": 1}, None, None, 0, 0, 0)
    taxi = ClassFates("taxi", 4, {"refused_at_start": 2, "served": 2}, None, None, 0, 0, 0)
    found = fairness([car, taxi])
    assert [(each.name, each.got_one) for each in found.classes] == [("car", 3), ("taxi", 2)]
    assert found.jain == pytest.approx((0.75 + 0.5) ** 2 / (2 * (0.75**2 + 0.5**2)))
