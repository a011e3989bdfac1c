"""Money and energy in whole numbers."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.domain.tariff import cost_minor, energy_limit_wh

QUANTITIES = st.integers(0, 10**30)


@pytest.mark.parametrize(
    ("energy_wh", "price", "cost"),
    [(0, 150, 0), (1_000, 150, 150), (499, 1, 0), (500, 1, 1), (1_499, 1, 1), (1_500, 1, 2), (2_500, 1, 3), (7, 0, 0)],
)
def test_half_a_cent_is_rounded_up(energy_wh: int, price: int, cost: int) -> None:
    """Bankers' rounding would make 0.5 and 2.5 cheaper than the terms say."""
    assert cost_minor(energy_wh, price) == cost


@settings(deadline=None)
@given(QUANTITIES, QUANTITIES)
def test_the_cost_is_within_half_a_cent_of_the_exact_price(energy_wh: int, price: int) -> None:
    """However large: a float would be wrong from sixteen digits on, and the books would not balance (P9)."""
    off = Fraction(cost_minor(energy_wh, price)) - Fraction(energy_wh * price, 1000)
    assert Fraction(-1, 2) < off <= Fraction(1, 2)


@settings(deadline=None)
@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_the_energy_limit_is_the_last_whole_watt_hour(power_w: int, duration_ms: int) -> None:
    """Rounded down: a limit rounded up would let energy exceed power times time."""
    limit_wh = energy_limit_wh(power_w, duration_ms)
    assert limit_wh * 3_600_000 <= power_w * duration_ms < (limit_wh + 1) * 3_600_000


def test_no_energy_flows_in_no_time_or_backwards() -> None:
    """A clock that went back must not make a limit negative."""
    assert energy_limit_wh(50_000, 0) == 0
    assert energy_limit_wh(50_000, -1) == 0
    assert energy_limit_wh(50_000, 71) == 0
    assert energy_limit_wh(50_000, 72) == 1


@pytest.mark.parametrize(("energy_wh", "price"), [(-1, 1), (1, -1)])
def test_a_negative_quantity_is_our_own_mistake(energy_wh: int, price: int) -> None:
    """Nobody is paid for charging; a negative bill means that a check above is missing."""
    with pytest.raises(AssertionError):
        cost_minor(energy_wh, price)


def test_a_negative_power_is_our_own_mistake() -> None:
    """A point that takes energy back is not modelled."""
    with pytest.raises(AssertionError):
        energy_limit_wh(-1, 1_000)
