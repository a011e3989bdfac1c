"""Student's t against printed tables, and against the cases that have a formula."""

from math import atan, pi, sqrt, tan
from statistics import NormalDist

import pytest

from sim.statistics.student_t import cdf, quantile

TABLE = {
    1: (6.3138, 12.7062, 63.6567),
    2: (2.9200, 4.3027, 9.9248),
    3: (2.3534, 3.1824, 5.8409),
    4: (2.1318, 2.7764, 4.6041),
    5: (2.0150, 2.5706, 4.0321),
    9: (1.8331, 2.2622, 3.2498),
    10: (1.8125, 2.2281, 3.1693),
    19: (1.7291, 2.0930, 2.8609),
    29: (1.6991, 2.0452, 2.7564),
    60: (1.6706, 2.0003, 2.6603),
    120: (1.6577, 1.9799, 2.6174),
}
"""Of NIST's handbook (1.3.6.7.2): the quantiles 0.95, 0.975 and 0.995 by degrees of freedom."""


@pytest.mark.parametrize("df", TABLE)
def test_quantiles_are_those_of_the_tables(df: int) -> None:
    """Every interval of every sweep is as wide as these say."""
    for share, expected in zip((0.95, 0.975, 0.995), TABLE[df], strict=True):
        assert quantile(share, df) == pytest.approx(expected, abs=6e-5)
        assert quantile(1 - share, df) == pytest.approx(-expected, abs=6e-5)


def test_with_one_and_two_degrees_of_freedom_there_is_a_formula() -> None:
    """To the last digits, in the middle and in the far tail."""
    for share in (0.51, 0.6, 0.9, 0.975, 0.9999):
        assert quantile(share, 1) == pytest.approx(tan(pi * (share - 0.5)), rel=1e-10)
        wanted = (2 * share - 1) * sqrt(2 / (4 * share * (1 - share)))
        assert quantile(share, 2) == pytest.approx(wanted, rel=1e-10)
    for t in (-30.0, -1.0, 0.0, 0.3, 5.0):
        assert cdf(t, 1) == pytest.approx(0.5 + atan(t) / pi, rel=1e-12)


def test_with_many_degrees_of_freedom_it_is_the_normal_distribution() -> None:
    """And between whole degrees (Welch's) it lies between."""
    assert quantile(0.975, 1e7) == pytest.approx(NormalDist().inv_cdf(0.975), rel=1e-6)
    assert quantile(0.975, 9) > quantile(0.975, 9.5) > quantile(0.975, 10)


def test_what_has_no_answer_is_refused() -> None:
    """No degrees of freedom, no interval."""
    for share, df in ((0.0, 5), (1.0, 5), (0.9, 0)):
        with pytest.raises(ValueError, match="expected"):
            quantile(share, df)
