"""A battery: never more than power x time, never more than it has room for, and slower when it is nearly full."""

import math
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.fleet.battery import Charge

CHARGES = st.builds(
    Charge,
    power_w=st.floats(1_000, 400_000),
    capacity_wh=st.floats(1_000, 200_000),
    soc=st.floats(0, 1),
    taper_from=st.floats(0, 1),
    wanted_wh=st.just(math.inf) | st.floats(0, 200_000),
)
TIMES_S = st.floats(0, 200_000)


@settings(max_examples=400, deadline=None)
@given(CHARGES, TIMES_S, TIMES_S)
def test_energy_stays_within_power_times_time_and_room_and_never_falls(
    charge: Charge, one: float, other: float
) -> None:
    """Promise 9 counts on it: a meter that says more than the charger can give is a broken meter."""
    early, late = sorted((one, other))
    assert 0 <= charge.energy_wh(early) <= charge.energy_wh(late)
    assert charge.energy_wh(late) <= charge.power_w * late / 3600 + 1e-6
    assert charge.energy_wh(late) <= charge.target_wh <= charge.room_wh <= charge.capacity_wh * (1 - charge.soc)
    gained = charge.energy_wh(late) - charge.energy_wh(early)
    assert gained <= charge.power_w * (late - early) / 3600 + 1


@settings(max_examples=300, deadline=None)
@given(CHARGES)
@example(Charge(1_000.0, 1_800.0, 0.02, taper_from=0.9547574429695469))  # its parts sum up to a hair below 1,764 Wh
def test_after_its_duration_a_charge_has_what_it_wanted(charge: Charge) -> None:
    """The vehicle leaves then; a watt-hour of rounding is allowed."""
    assert charge.duration_s >= 0
    assert charge.energy_wh(charge.duration_s) == pytest.approx(charge.target_wh, abs=1)
    assert charge.energy_wh(charge.duration_s * 2 + 1) == charge.target_wh


def test_power_is_full_at_first_then_falls() -> None:
    """50 kWh from 20 % with 50 kW: 30 kWh to 80 % in 36 minutes, then slower."""
    charge = Charge(power_w=50_000, capacity_wh=50_000, soc=0.2, taper_from=0.8)
    assert charge.energy_wh(18 * 60) == 15_000
    assert charge.energy_wh(36 * 60) == 30_000
    ten = [charge.energy_wh(minute * 60) for minute in (36, 46, 56, 66)]
    gained = [after - before for before, after in pairwise(ten)]
    assert gained == sorted(gained, reverse=True)
    assert gained[0] == int(10_000 * (1 - math.exp(-0.9 * 50_000 / 10_000 / 6)) / 0.9)
    assert charge.duration_s == pytest.approx(36 * 60 + math.log(10) / 0.9 * 12 * 60, rel=1e-6)


def test_who_wants_part_of_the_taper_leaves_when_he_has_it() -> None:
    """Half of the last 20 % takes less than half of their time."""
    charge = Charge(power_w=50_000, capacity_wh=50_000, soc=0.2, taper_from=0.8, wanted_wh=35_000)
    assert charge.duration_s == pytest.approx(36 * 60 - math.log(1 - 0.45) / 0.9 * 12 * 60, rel=1e-6)


def test_a_driver_who_wants_little_leaves_early() -> None:
    """A replayed session takes what it took then."""
    charge = Charge(power_w=10_000, capacity_wh=50_000, soc=0, wanted_wh=5_000)
    assert charge.duration_s == 1_800
    assert charge.energy_wh(99_999) == 5_000


def test_a_full_battery_takes_nothing() -> None:
    """And at once."""
    charge = Charge(power_w=10_000, capacity_wh=50_000, soc=1.0)
    assert (charge.room_wh, charge.duration_s, charge.energy_wh(3600)) == (0, 0, 0)
