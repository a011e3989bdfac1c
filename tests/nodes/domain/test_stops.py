"""Stops of trips: promised, then confirmed or given back, and nothing else ends a promise."""

import pytest

from nodes.domain.commands import (
    AbortStop,
    Cancel,
    ChangePoint,
    Command,
    CommitStop,
    PlugIn,
    PrepareStop,
    ReportFault,
    Reserve,
    StartReservation,
)
from nodes.domain.events import ReservationConfirmed, ReservationPrepared, ReservationReleased, SessionStarted
from nodes.domain.ids import owner_of
from nodes.domain.point import PointStatus
from nodes.domain.refusals import (
    PointOccupied,
    PointUnavailable,
    ReservationPending,
    UnknownReservation,
    WindowInPast,
    WindowTaken,
)
from nodes.domain.reservation import Reservation, ReservationStatus
from tests.nodes.domain.examples import DAY_MS, accepted, at, new_point, plugged_in, refused, reserved, spec
from tests.nodes.domain.recorded_point import RecordedPoint

TRIP, OTHER = "server2.trip.t1-1", "server3.trip.t1-1"
PENDING, RESERVED, REJECTED = ReservationStatus.PENDING, ReservationStatus.RESERVED, ReservationStatus.REJECTED


def promised(point: RecordedPoint, start: float, end: float, stop: int = 0, driver: str = "ana") -> Reservation:
    """Return a promise of a window that must be free."""
    (event,) = accepted(point, PrepareStop(TRIP, stop, driver, at(start), at(end), ("server2.a",)), at(0))
    assert isinstance(event, ReservationPrepared)
    return point.reservations[event.reservation_id]


def test_a_promise_blocks_its_window_like_a_reservation() -> None:
    """What is sold to somebody else meanwhile cannot be confirmed."""
    point = new_point()
    stop = promised(point, 10, 40)
    assert (stop.status, stop.trip_id, stop.trip_stop, stop.trip_points) == (PENDING, TRIP, 0, ("server2.a",))
    assert refused(point, Reserve("bia", at(30), at(60)), at(0)) == WindowTaken(at(10), at(40), at(40), at(70))
    assert refused(point, PlugIn("bia"), at(10)) == PointOccupied(at(40))
    assert point.point.status(at(10)) is PointStatus.RESERVED


def test_a_promise_is_given_by_the_rules_of_any_reservation() -> None:
    """A trip is no way around the terms."""
    point = new_point()
    reserved(point, at(10), at(40), at(0))
    taken = refused(point, PrepareStop(TRIP, 0, "ana", at(30), at(60)), at(0))
    assert taken == WindowTaken(at(10), at(40), at(40), at(70))
    assert refused(point, PrepareStop(TRIP, 0, "ana", at(-10), at(5)), at(0)) == WindowInPast(at(-10), at(0))
    accepted(point, ChangePoint(maintenance=True), at(1))
    assert isinstance(refused(point, PrepareStop(TRIP, 0, "ana", at(50), at(60)), at(1)), PointUnavailable)


def test_a_confirmed_promise_is_a_reservation() -> None:
    """Under the same id, which the trip names; its driver starts and is billed as promised."""
    point = new_point(spec(price_per_kwh_minor=150))
    stop = promised(point, 10, 40)
    accepted(point, ChangePoint(price_per_kwh_minor=900), at(1))
    assert accepted(point, CommitStop(stop.id, TRIP), at(2)) == [ReservationConfirmed(stop.id)]
    assert (stop.status, point.point.in_doubt) == (RESERVED, {})
    (started,) = accepted(point, PlugIn("ana"), at(10))
    assert isinstance(started, SessionStarted)
    assert (started.reservation_id, started.price_per_kwh_minor) == (stop.id, 150)


def test_to_confirm_twice_changes_nothing() -> None:
    """The acknowledgement was lost: the coordinator says it again, also while the driver charges."""
    point = new_point()
    stop = promised(point, 10, 40)
    accepted(point, CommitStop(stop.id, TRIP), at(2))
    assert accepted(point, CommitStop(stop.id, TRIP), at(3)) == []
    accepted(point, StartReservation(stop.id), at(10))
    assert accepted(point, CommitStop(stop.id, TRIP), at(11)) == []
    assert stop.status is ReservationStatus.ACTIVE


def test_only_its_own_trip_confirms_a_promise() -> None:
    """An id that is guessed, or of another trip, must not let a stop stand."""
    point = new_point()
    stop, plain = promised(point, 10, 40), reserved(point, at(50), at(60), at(0))
    assert refused(point, CommitStop(stop.id, OTHER), at(1)) == UnknownReservation(stop.id)
    assert refused(point, CommitStop(plain.id, TRIP), at(1)) == UnknownReservation(plain.id)
    assert stop.status is PENDING


@pytest.mark.parametrize(("is_replaced", "reason"), [(False, "trip-aborted"), (True, "stop-replaced")])
def test_a_promise_that_is_given_back_frees_its_window(is_replaced: bool, reason: str) -> None:
    """And says why: who else is in doubt may rely on an abort, and not on a replacement."""
    point = new_point()
    stop = promised(point, 10, 40)
    assert accepted(point, AbortStop(TRIP, 0, is_replaced), at(1)) == [
        ReservationReleased(stop.id, REJECTED, at(1), reason)
    ]
    assert (point.point.in_doubt, point.point.reservations) == ({}, {})
    reserved(point, at(10), at(40), at(1), driver="bia")


def test_to_give_back_what_stands_or_never_was_does_nothing() -> None:
    """An abort that was under way for long must not take a confirmed stop from its driver."""
    point = new_point()
    stop = promised(point, 10, 40)
    assert isinstance(refused(point, AbortStop(TRIP, 1), at(1)), UnknownReservation)
    assert isinstance(refused(point, AbortStop(OTHER, 0), at(1)), UnknownReservation)
    accepted(point, CommitStop(stop.id, TRIP), at(1))
    assert isinstance(refused(point, AbortStop(TRIP, 0), at(2)), UnknownReservation)
    assert stop.status is RESERVED


def test_what_was_given_back_is_not_confirmed_any_more() -> None:
    """Its window may be somebody else's by now."""
    point = new_point()
    stop = promised(point, 10, 40)
    accepted(point, AbortStop(TRIP, 0), at(1))
    assert refused(point, CommitStop(stop.id, TRIP), at(2)) == UnknownReservation(stop.id)
    assert isinstance(refused(point, AbortStop(TRIP, 0), at(2)), UnknownReservation)


def test_a_stop_is_promised_once_at_a_time() -> None:
    """Of two promises for one stop, giving the stop back would find one and leave the other for ever."""
    point = new_point()
    first = promised(point, 10, 40)
    again = PrepareStop(TRIP, 0, "ana", at(50), at(60))
    assert refused(point, again, at(1)) == ReservationPending(first.id, TRIP)
    accepted(point, AbortStop(TRIP, 0), at(2))
    accepted(point, again, at(3))


def test_a_promise_never_expires() -> None:
    """Whoever let it, would decide alone; not after the no-show's time, not after its window, not after a year."""
    point = new_point(spec(no_show_s=300))
    stop = promised(point, 10, 40)
    for minutes in (10, 15, 40, 41, 400 * 24 * 60):
        assert point.settle(at(minutes)) == []
        assert stop.status is PENDING
    assert point.point.in_doubt == {(TRIP, 0): stop.id}


@pytest.mark.parametrize("command", [ChangePoint(maintenance=True), ReportFault("no voltage")])
def test_a_point_out_of_service_keeps_its_promises(command: Command) -> None:
    """Maintenance and faults are no decision on a trip; which may be confirmed meanwhile."""
    point = new_point()
    stop = promised(point, 10, 40)
    accepted(point, command, at(1))
    assert point.settle(at(60)) == []
    assert stop.status is PENDING
    assert accepted(point, CommitStop(stop.id, TRIP), at(60)) == [ReservationConfirmed(stop.id)]


def test_what_lies_behind_a_promise_is_still_released_in_time() -> None:
    """A promise that nobody decides must not keep a no-show's window from others (P8)."""
    point = new_point(spec(no_show_s=900))
    promised(point, 10, 40)
    late = reserved(point, at(50), at(80), at(0), driver="bia")
    assert point.settle(at(65) - 1) == []
    assert point.settle(at(65)) == [ReservationReleased(late.id, ReservationStatus.NO_SHOW, at(65), "no-show")]


def test_a_session_is_lengthened_up_to_a_promise() -> None:
    """A promise is a right like any other."""
    point = new_point(spec(late_stop_s=1_200))
    session = plugged_in(point, at(0), at(30), driver="bia")
    promised(point, 40, 60)
    point.settle(at(30))
    assert point.reservations[session.reservation_id].end_ms == at(40)
    point.settle(at(40))
    assert session.ended_ms == at(40)


def test_the_alarm_of_a_promise_follows_its_window_and_then_is_still() -> None:
    """The feed tells when it begins and ends; then nothing but a decision can change the point."""
    point = new_point(spec(no_show_s=900))
    promised(point, 10, 40)
    assert point.point.next_alarm_ms(at(0)) == at(10)
    assert point.point.next_alarm_ms(at(10)) == at(40)
    assert point.point.status(at(40) - 1) is PointStatus.RESERVED
    assert point.point.status(at(40)) is PointStatus.AVAILABLE
    assert point.point.next_alarm_ms(at(40)) is None
    accepted(point, ReportFault("no voltage"), at(1))
    assert point.point.next_alarm_ms(at(1)) is None


def test_the_alarm_is_the_earlier_of_a_promises_and_a_deadline() -> None:
    """One must not hide the other."""
    point = new_point(spec(no_show_s=900))
    promised(point, 10, 40)
    reserved(point, at(50), at(80), at(0), driver="bia")
    assert [point.point.next_alarm_ms(at(minutes)) for minutes in (0, 10, 40, 50)] == [at(10), at(40), at(50), at(65)]


def test_a_promise_is_neither_cancelled_nor_started() -> None:
    """It is not the driver's yet; who asks is told what it waits for."""
    point = new_point()
    stop = promised(point, 10, 40)
    pending = ReservationPending(stop.id, TRIP)
    assert refused(point, Cancel(stop.id, "ana"), at(1)) == pending
    assert refused(point, StartReservation(stop.id, "ana"), at(10)) == pending
    assert refused(point, PlugIn("ana"), at(10)) == PointOccupied(at(40))
    assert refused(point, Cancel(stop.id, "bia"), at(10)) == UnknownReservation(stop.id)
    assert stop.status is PENDING


def test_a_coordinator_gives_back_stops_of_its_own_trips_only() -> None:
    """To any other node they are as an id that never was, and so are reservations of no trip to every node."""
    point = new_point()
    stop, plain = promised(point, 10, 40), reserved(point, at(50), at(80), at(0))
    accepted(point, CommitStop(stop.id, TRIP), at(1))
    for cancel in (Cancel(stop.id, coordinator="server9"), Cancel(plain.id, coordinator=owner_of(TRIP))):
        assert refused(point, cancel, at(2)) == UnknownReservation(cancel.reservation_id)
    accepted(point, Cancel(stop.id, stop.driver_id, owner_of(TRIP)), at(2))
    assert stop.status is ReservationStatus.CANCELED


def test_a_driver_whose_own_window_is_behind_a_promise_may_plug_in_before_it() -> None:
    """The point is free until the promise begins; that the driver also has a window later takes nothing from that."""
    point = new_point(spec(early_start_s=3_600, min_window_s=60))
    promised(point, 10, 40, driver="bia")
    own = reserved(point, at(40), at(70), at(0))
    session = plugged_in(point, at(1), driver="ana")
    assert point.reservations[session.reservation_id].end_ms == at(10)
    assert own.status is RESERVED


@pytest.mark.parametrize("command", [CommitStop("server1.centro-01.r1-2", TRIP), AbortStop(TRIP, 0)])
def test_a_decision_that_comes_late_gives_no_time_behind_the_window(command: Command) -> None:
    """Somebody else may have had it: in the books, the window in force ends with the window, whenever it is decided."""
    point = new_point(spec(no_show_s=900))
    stop = promised(point, 10, 40)
    others = reserved(point, at(40), at(70), at(0), driver="bia")
    accepted(point, PlugIn("bia"), at(40))
    accepted(point, ChangePoint(price_per_kwh_minor=7), at(45))
    accepted(point, command, at(50))
    point.settle(at(50))
    assert stop.status in (REJECTED, ReservationStatus.NO_SHOW)
    assert stop.released_ms is not None
    assert stop.released_ms <= stop.end_ms == others.start_ms


def test_a_promise_survives_a_restart_with_all_that_finds_it() -> None:
    """The journal alone gives it back, with whom to ask; the decision then meets it."""
    point = new_point()
    stop = promised(point, 10, 40)
    point.settle(at(0) + DAY_MS)
    point.restart()
    found = point.point.reservations[stop.id]
    assert (found.status, found.trip_points, point.point.in_doubt) == (PENDING, ("server2.a",), {(TRIP, 0): stop.id})
    accepted(point, AbortStop(TRIP, 0), at(0) + DAY_MS)
    assert found.status is REJECTED
