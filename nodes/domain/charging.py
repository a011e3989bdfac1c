"""Plugging in, metering, unplugging."""

from collections.abc import Sequence

from nodes.domain import ids
from nodes.domain.booking import out_of_service, reservation_of, reserve, window_taken
from nodes.domain.calendar import Entry
from nodes.domain.commands import Meter, PlugIn, Reserve, StartReservation, Stop
from nodes.domain.events import Event, ReservationReserved, SessionMetered, SessionStarted, SessionStopped
from nodes.domain.point import Point
from nodes.domain.refusals import (
    EnergyImplausible,
    MeterWentBack,
    PointOccupied,
    Refusal,
    ReservationOver,
    ReservationPending,
    TooEarlyToStart,
    UnknownReservation,
    UnknownSession,
)
from nodes.domain.reservation import Reservation, ReservationStatus
from nodes.domain.session import Session, SessionStatus
from nodes.domain.tariff import cost_minor, energy_limit_wh


def start_reservation(point: Point, command: StartReservation, now_ms: int) -> Sequence[Event] | Refusal:
    """Plug in under a reservation. Asked again while the session runs, nothing changes."""
    reservation = reservation_of(point, command.reservation_id, command.driver_id)
    if reservation is None:
        return UnknownReservation(command.reservation_id)
    if reservation.status is ReservationStatus.ACTIVE:
        return []
    return _start(point, reservation, command.max_energy_wh, now_ms)


def plug_in(point: Point, command: PlugIn, now_ms: int) -> Sequence[Event] | Refusal:
    """Plug in: under the driver's own reservation if it can start now, else as a walk-up."""
    first = point.first()
    if first is not None and first.driver_id == command.driver_id:
        if first.status is ReservationStatus.ACTIVE:
            return []
        if now_ms >= _start_from_ms(point, first) and _in_the_way(point, first, now_ms) is None:
            return _start(point, first, command.max_energy_wh, now_ms)
    return _walk_up(point, command, now_ms)


def meter(point: Point, command: Meter, now_ms: int) -> Sequence[Event] | Refusal:
    """Take a meter reading."""
    session = _session_of(point, command.session_id, command.driver_id)
    if session is None:
        return UnknownSession(command.session_id)
    if (refusal := _implausible(session, command.energy_wh, now_ms)) is not None:
        return refusal
    if command.energy_wh == session.energy_wh:
        return []
    return [SessionMetered(session.id, command.energy_wh, now_ms)]


def stop(point: Point, command: Stop, now_ms: int) -> Sequence[Event] | Refusal:
    """Unplug, with a last reading where one is given."""
    session = _session_of(point, command.session_id, command.driver_id)
    if session is None:
        return UnknownSession(command.session_id)
    energy_wh = session.energy_wh if command.energy_wh is None else command.energy_wh
    if (refusal := _implausible(session, energy_wh, now_ms)) is not None:
        return refusal
    return [stopped(session, energy_wh, now_ms, "driver")]


def stopped(session: Session, energy_wh: int, end_ms: int, reason: str) -> SessionStopped:
    """Return the end of a session that is billed for that energy."""
    return SessionStopped(
        session_id=session.id,
        reservation_id=session.reservation_id,
        status=SessionStatus.COMPLETED,
        reservation_status=ReservationStatus.FULFILLED,
        end_ms=end_ms,
        energy_wh=energy_wh,
        cost_minor=cost_minor(energy_wh, session.price_per_kwh_minor),
        reason=reason,
    )


def _start(point: Point, reservation: Reservation, max_energy_wh: int | None, now_ms: int) -> Sequence[Event] | Refusal:
    if (refusal := out_of_service(point)) is not None:
        return refusal
    if reservation.status is ReservationStatus.PENDING:
        return ReservationPending(reservation.id, reservation.trip_id or "")
    if reservation.status is not ReservationStatus.RESERVED:
        return ReservationOver(reservation.id, reservation.status)
    if now_ms < _start_from_ms(point, reservation):
        return TooEarlyToStart(_start_from_ms(point, reservation))
    if (holder := _in_the_way(point, reservation, now_ms)) is not None:
        return PointOccupied(holder.end_ms)
    price, currency = reservation.price_per_kwh_minor, reservation.currency
    return [
        SessionStarted(
            session_id=ids.session_id(point.id, point.epoch, point.seq + 1),
            reservation_id=reservation.id,
            driver_id=reservation.driver_id,
            start_ms=now_ms,
            max_power_w=point.spec.max_power_w,
            max_energy_wh=max_energy_wh,
            price_per_kwh_minor=price,
            currency=currency,
        )
    ]


def _walk_up(point: Point, command: PlugIn, now_ms: int) -> Sequence[Event] | Refusal:
    """Reserve from now on and start at once. Without a wish, the window goes as far as terms and neighbours allow."""
    if (holder := point.calendar.conflict(now_ms, now_ms + 1)) is not None:
        return out_of_service(point) or PointOccupied(holder.end_ms)
    end_ms = command.end_ms
    if end_ms is None:
        terms, next_start_ms = point.spec.terms, point.calendar.next_start(now_ms)
        end_ms = now_ms + terms.max_window_s * 1000
        end_ms = end_ms if next_start_ms is None else min(end_ms, next_start_ms)
        if end_ms < (shortest_ms := now_ms + terms.min_window_s * 1000):
            return out_of_service(point) or window_taken(point, now_ms, shortest_ms, now_ms)
    reserved = reserve(point, Reserve(command.driver_id, now_ms, end_ms), now_ms)
    if isinstance(reserved, Refusal):
        return reserved
    return [reserved, _walk_up_started(point, reserved, command.max_energy_wh)]


def _walk_up_started(point: Point, reserved: ReservationReserved, max_energy_wh: int | None) -> SessionStarted:
    return SessionStarted(
        session_id=ids.session_id(point.id, point.epoch, point.seq + 2),
        reservation_id=reserved.reservation_id,
        driver_id=reserved.driver_id,
        start_ms=reserved.start_ms,
        max_power_w=point.spec.max_power_w,
        max_energy_wh=max_energy_wh,
        price_per_kwh_minor=reserved.price_per_kwh_minor,
        currency=reserved.currency,
    )


def _in_the_way(point: Point, reservation: Reservation, now_ms: int) -> Entry | None:
    """Return who holds the point between now and the reservation's start."""
    holder = point.calendar.conflict(now_ms, max(now_ms + 1, reservation.start_ms))
    return None if holder is None or holder.reservation_id == reservation.id else holder


def _start_from_ms(point: Point, reservation: Reservation) -> int:
    return reservation.start_ms - point.spec.terms.early_start_s * 1000


def _session_of(point: Point, session_id: str, driver_id: str | None) -> Session | None:
    session = point.session
    if session is None or session.id != session_id or driver_id not in (None, session.driver_id):
        return None
    return session


def _implausible(session: Session, energy_wh: int, now_ms: int) -> Refusal | None:
    """Check a meter reading against the last one, the energy that can have flowed, and the battery's room."""
    if energy_wh < session.energy_wh:
        return MeterWentBack(energy_wh, session.energy_wh)
    limit_wh = energy_limit_wh(session.max_power_w, now_ms - session.started_ms)
    if session.max_energy_wh is not None:
        limit_wh = min(limit_wh, max(0, session.max_energy_wh))
    return EnergyImplausible(energy_wh, limit_wh) if energy_wh > limit_wh else None
