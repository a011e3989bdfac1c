"""Intervals that hold the truth as often as they say."""

from collections.abc import Callable
from math import inf
from random import Random

import pytest

from sim.statistics.estimate import Estimate, difference, estimate, paired_difference, pooled


def test_an_interval_by_hand() -> None:
    """Mean 3, standard deviation sqrt(2.5), t(0.975, 4) = 2.7764."""
    found = estimate([1, 2, 3, 4, 5])
    assert found is not None
    assert (found.value, found.count) == (3, 5)
    assert found.half_width == pytest.approx(2.7764 * 2.5**0.5 / 5**0.5, rel=1e-4)
    assert found.holds(3 + 1.96)
    assert not found.holds(3 + 1.97)


def covered(draw: Callable[[Random], Estimate | None], truth: float, trials: int = 2_000) -> float:
    found = [draw(Random(trial)) for trial in range(trials)]
    return sum(each is not None and each.holds(truth) for each in found) / trials


def test_95_of_100_intervals_hold_the_mean() -> None:
    """With five replications, where the normal quantile in place of t would give 88 of 100."""
    assert covered(lambda rng: estimate([rng.gauss(7, 3) for _ in range(5)]), 7) == pytest.approx(0.95, abs=0.015)
    narrower = covered(
        lambda rng: _scaled(estimate([rng.gauss(7, 3) for _ in range(5)]), 1.96 / 2.7764),
        7,
    )
    assert narrower < 0.91, "the test would notice"


def _scaled(found: Estimate | None, factor: float) -> Estimate:
    assert found is not None
    assert found.half_width is not None
    return Estimate(found.value, found.half_width * factor, found.count)


def test_95_of_100_intervals_hold_a_difference_of_unequal_variances() -> None:
    """Welch's degrees of freedom are less than those of either."""

    def draw(rng: Random) -> Estimate | None:
        return difference([rng.gauss(0, 1) for _ in range(12)], [rng.gauss(2, 6) for _ in range(6)])

    assert covered(draw, 2) == pytest.approx(0.95, abs=0.015)


def test_pairs_under_common_random_numbers_tell_a_small_difference_that_others_cannot() -> None:
    """What both have in common cancels out."""
    rng = Random(1)
    before = [rng.gauss(100, 20) for _ in range(10)]
    after = [value + 1 + rng.gauss(0, 0.2) for value in before]
    paired, apart = paired_difference(before, after), difference(before, after)
    assert paired is not None
    assert apart is not None
    assert paired.low > 0.7
    assert apart.low < 0 < apart.high


def test_one_replication_has_no_interval_and_none_no_estimate() -> None:
    """Nothing is made up."""
    assert estimate([]) is None
    one = estimate([4.0])
    assert one == Estimate(4.0, None, 1)
    assert (one.low, one.high, one.relative_half_width) == (-inf, inf, inf)
    assert difference([1.0], [2.0, 3.0]) == Estimate(1.5, None, 1)
    assert difference([], [2.0]) is None


def test_the_relative_half_width_of_nothing_is_nothing() -> None:
    """A cell in which never anything is refused is as sure as can be; one that wavers around 0 is not."""
    zeros, around = estimate([0.0, 0.0, 0.0]), estimate([-1.0, 1.0])
    assert zeros is not None
    assert around is not None
    assert (zeros.relative_half_width, around.relative_half_width) == (0.0, inf)


def test_a_pooled_percentile_stands_in_the_middle_of_its_interval() -> None:
    """And an interval from sections that all lie to one side is wider, as it must be."""
    centred, beside = pooled(10.0, [9.0, 10.0, 11.0]), pooled(10.0, [12.0, 13.0, 14.0])
    assert (centred.value, beside.value) == (10.0, 10.0)
    assert centred.half_width is not None
    assert beside.half_width is not None
    assert beside.half_width > 3 * centred.half_width
    assert pooled(10.0, [10.0]).half_width is None
