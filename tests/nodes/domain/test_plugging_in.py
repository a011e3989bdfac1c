"""Plugging in: under a reservation, early or late, and as a walk-up."""

import pytest

from nodes.domain.commands import ChangePoint, PlugIn, ReportFault, StartReservation
from nodes.domain.events import ReservationReserved, SessionStarted
from nodes.domain.point import PointStatus
from nodes.domain.refusals import (
    PointOccupied,
    PointUnavailable,
    TooEarlyToStart,
    UnknownReservation,
    WindowInvalid,
    WindowTaken,
    WindowTooLong,
    WindowTooShort,
)
from nodes.domain.reservation import ReservationStatus
from tests.nodes.domain.examples import (
    MINUTE_MS,
    POINT_ID,
    accepted,
    at,
    new_point,
    plugged_in,
    refused,
    reserved,
    spec,
)


def test_a_driver_plugs_in_under_the_reservation() -> None:
    """The session takes the reserved price and today's power limit; both are what the meter is judged by."""
    point = new_point(spec(price_per_kwh_minor=150, max_power_w=50_000))
    reservation = reserved(point, at(0), at(60), at(0))
    accepted(point, ChangePoint(spec=spec(price_per_kwh_minor=999, max_power_w=20_000)), at(1))
    (event,) = accepted(point, StartReservation(reservation.id, "ana", 9_000), at(5))
    assert event == SessionStarted(
        f"{POINT_ID}.s1-4", reservation.id, "ana", at(5), 20_000, 9_000, price_per_kwh_minor=150, currency="BRL"
    )
    assert (reservation.status, reservation.start_ms) == (ReservationStatus.ACTIVE, at(0))
    assert point.point.status(at(5)) is PointStatus.CHARGING


def test_an_early_start_moves_the_window_to_now() -> None:
    """The point is in use from the plug on; a window left behind would let somebody reserve the time in between."""
    point = new_point(spec(early_start_s=900))
    reservation = reserved(point, at(15), at(60), at(0))
    accepted(point, StartReservation(reservation.id), at(0))
    assert (reservation.start_ms, reservation.end_ms) == (at(0), at(60))
    assert [(e.start_ms, e.end_ms) for e in point.point.calendar] == [(at(0), at(60))]


@pytest.mark.parametrize("early_start_s", [0, 600])
def test_the_first_instant_to_start_is_inside_the_terms(early_start_s: int) -> None:
    """One millisecond sooner the driver is told from when on."""
    point = new_point(spec(early_start_s=early_start_s))
    reservation = reserved(point, at(20), at(60), at(0))
    first_ms = at(20) - early_start_s * 1000
    assert refused(point, StartReservation(reservation.id), first_ms - 1) == TooEarlyToStart(first_ms)
    accepted(point, StartReservation(reservation.id), first_ms)


def test_an_early_start_waits_until_the_window_before_is_over() -> None:
    """Somebody else still has the right to that time, plugged in or not."""
    point = new_point(spec(early_start_s=3_600))
    reserved(point, at(0), at(10), at(0), driver="bia")
    mine = reserved(point, at(20), at(60), at(0))
    assert refused(point, StartReservation(mine.id), at(9)) == PointOccupied(at(10))
    accepted(point, StartReservation(mine.id), at(10))


def test_an_early_start_is_refused_when_a_later_window_stands_between() -> None:
    """Free now is not enough: the point must be free until the window begins."""
    point = new_point(spec(early_start_s=3_600))
    reserved(point, at(10), at(20), at(0), driver="bia")
    mine = reserved(point, at(20), at(60), at(0))
    assert refused(point, StartReservation(mine.id), at(5)) == PointOccupied(at(20))


def test_a_late_start_keeps_the_window_as_it_was() -> None:
    """A driver who comes late has paid for the whole window and gets no more than the rest."""
    point = new_point(spec(no_show_s=900))
    reservation = reserved(point, at(0), at(60), at(0))
    accepted(point, StartReservation(reservation.id), at(15) - 1)
    assert (reservation.start_ms, reservation.end_ms) == (at(0), at(60))


def test_at_the_no_show_deadline_it_is_too_late_to_start() -> None:
    """The deadline itself is late: at that very instant the time may go to somebody else."""
    point = new_point(spec(no_show_s=900))
    reservation = reserved(point, at(0), at(60), at(0))
    assert refused(point, StartReservation(reservation.id), at(15)) == UnknownReservation(reservation.id)
    assert reservation.status is ReservationStatus.NO_SHOW


def test_starting_again_while_the_charge_runs_changes_nothing() -> None:
    """A repeated request whose answer was lost must not start a second session (P4)."""
    point = new_point()
    reservation = reserved(point, at(0), at(60), at(0))
    accepted(point, StartReservation(reservation.id), at(0))
    before = point.point.seq
    assert accepted(point, StartReservation(reservation.id), at(1)) == []
    assert accepted(point, PlugIn("ana"), at(1)) == []
    assert point.point.seq == before


def test_a_reservation_of_another_driver_cannot_be_started() -> None:
    """Else the fastest at the kerb would take the charge that somebody else reserved."""
    point = new_point()
    reservation = reserved(point, at(0), at(60), at(0), driver="bia")
    assert refused(point, StartReservation(reservation.id, "ana"), at(0)) == UnknownReservation(reservation.id)
    assert refused(point, PlugIn("ana"), at(0)) == PointOccupied(at(60))


def test_nothing_starts_out_of_service_with_or_without_a_reservation() -> None:
    """A point that failed must not be energised because a reservation says so."""
    point = new_point()
    reservation = reserved(point, at(0), at(60), at(0))
    accepted(point, ChangePoint(maintenance=True), at(0))
    inoperative = PointUnavailable(PointStatus.INOPERATIVE)
    assert refused(point, StartReservation(reservation.id), at(0)) == inoperative
    assert refused(point, PlugIn("ana"), at(0)) == inoperative
    assert refused(point, PlugIn("bia"), at(0)) == inoperative
    accepted(point, ReportFault("no voltage"), at(0))
    assert refused(point, PlugIn("bia"), at(0)) == PointUnavailable(PointStatus.OUTOFORDER)


def test_plugging_in_uses_the_drivers_own_reservation_where_it_can_start() -> None:
    """The driver need not know the reservation's id, and must not pay for a second window."""
    point = new_point(spec(early_start_s=600))
    reservation = reserved(point, at(10), at(60), at(0))
    (event,) = accepted(point, PlugIn("ana"), at(0))
    assert isinstance(event, SessionStarted)
    assert event.reservation_id == reservation.id


def test_plugging_in_too_early_for_the_own_reservation_is_a_walk_up_until_it() -> None:
    """The time before the own window is as free to its driver as to anybody."""
    point = new_point(spec(early_start_s=600))
    later = reserved(point, at(20), at(60), at(0))
    session = plugged_in(point, at(0))
    walk_up = point.reservations[session.reservation_id]
    assert walk_up.id != later.id
    assert (walk_up.start_ms, walk_up.end_ms) == (at(0), at(20))


def test_a_walk_up_without_a_wish_gets_all_that_terms_allow() -> None:
    """With nobody else in sight the terms are the only bound."""
    point = new_point(spec(max_window_s=3_600))
    session = plugged_in(point, at(0))
    reservation = point.reservations[session.reservation_id]
    assert (reservation.start_ms, reservation.end_ms) == (at(0), at(60))
    assert reservation.status is ReservationStatus.ACTIVE


def test_a_walk_up_is_one_reservation_and_one_session_made_together() -> None:
    """Both ids come from consecutive events, so a crash cannot leave a walk-up with only half of it."""
    point = new_point()
    reserved_event, started = accepted(point, PlugIn("ana", at(30), 8_000), at(0))
    assert isinstance(reserved_event, ReservationReserved)
    assert isinstance(started, SessionStarted)
    assert (reserved_event.reservation_id, started.session_id) == (f"{POINT_ID}.r1-2", f"{POINT_ID}.s1-3")
    assert started.reservation_id == reserved_event.reservation_id
    assert (started.start_ms, started.max_energy_wh) == (at(0), 8_000)


def test_a_walk_up_gets_the_shortest_window_when_it_just_fits() -> None:
    """Exactly the shortest window before the next reservation is still worth a charge; a millisecond less is not."""
    point = new_point(spec(min_window_s=300))
    reserved(point, at(5), at(30), at(0), driver="bia")
    late = refused(point, PlugIn("ana"), at(0) + 1)
    assert late == WindowTaken(at(5), at(30), at(30), at(35))
    session = plugged_in(point, at(0))
    assert point.reservations[session.reservation_id].end_ms == at(5)


def test_a_walk_up_with_a_wish_is_held_to_the_same_rules_as_a_reservation() -> None:
    """Walking up must not be the way around the terms."""
    point = new_point(spec(min_window_s=300, max_window_s=3_600))
    reserved(point, at(40), at(50), at(0), driver="bia")
    assert refused(point, PlugIn("ana", at(0)), at(0)) == WindowInvalid(at(0), at(0))
    assert refused(point, PlugIn("ana", at(5) - 1), at(0)) == WindowTooShort(5 * MINUTE_MS - 1, 300)
    assert refused(point, PlugIn("ana", at(60) + 1), at(0)) == WindowTooLong(60 * MINUTE_MS + 1, 3_600)
    assert refused(point, PlugIn("ana", at(40) + 1), at(0)) == WindowTaken(at(40), at(50), at(50), at(90) + 1)
    assert plugged_in(point, at(0), at(40)).started_ms == at(0)


def test_a_walk_up_finds_the_point_occupied_until_the_window_that_holds_it_ends() -> None:
    """The driver at the kerb wants to know how long to wait."""
    point = new_point()
    plugged_in(point, at(0), at(30), driver="bia")
    assert refused(point, PlugIn("ana"), at(10)) == PointOccupied(at(30))


def test_a_point_never_has_two_active_sessions() -> None:
    """The next driver's reservation does not start while the one before is still plugged in."""
    point = new_point(spec(early_start_s=900))
    session = plugged_in(point, at(0), at(30), driver="bia")
    mine = reserved(point, at(30), at(60), at(0))
    assert refused(point, StartReservation(mine.id), at(30) - 1) == PointOccupied(at(30))
    accepted(point, StartReservation(mine.id), at(30))
    assert session.status == "COMPLETED"
    assert [s.id for s in point.sessions.values() if s.status == "ACTIVE"] == [
        point.point.session and point.point.session.id
    ]
