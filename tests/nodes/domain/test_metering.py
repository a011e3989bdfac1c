"""Meter readings, unplugging, and what the driver pays."""

import pytest

from nodes.domain.commands import Meter, Stop
from nodes.domain.events import SessionMetered
from nodes.domain.refusals import EnergyImplausible, MeterWentBack, Refusal, UnknownSession
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus
from tests.nodes.domain.examples import (
    POINT_ID,
    accepted,
    at,
    new_point,
    plugged_in,
    refused,
    reserved,
    spec,
)


def test_a_reading_is_taken_with_the_time_it_was_read() -> None:
    """The feed shows the last reading; a crash must not cost more than the energy since."""
    point = new_point()
    session = plugged_in(point, at(0), at(60))
    assert accepted(point, Meter(session.id, 500), at(1)) == [SessionMetered(session.id, 500, at(1))]
    assert (session.energy_wh, session.metered_ms) == (500, at(1))


@pytest.mark.parametrize("ask", [Meter, Stop])
def test_energy_may_reach_power_times_time_and_no_more(ask: type[Meter] | type[Stop]) -> None:
    """60 kW for one minute are 1000 Wh; one more is a broken meter or a lie (P9)."""
    point = new_point(spec(max_power_w=60_000))
    session = plugged_in(point, at(0), at(60))
    assert refused(point, ask(session.id, 1_001), at(1)) == EnergyImplausible(1_001, 1_000)
    accepted(point, ask(session.id, 1_000), at(1))
    assert session.energy_wh == 1_000


def test_a_watt_hour_that_is_not_yet_whole_is_not_yet_there() -> None:
    """The limit is rounded down: a millisecond before the minute, the thousandth Wh has not flowed."""
    point = new_point(spec(max_power_w=60_000))
    session = plugged_in(point, at(0), at(60))
    assert refused(point, Meter(session.id, 1_000), at(1) - 1) == EnergyImplausible(1_000, 999)


def test_nothing_has_flowed_at_the_instant_of_plugging_in() -> None:
    """A zero reading is fine and changes nothing."""
    point = new_point()
    session = plugged_in(point, at(0), at(60))
    assert refused(point, Meter(session.id, 1), at(0)) == EnergyImplausible(1, 0)
    assert accepted(point, Meter(session.id, 0), at(0)) == []


@pytest.mark.parametrize("room_wh", [0, 500])
def test_energy_never_exceeds_the_batterys_room(room_wh: int) -> None:
    """A vehicle that told its room cannot be billed for more than fits, a full one for nothing."""
    point = new_point(spec(max_power_w=60_000))
    session = plugged_in(point, at(0), at(60), room_wh=room_wh)
    assert refused(point, Meter(session.id, room_wh + 1), at(30)) == EnergyImplausible(room_wh + 1, room_wh)
    accepted(point, Stop(session.id, room_wh), at(30))
    assert session.energy_wh == room_wh


def test_power_counts_from_the_plug_and_not_from_the_windows_start() -> None:
    """Half the window was gone when the driver came; that half can have delivered nothing."""
    point = new_point(spec(max_power_w=60_000, no_show_s=3_600))
    reserved(point, at(0), at(60), at(0))
    session = plugged_in(point, at(30))
    assert session.started_ms == at(30)
    assert refused(point, Meter(session.id, 1_001), at(31)) == EnergyImplausible(1_001, 1_000)


@pytest.mark.parametrize("ask", [Meter, Stop])
@pytest.mark.parametrize("reading_wh", [499, 0, -1])
def test_a_meter_never_goes_back(ask: type[Meter] | type[Stop], reading_wh: int) -> None:
    """Readings may overtake each other on the way; the lower one is old."""
    point = new_point()
    session = plugged_in(point, at(0), at(60))
    accepted(point, Meter(session.id, 500), at(1))
    assert refused(point, ask(session.id, reading_wh), at(2)) == MeterWentBack(reading_wh, 500)
    assert session.status is SessionStatus.ACTIVE


def test_the_same_reading_again_is_accepted_and_changes_nothing() -> None:
    """A repeated reading is the ordinary retry of a request whose answer was lost."""
    point = new_point()
    session = plugged_in(point, at(0), at(60))
    accepted(point, Meter(session.id, 500), at(1))
    assert accepted(point, Meter(session.id, 500), at(2)) == []
    assert session.metered_ms == at(1)


def test_stopping_without_a_reading_bills_the_last_one() -> None:
    """A charger that lost its meter still ends the session, for what is known to have flowed."""
    point = new_point(spec(price_per_kwh_minor=150))
    session = plugged_in(point, at(0), at(60))
    accepted(point, Meter(session.id, 1_000), at(10))
    accepted(point, Stop(session.id), at(20))
    assert (session.status, session.energy_wh, session.cost_minor) == (SessionStatus.COMPLETED, 1_000, 150)
    assert (session.ended_ms, session.reason) == (at(20), "driver")


def test_stopping_frees_the_rest_of_the_window() -> None:
    """The reservation is fulfilled and the next driver can have the point at that very instant."""
    point = new_point()
    session = plugged_in(point, at(0), at(60))
    accepted(point, Stop(session.id), at(20))
    reservation = point.reservations[session.reservation_id]
    assert (reservation.status, reservation.released_ms) == (ReservationStatus.FULFILLED, at(20))
    assert (point.point.session, point.point.reservations) == (None, {})
    assert reserved(point, at(20), at(60), at(20), driver="bia").start_ms == at(20)


@pytest.mark.parametrize(
    ("energy_wh", "cost_minor"), [(3, 0), (4, 1), (333, 50), (337, 51), (1_003, 150), (1_010, 152)]
)
def test_the_bill_is_rounded_half_up_once(energy_wh: int, cost_minor: int) -> None:
    """At 150 a kWh: 0.45, 0.6, 49.95, 50.55, 150.45 and 151.5 cents."""
    point = new_point(spec(price_per_kwh_minor=150))
    session = plugged_in(point, at(0), at(60))
    accepted(point, Meter(session.id, energy_wh // 2), at(5))
    accepted(point, Stop(session.id, energy_wh), at(10))
    assert session.cost_minor == cost_minor


@pytest.mark.parametrize("ask", [Meter, Stop])
def test_a_session_that_is_over_or_another_drivers_is_unknown(ask: type[Meter] | type[Stop]) -> None:
    """Nobody can bill energy to a stranger's session, nor to one that has its bill."""
    point = new_point()
    first = plugged_in(point, at(0), at(10))
    answers: list[Refusal] = [refused(point, ask(first.id, 0, driver_id="bia"), at(1))]
    accepted(point, Stop(first.id, driver_id="ana"), at(5))
    plugged_in(point, at(5), at(30))
    answers.append(refused(point, ask(first.id, 0), at(6)))
    assert answers == [UnknownSession(first.id)] * 2
    assert refused(point, ask(f"{POINT_ID}.s9-9", 0), at(6)) == UnknownSession(f"{POINT_ID}.s9-9")


def test_a_session_can_be_stopped_at_the_instant_it_began() -> None:
    """A driver who changes their mind pays nothing and leaves an empty window."""
    point = new_point()
    session = plugged_in(point, at(0), at(60))
    accepted(point, Stop(session.id, 0), at(0))
    assert (session.energy_wh, session.cost_minor, session.ended_ms) == (0, 0, at(0))
    assert point.reservations[session.reservation_id].end_ms == at(60)
