"""What an event does to a point: ``apply(point, event)``. Also used on recovery, so it decides nothing."""

from nodes.domain.events import (
    Event,
    PointChanged,
    PointCreated,
    ReservationConfirmed,
    ReservationExtended,
    ReservationPrepared,
    ReservationReleased,
    ReservationReserved,
    SessionMetered,
    SessionStarted,
    SessionStopped,
)
from nodes.domain.point import Point
from nodes.domain.reservation import Reservation, ReservationStatus
from nodes.domain.session import Session, SessionStatus

Subject = Point | Reservation | Session
"""What an event is about."""


def apply(point: Point, event: Event, at_ms: int) -> Subject:
    """Change the point as the event says, and return what the event is about, in its new state.

    What is over (a released reservation, a stopped session) is returned one last time and then gone from the point.
    """
    point.seq += 1
    point.updated_ms = at_ms
    match event:
        case ReservationReserved():
            return _reserved(point, event)
        case SessionMetered():
            return _metered(point, event)
        case SessionStarted():
            return _started(point, event)
        case SessionStopped():
            return _stopped(point, event)
        case ReservationReleased():
            return _released(point, event)
        case ReservationExtended():
            return _extended(point, event)
        case ReservationPrepared():
            return _prepared(point, event)
        case ReservationConfirmed():
            return _confirmed(point, event)
        case PointCreated():
            point.spec, point.changed_ms = event.spec, at_ms
            return point
        case PointChanged():
            point.spec, point.changed_ms = event.spec, at_ms
            point.maintenance, point.fault = event.maintenance, event.fault
            return point


def _reserved(point: Point, event: ReservationReserved) -> Reservation:
    return _hold(point, event, ReservationStatus.RESERVED)


def _prepared(point: Point, event: ReservationPrepared) -> Reservation:
    reservation = _hold(point, event, ReservationStatus.PENDING)
    reservation.trip_id, reservation.trip_stop = event.trip_id, event.trip_stop
    reservation.trip_points = event.trip_points
    point.in_doubt[event.trip_id, event.trip_stop] = reservation.id
    return reservation


def _hold(point: Point, event: ReservationReserved | ReservationPrepared, status: ReservationStatus) -> Reservation:
    reservation = Reservation(
        id=event.reservation_id,
        point_id=point.id,
        driver_id=event.driver_id,
        status=status,
        start_ms=event.start_ms,
        end_ms=event.end_ms,
        price_per_kwh_minor=event.price_per_kwh_minor,
        currency=event.currency,
        created_ms=event.created_ms,
        epoch=point.epoch,
        seq=point.seq,
    )
    point.reservations[reservation.id] = reservation
    point.calendar.add(reservation.start_ms, reservation.end_ms, reservation.id)
    return reservation


def _confirmed(point: Point, event: ReservationConfirmed) -> Reservation:
    reservation = point.reservations[event.reservation_id]
    _decided(point, reservation)
    reservation.status = ReservationStatus.RESERVED
    reservation.epoch, reservation.seq = point.epoch, point.seq
    return reservation


def _decided(point: Point, reservation: Reservation) -> None:
    if reservation.status is ReservationStatus.PENDING:
        assert reservation.trip_id is not None and reservation.trip_stop is not None
        del point.in_doubt[reservation.trip_id, reservation.trip_stop]


def _released(point: Point, event: ReservationReleased) -> Reservation:
    return _end(point, event.reservation_id, event.status, event.released_ms, event.reason)


def _extended(point: Point, event: ReservationExtended) -> Reservation:
    reservation = point.reservations[event.reservation_id]
    point.calendar.remove(reservation.start_ms)
    reservation.end_ms, reservation.extended = event.end_ms, True
    reservation.epoch, reservation.seq = point.epoch, point.seq
    point.calendar.add(reservation.start_ms, reservation.end_ms, reservation.id)
    return reservation


def _started(point: Point, event: SessionStarted) -> Session:
    assert point.session is None, f"{point.id} has an active session"
    reservation = point.reservations[event.reservation_id]
    if event.start_ms < reservation.start_ms:
        point.calendar.remove(reservation.start_ms)
        reservation.start_ms = event.start_ms
        point.calendar.add(reservation.start_ms, reservation.end_ms, reservation.id)
    reservation.status = ReservationStatus.ACTIVE
    reservation.epoch, reservation.seq = point.epoch, point.seq
    point.session = Session(
        id=event.session_id,
        point_id=point.id,
        reservation_id=event.reservation_id,
        driver_id=event.driver_id,
        status=SessionStatus.ACTIVE,
        started_ms=event.start_ms,
        max_power_w=event.max_power_w,
        price_per_kwh_minor=event.price_per_kwh_minor,
        currency=event.currency,
        epoch=point.epoch,
        seq=point.seq,
        max_energy_wh=event.max_energy_wh,
    )
    return point.session


def _metered(point: Point, event: SessionMetered) -> Session:
    session = _session(point, event.session_id)
    session.energy_wh, session.metered_ms = event.energy_wh, event.metered_ms
    session.epoch, session.seq = point.epoch, point.seq
    return session


def _stopped(point: Point, event: SessionStopped) -> Session:
    session = _session(point, event.session_id)
    session.status, session.reason = event.status, event.reason
    session.energy_wh, session.cost_minor = event.energy_wh, event.cost_minor
    session.ended_ms = event.end_ms
    session.epoch, session.seq = point.epoch, point.seq
    _end(point, event.reservation_id, event.reservation_status, event.end_ms, event.reason)
    point.session = None
    return session


def _end(point: Point, reservation_id: str, status: ReservationStatus, released_ms: int, reason: str) -> Reservation:
    reservation = point.reservations.pop(reservation_id)
    _decided(point, reservation)
    point.calendar.remove(reservation.start_ms)
    reservation.status, reservation.released_ms, reservation.reason = status, released_ms, reason
    reservation.epoch, reservation.seq = point.epoch, point.seq
    return reservation


def _session(point: Point, session_id: str) -> Session:
    session = point.session
    assert session is not None and session.id == session_id, f"{point.id} has no session {session_id}"
    return session
