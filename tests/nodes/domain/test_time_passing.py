"""What time alone does: no-shows, sessions that run over, alarms, and clocks that go back."""

import pytest

from nodes.domain.commands import ChangePoint, Meter, PlugIn, ReportFault, Reserve, StartReservation, Stop, Tick
from nodes.domain.decide import decide, point_time_ms
from nodes.domain.events import ReservationExtended, ReservationReleased, SessionStopped
from nodes.domain.point import PointStatus
from nodes.domain.refusals import UnknownSession, WindowTaken
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus
from tests.nodes.domain.examples import DAY_MS, accepted, at, new_point, plugged_in, refused, reserved, spec


def test_a_no_show_frees_the_point_at_the_deadline_and_not_before() -> None:
    """No-shows free the point by their terms (P8); a driver in the last millisecond still has the right to it."""
    point = new_point(spec(no_show_s=900))
    reservation = reserved(point, at(10), at(60), at(0))
    assert point.settle(at(25) - 1) == []
    assert point.settle(at(25)) == [
        ReservationReleased(reservation.id, ReservationStatus.NO_SHOW, at(25), "no-show"),
    ]
    assert (reservation.status, reservation.released_ms) == (ReservationStatus.NO_SHOW, at(25))
    assert point.point.status(at(25)) is PointStatus.AVAILABLE


def test_a_no_show_never_outlives_its_window() -> None:
    """A window shorter than the patience of the terms is over when it is over: the next driver stands there."""
    point = new_point(spec(no_show_s=7_200))
    reservation = reserved(point, at(10), at(20), at(0))
    reserved(point, at(20), at(30), at(0), driver="bia")
    point.settle(at(20))
    assert (reservation.status, reservation.released_ms) == (ReservationStatus.NO_SHOW, at(20))
    assert point.point.status(at(20)) is PointStatus.RESERVED


def test_a_point_that_wakes_up_late_releases_each_no_show_as_of_its_deadline() -> None:
    """After a long crash the books must say when the point was free, not when the node came back."""
    point = new_point(spec(no_show_s=300))
    for start in (10, 20, 30):
        reserved(point, at(start), at(start + 10), at(0))
    point.settle(at(0) + 40 * DAY_MS)
    assert [r.released_ms for r in point.reservations.values()] == [at(15), at(25), at(35)]
    assert point.point.updated_ms == at(0) + 40 * DAY_MS


def test_nobody_is_a_no_show_at_a_point_they_could_not_use() -> None:
    """A driver who stood before a dead charger must not be punished for it."""
    for command in (ChangePoint(maintenance=True), ReportFault("no voltage")):
        point = new_point(spec(no_show_s=900))
        reservation = reserved(point, at(10), at(60), at(0))
        accepted(point, command, at(12))
        point.settle(at(25))
        assert (reservation.status, reservation.reason) == (ReservationStatus.CANCELED, "point-unavailable")
        assert reservation.released_ms == at(25)


def test_a_fault_reported_after_the_deadline_does_not_excuse_a_no_show() -> None:
    """What was due is done first, with the point as it was then."""
    point = new_point(spec(no_show_s=900))
    reservation = reserved(point, at(10), at(60), at(0))
    accepted(point, ReportFault("no voltage"), at(25))
    assert reservation.status is ReservationStatus.NO_SHOW


def test_a_session_that_runs_over_is_lengthened_once_and_then_stopped() -> None:
    """A driver gets the minutes to come back to the vehicle, and not a second helping of them."""
    point = new_point(spec(late_stop_s=600, price_per_kwh_minor=150))
    session = plugged_in(point, at(0), at(30))
    accepted(point, Meter(session.id, 10_000), at(20))
    assert point.settle(at(30) - 1) == []
    assert point.settle(at(30)) == [ReservationExtended(session.reservation_id, at(40))]
    assert point.settle(at(40) - 1) == []
    (stopped,) = point.settle(at(40))
    assert isinstance(stopped, SessionStopped)
    assert (stopped.end_ms, stopped.reason, stopped.energy_wh, stopped.cost_minor) == (
        at(40),
        "window-over",
        10_000,
        1_500,
    )
    assert (session.status, session.ended_ms) == (SessionStatus.COMPLETED, at(40))
    reservation = point.reservations[session.reservation_id]
    assert (reservation.status, reservation.released_ms) == (ReservationStatus.FULFILLED, at(40))


def test_the_lengthened_time_is_taken_from_the_calendar() -> None:
    """Else it could be sold while the vehicle is still plugged in."""
    point = new_point(spec(late_stop_s=600))
    plugged_in(point, at(0), at(30))
    answer = refused(point, Reserve("bia", at(35), at(50)), at(30))
    assert answer == WindowTaken(at(0), at(40), at(40), at(55))


@pytest.mark.parametrize("gap_minutes", [0.5, 10])
def test_a_session_is_lengthened_only_as_far_as_the_next_reservation(gap_minutes: float) -> None:
    """The next driver's window is a right; the one before has only a courtesy."""
    point = new_point(spec(late_stop_s=600))
    session = plugged_in(point, at(0), at(30))
    reserved(point, at(30 + gap_minutes), at(60), at(1), driver="bia")
    assert point.settle(at(30)) == [ReservationExtended(session.reservation_id, at(30 + gap_minutes))]
    point.settle(at(30 + gap_minutes))
    assert (session.status, session.ended_ms) == (SessionStatus.COMPLETED, at(30 + gap_minutes))


def test_a_session_with_a_neighbour_right_behind_stops_with_its_window() -> None:
    """There is nothing to lengthen it by, and an event that changes nothing would never end."""
    point = new_point(spec(late_stop_s=600))
    session = plugged_in(point, at(0), at(30))
    theirs = reserved(point, at(30), at(60), at(1), driver="bia")
    (stopped,) = point.settle(at(30))
    assert isinstance(stopped, SessionStopped)
    assert (session.ended_ms, session.reason) == (at(30), "window-over")
    accepted(point, StartReservation(theirs.id), at(30))


def test_without_late_stop_a_session_stops_with_its_window() -> None:
    """Zero means what it says."""
    point = new_point(spec(late_stop_s=0))
    session = plugged_in(point, at(0), at(30))
    point.settle(at(30))
    assert session.ended_ms == at(30)


def test_a_point_that_wakes_up_late_stops_the_session_when_it_was_due() -> None:
    """Nobody pays for, and no window is blocked by, the hours in which the node was down."""
    point = new_point(spec(late_stop_s=600))
    session = plugged_in(point, at(0), at(30))
    events = point.settle(at(0) + DAY_MS)
    assert [type(event) for event in events] == [ReservationExtended, SessionStopped]
    assert (session.ended_ms, point.reservations[session.reservation_id].released_ms) == (at(40), at(40))


def test_a_driver_may_stop_within_the_lengthened_time() -> None:
    """The last reading counts until then, by power times time up to that instant."""
    point = new_point(spec(late_stop_s=600, max_power_w=60_000))
    session = plugged_in(point, at(0), at(30))
    accepted(point, Stop(session.id, 39_000), at(39))
    assert (session.reason, session.energy_wh, session.ended_ms) == ("driver", 39_000, at(39))


def test_at_the_end_of_the_lengthened_time_it_is_too_late_to_stop() -> None:
    """The window is half-open: at its end the session is over, whoever asks first."""
    point = new_point(spec(late_stop_s=600))
    session = plugged_in(point, at(0), at(30))
    point.settle(at(30))
    assert refused(point, Stop(session.id), at(40)) == UnknownSession(session.id)
    assert session.reason == "window-over"


def test_the_alarm_follows_a_reservation_from_its_start_to_its_deadline() -> None:
    """The actor sleeps until the alarm: one that is late leaves the feed wrong and the point blocked."""
    point = new_point(spec(no_show_s=900))
    assert point.point.next_alarm_ms(at(0)) is None
    reserved(point, at(10), at(60), at(0))
    assert point.point.next_alarm_ms(at(0)) == at(10)
    assert point.point.next_alarm_ms(at(10) - 1) == at(10)
    assert point.point.next_alarm_ms(at(10)) == at(25)
    point.settle(at(25))
    assert point.point.next_alarm_ms(at(25)) is None


def test_the_alarm_follows_a_session_to_its_end_and_through_the_lengthening() -> None:
    """A session whose alarm is lost would block the point for ever."""
    point = new_point(spec(late_stop_s=600))
    plugged_in(point, at(0), at(30))
    assert point.point.next_alarm_ms(at(0)) == at(30)
    point.settle(at(30))
    assert point.point.next_alarm_ms(at(30)) == at(40)
    point.settle(at(40))
    assert point.point.next_alarm_ms(at(40)) is None


@pytest.mark.parametrize("command", [ChangePoint(maintenance=True), ReportFault("no voltage")])
def test_the_alarm_of_a_point_out_of_service_waits_for_what_will_change(command: ChangePoint | ReportFault) -> None:
    """Out of service before and after a window's start, the point changes only when the window is released."""
    point = new_point(spec(no_show_s=900))
    reserved(point, at(10), at(60), at(0))
    accepted(point, command, at(1))
    assert point.point.status(at(10) - 1) is point.point.status(at(10))
    assert point.point.next_alarm_ms(at(1)) == at(25)


def test_a_point_that_was_not_created_has_nothing_to_wait_for() -> None:
    """Points are read from a file at start; one that is not there yet must not wake its actor."""
    point = new_point()
    assert point.point.next_alarm_ms(at(0)) is None
    assert accepted(point, Tick(), at(0)) == []


def test_a_clock_that_goes_back_does_not_take_the_point_with_it() -> None:
    """A window released at one time must never be sold again from an earlier one."""
    point = new_point()
    session = plugged_in(point, at(0), at(60))
    accepted(point, Stop(session.id), at(20))
    assert point_time_ms(point.point, at(5)) == at(20)
    assert point_time_ms(point.point, at(21)) == at(21)
    reservation = reserved(point, at(19) + 1, at(60), at(5), driver="bia")
    assert reservation.start_ms == at(20)
    assert reservation.created_ms == at(20)


def test_the_domain_refuses_to_decide_in_its_own_past() -> None:
    """An actor that forgets point_time_ms is our own mistake, and must be loud."""
    point = new_point()
    reserved(point, at(10), at(20), at(0))
    with pytest.raises(AssertionError, match="time ran backwards"):
        decide(point.point, Tick(), at(0) - 1)


def test_time_passing_before_a_command_makes_room_for_it() -> None:
    """A walk-up at the deadline of a no-show gets the point, though no alarm rang in between."""
    point = new_point(spec(no_show_s=900))
    reservation = reserved(point, at(0), at(60), at(0), driver="bia")
    accepted(point, PlugIn("ana", at(50)), at(15))
    assert reservation.status is ReservationStatus.NO_SHOW
    assert reservation.released_ms == at(15)


def test_shorter_terms_release_what_they_find_and_rewrite_nothing() -> None:
    """A driver who was refused before the terms changed must not find the window free in hindsight."""
    point = new_point(spec(no_show_s=1800))
    reservation = reserved(point, at(0), at(60), at(0))
    accepted(point, ChangePoint(terms=(("no_show_s", 60),)), at(14))
    point.settle(at(14))
    assert point.reservations[reservation.id].released_ms == at(14)
