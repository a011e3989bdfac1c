"""P9: a bill off by one, energy out of nowhere, a meter that goes back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.audit.books import cost_minor
from tests.sim.audit.mutation import expect
from tests.sim.audit.scripted_run import Script, scripted_run

Mutation = Callable[[Script], None]


def stop_with(script: Script, name: str, **members: Any) -> None:
    """Change how a session ended, in the journal, in the table and in what the driver was told."""
    (event,) = script.run.events("session.stopped", session_id=script.ids[name])
    event["data"] |= members
    script.session(name).update(members)
    for told in script.run.completions("stop", id=script.ids[name]):
        told["value"] |= members


def cost_off_by_one(script: Script) -> None:
    stop_with(script, "charge", cost_minor=script.session("charge")["cost_minor"] + 1)


def invalid_session_billed(script: Script) -> None:
    stop_with(script, "walk-up", cost_minor=1)


def active_session_billed(script: Script) -> None:
    script.session("running")["cost_minor"] = 1


def energy_beyond_the_room(script: Script) -> None:
    stop_with(script, "charge", energy_wh=9_001, cost_minor=cost_minor(9_001, 189))


def energy_beyond_power(script: Script) -> None:
    """One watt-hour more than 22 kW deliver in the session's time."""
    session = script.session("overrun-charge")
    most_wh = 22_000 * (session["ended_ms"] - session["started_ms"]) // 3_600_000
    stop_with(script, "overrun-charge", energy_wh=most_wh + 1, cost_minor=cost_minor(most_wh + 1, 189))


def active_energy_beyond_power(script: Script) -> None:
    script.session("running")["energy_wh"] = 100_000


def negative_energy(script: Script) -> None:
    stop_with(script, "overrun-charge", energy_wh=-1, cost_minor=cost_minor(-1, 189))


def meter_back(script: Script) -> None:
    (event,) = script.run.events("session.metered", energy_wh=3_000)
    event["data"]["energy_wh"] = 1_499


def reading_beyond_power(script: Script) -> None:
    (event,) = script.run.events("session.metered", energy_wh=3_000)
    event["data"]["energy_wh"] = 8_999


def another_price_in_the_session(script: Script) -> None:
    script.session("walk-up")["price_per_kwh_minor"] += 1


def another_price_than_announced(script: Script) -> None:
    (event,) = script.run.events("reservation.reserved", reservation_id=script.ids["elsewhere"])
    event["data"]["price_per_kwh_minor"] += 1


def more_power_than_the_point_has(script: Script) -> None:
    (event,) = script.run.events("session.started", session_id=script.ids["running"])
    event["data"]["max_power_w"] += 1


def told_another_sum(script: Script) -> None:
    (told,) = script.run.completions("stop", id=script.ids["charge"])
    told["value"]["cost_minor"] += 1


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        (cost_off_by_one, "cost"),
        (invalid_session_billed, "cost"),
        (active_session_billed, "cost"),
        (energy_beyond_the_room, "room"),
        (energy_beyond_power, "energy"),
        (active_energy_beyond_power, "energy"),
        (negative_energy, "energy"),
        (meter_back, "meter-back"),
        (reading_beyond_power, "energy"),
        (another_price_in_the_session, "price-differs"),
        (another_price_than_announced, "price-differs"),
        (more_power_than_the_point_has, "power-differs"),
        (told_another_sum, "sum"),
    ],
)
def test_books_that_do_not_balance(tmp_path: Path, mutation: Mutation, check: str):
    """Each way to get money or energy wrong."""
    script = scripted_run().copy()
    mutation(script)
    expect(script.run, tmp_path, "P9", check)


@given(energy_wh=st.integers(0, 10**7), price=st.integers(0, 10**8))
def test_cost_is_the_exact_price_rounded_half_up(energy_wh: int, price: int):
    """The audit's own formula is checked too: within half a unit of the exact product, the half upwards."""
    off = 1000 * cost_minor(energy_wh, price) - energy_wh * price
    assert -500 < off <= 500
