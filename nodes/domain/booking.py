"""Reserving a window and giving it back."""

from collections.abc import Sequence

from nodes.domain import ids
from nodes.domain.commands import Cancel, Reserve, ReserveNow
from nodes.domain.events import Event, ReservationReleased, ReservationReserved
from nodes.domain.point import Point, PointStatus
from nodes.domain.refusals import (
    PointUnavailable,
    Refusal,
    ReservationOver,
    ReservationPending,
    TooLateToCancel,
    UnknownReservation,
    WindowBeyondHorizon,
    WindowInPast,
    WindowInvalid,
    WindowTaken,
    WindowTooLong,
    WindowTooShort,
)
from nodes.domain.reservation import Reservation, ReservationStatus

START_TOLERANCE_MS = 60_000
"""A window that starts this little in the past is taken as starting now: requests travel, and clocks differ. Its length
is judged as it was asked for."""


def reserve(point: Point, command: Reserve, now_ms: int) -> ReservationReserved | Refusal:
    """Reserve a window, if it is lawful by the point's terms and free."""
    if (unavailable := out_of_service(point)) is not None:
        return unavailable
    if command.start_ms >= command.end_ms:
        return WindowInvalid(command.start_ms, command.end_ms)
    if command.start_ms < now_ms - START_TOLERANCE_MS or command.end_ms <= now_ms:
        return WindowInPast(command.start_ms, now_ms)
    if (unlawful := _against_terms(point, command.start_ms, command.end_ms, now_ms)) is not None:
        return unlawful
    start_ms, end_ms = max(command.start_ms, now_ms), command.end_ms
    if point.calendar.conflict(start_ms, end_ms) is not None:
        return window_taken(point, start_ms, end_ms, now_ms)
    return ReservationReserved(
        reservation_id=ids.reservation_id(point.id, point.epoch, point.seq + 1),
        driver_id=command.driver_id,
        start_ms=start_ms,
        end_ms=end_ms,
        price_per_kwh_minor=point.spec.price_per_kwh_minor,
        currency=point.spec.currency,
        created_ms=now_ms,
    )


def reserve_now(point: Point, command: ReserveNow, now_ms: int) -> ReservationReserved | Refusal:
    """Reserve from now on, for as long as is wished, allowed and free."""
    terms = point.spec.terms
    end_ms = now_ms + min(command.duration_s, terms.max_window_s) * 1000
    taken = point.calendar.conflict(now_ms, end_ms)
    if taken is not None and taken.start_ms >= now_ms + terms.min_window_s * 1000:
        end_ms = taken.start_ms
    return reserve(point, Reserve(command.driver_id, now_ms, end_ms), now_ms)


def cancel(point: Point, command: Cancel, now_ms: int) -> Sequence[Event] | Refusal:
    """Give a reservation back, while the terms allow it."""
    reservation = point.reservations.get(command.reservation_id)
    if reservation is None or not may_cancel(command, reservation):
        return UnknownReservation(command.reservation_id)
    if reservation.status is ReservationStatus.PENDING:
        return ReservationPending(reservation.id, reservation.trip_id or "")
    if reservation.status is not ReservationStatus.RESERVED:
        return ReservationOver(reservation.id, reservation.status)
    until_ms = reservation.start_ms - point.spec.terms.cancel_until_s * 1000
    if now_ms > until_ms:
        return TooLateToCancel(until_ms)
    return [ReservationReleased(reservation.id, ReservationStatus.CANCELED, now_ms, "driver")]


def may_cancel(command: Cancel, reservation: Reservation) -> bool:
    """Whether the reservation is one of those that whoever asks may give back; to them others do not exist."""
    if command.driver_id not in (None, reservation.driver_id):
        return False
    return command.coordinator in (None, ids.owner_of(reservation.trip_id or ""))


def out_of_service(point: Point) -> PointUnavailable | None:
    """Return why nothing can be reserved or started, if so."""
    if point.fault is not None:
        return PointUnavailable(PointStatus.OUTOFORDER)
    if point.maintenance:
        return PointUnavailable(PointStatus.INOPERATIVE)
    return None


def window_taken(point: Point, start_ms: int, end_ms: int, now_ms: int) -> WindowTaken:
    """Return the refusal of a window that overlaps another, with the next free window of that length."""
    taken = point.calendar.conflict(start_ms, end_ms)
    assert taken is not None
    length_ms = end_ms - start_ms
    free_ms = point.calendar.next_free(start_ms, length_ms).start_ms
    if free_ms > now_ms + point.spec.terms.horizon_s * 1000:
        return WindowTaken(taken.start_ms, taken.end_ms, None, None)
    return WindowTaken(taken.start_ms, taken.end_ms, free_ms, free_ms + length_ms)


def reservation_of(point: Point, reservation_id: str, driver_id: str | None) -> Reservation | None:
    """Return the reservation in force, if it is there and, where a driver is named, that driver's."""
    reservation = point.reservations.get(reservation_id)
    if reservation is None or driver_id not in (None, reservation.driver_id):
        return None
    return reservation


def _against_terms(point: Point, start_ms: int, end_ms: int, now_ms: int) -> Refusal | None:
    terms, length_ms = point.spec.terms, end_ms - start_ms
    if length_ms < terms.min_window_s * 1000:
        return WindowTooShort(length_ms, terms.min_window_s)
    if length_ms > terms.max_window_s * 1000:
        return WindowTooLong(length_ms, terms.max_window_s)
    latest_start_ms = now_ms + terms.horizon_s * 1000
    if start_ms > latest_start_ms:
        return WindowBeyondHorizon(start_ms, latest_start_ms)
    return None
