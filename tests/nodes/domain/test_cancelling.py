"""Giving a reservation back, while the terms allow it."""

import pytest

from nodes.domain.commands import Cancel, ReportFault
from nodes.domain.events import ReservationReleased
from nodes.domain.refusals import ReservationOver, TooLateToCancel, UnknownReservation
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


def test_a_cancelled_window_can_be_reserved_again_at_once() -> None:
    """The whole point of cancelling: the time goes to somebody else."""
    point = new_point()
    reservation = reserved(point, at(10), at(40), at(0))
    assert accepted(point, Cancel(reservation.id), at(1)) == [
        ReservationReleased(reservation.id, ReservationStatus.CANCELED, at(1), "driver")
    ]
    assert (reservation.status, reservation.released_ms, reservation.reason) == ("CANCELED", at(1), "driver")
    assert reserved(point, at(10), at(40), at(1), driver="bia").status is ReservationStatus.RESERVED


@pytest.mark.parametrize("cancel_until_s", [0, 600])
def test_the_last_instant_to_cancel_is_inside_the_terms(cancel_until_s: int) -> None:
    """'Until ten minutes before' includes the tenth minute; a driver one millisecond late is told the limit."""
    limit_ms = at(20) - cancel_until_s * 1000
    late, punctual = (new_point(spec(cancel_until_s=cancel_until_s)) for _ in range(2))
    reservation = reserved(late, at(20), at(40), at(0))
    assert refused(late, Cancel(reservation.id), limit_ms + 1) == TooLateToCancel(limit_ms)
    assert late.point.reservations == {reservation.id: reservation}
    accepted(punctual, Cancel(reserved(punctual, at(20), at(40), at(0)).id), limit_ms)
    assert punctual.point.reservations == {}


def test_a_driver_cannot_cancel_what_is_another_drivers() -> None:
    """The answer is the same as for an id that never was, so ids cannot be probed."""
    point = new_point()
    reservation = reserved(point, at(10), at(40), at(0), driver="bia")
    assert refused(point, Cancel(reservation.id, "ana"), at(1)) == UnknownReservation(reservation.id)
    accepted(point, Cancel(reservation.id, "bia"), at(1))


def test_an_operator_names_no_driver_and_cancels_any() -> None:
    """Commands without a driver come from the node's own operator."""
    point = new_point()
    accepted(point, Cancel(reserved(point, at(10), at(40), at(0), driver="bia").id), at(1))
    assert point.point.reservations == {}


def test_a_reservation_cannot_be_cancelled_twice() -> None:
    """What is over lives in the store; the point no longer knows it."""
    point = new_point()
    reservation = reserved(point, at(10), at(40), at(0))
    accepted(point, Cancel(reservation.id), at(1))
    assert refused(point, Cancel(reservation.id), at(1)) == UnknownReservation(reservation.id)
    assert refused(point, Cancel(f"{POINT_ID}.r7-7"), at(1)) == UnknownReservation(f"{POINT_ID}.r7-7")


def test_a_running_charge_is_stopped_and_not_cancelled() -> None:
    """Cancelling it would leave a vehicle plugged in on a window that is sold again."""
    point = new_point()
    session = plugged_in(point, at(0), at(30))
    assert refused(point, Cancel(session.reservation_id), at(1)) == ReservationOver(session.reservation_id, "ACTIVE")


def test_a_reservation_can_be_cancelled_while_the_point_is_out_of_order() -> None:
    """A fault is no reason to hold a driver to a window that cannot be used."""
    point = new_point()
    reservation = reserved(point, at(10), at(40), at(0))
    accepted(point, ReportFault("no voltage"), at(1))
    accepted(point, Cancel(reservation.id), at(2))
    assert (reservation.status, reservation.reason) == ("CANCELED", "driver")


def test_the_window_that_was_cancelled_before_it_began_was_never_in_force() -> None:
    """The audit reads [start, released): released before the start, it must be empty and clash with nothing."""
    point = new_point()
    reservation = reserved(point, at(10), at(40), at(0))
    accepted(point, Cancel(reservation.id), at(5))
    assert reservation.released_ms is not None
    assert reservation.released_ms <= reservation.start_ms
    assert reservation.end_ms - reservation.start_ms == 30 * MINUTE_MS
