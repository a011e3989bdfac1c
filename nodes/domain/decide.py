"""What follows from a command: ``decide(point, command, now_ms) -> events | refusal``. Nothing here changes the point.

The rules stand in one place each: windows in ``booking``, stops of trips in ``stops``, plugging in and energy in
``charging``, and here what the
operator may change and what the passing of time does.
"""

from collections.abc import Sequence
from dataclasses import replace

from nodes.domain import booking, charging, stops
from nodes.domain.commands import (
    AbortStop,
    Cancel,
    ChangePoint,
    ClearFault,
    Command,
    CommitStop,
    CreatePoint,
    Meter,
    PlugIn,
    PrepareStop,
    ReportFault,
    Reserve,
    ReserveNow,
    StartReservation,
    Stop,
    Tick,
)
from nodes.domain.events import Event, PointChanged, PointCreated, ReservationExtended, ReservationReleased
from nodes.domain.point import Point
from nodes.domain.refusals import PointExists, PointInvalid, Refusal, UnknownPoint
from nodes.domain.reservation import Reservation, ReservationStatus
from nodes.domain.session import SessionStatus

Decision = Sequence[Event] | Refusal
"""The events that follow from a command, in order (none: nothing needs to change), or why it is refused."""


def decide(point: Point, command: Command, now_ms: int) -> Decision:
    """Return what follows from the command at that time.

    ``now_ms`` comes from ``point_time_ms``, and what is due by then has been dealt with (``Tick``, until no event
    follows from it).
    """
    assert now_ms >= point.updated_ms, f"time ran backwards for {point.id}: {now_ms} < {point.updated_ms}"
    if point.seq == 0 and not isinstance(command, CreatePoint):
        return UnknownPoint(point.id)
    match command:
        case Reserve():
            return _one(booking.reserve(point, command, now_ms))
        case ReserveNow():
            return _one(booking.reserve_now(point, command, now_ms))
        case Meter():
            return charging.meter(point, command, now_ms)
        case Tick():
            return _tick(point, now_ms)
        case StartReservation():
            return charging.start_reservation(point, command, now_ms)
        case PlugIn():
            return charging.plug_in(point, command, now_ms)
        case Stop():
            return charging.stop(point, command, now_ms)
        case Cancel():
            return booking.cancel(point, command, now_ms)
        case PrepareStop() | CommitStop() | AbortStop():
            return stops.decide_stop(point, command, now_ms)
        case CreatePoint() | ChangePoint() | ReportFault() | ClearFault():
            return _by_operator(point, command, now_ms)


def point_time_ms(point: Point, clock_ms: int) -> int:
    """Return the time at which the point acts: the clock's, or its own last one should the clock have gone back.

    Time never runs backwards for a point, so that a window released at one time is never sold again from an earlier one.
    """
    return max(clock_ms, point.updated_ms)


def _one(outcome: Event | Refusal) -> Decision:
    return outcome if isinstance(outcome, Refusal) else [outcome]


def _by_operator(point: Point, command: CreatePoint | ChangePoint | ReportFault | ClearFault, now_ms: int) -> Decision:
    match command:
        case CreatePoint():
            return PointExists(point.id) if point.seq else [PointCreated(command.spec)]
        case ChangePoint():
            return _change(point, command)
        case ReportFault():
            return _report_fault(point, command, now_ms)
        case ClearFault():
            return [] if point.fault is None else [PointChanged(point.spec, point.maintenance, None)]


def _change(point: Point, command: ChangePoint) -> Decision:
    spec = point.spec if command.spec is None else command.spec
    try:
        spec = replace(
            spec,
            name=spec.name if command.name is None else command.name,
            price_per_kwh_minor=(
                spec.price_per_kwh_minor if command.price_per_kwh_minor is None else command.price_per_kwh_minor
            ),
            terms=replace(spec.terms, **dict(command.terms)),
        )
    except (ValueError, TypeError) as error:
        return PointInvalid(str(error))
    maintenance = point.maintenance if command.maintenance is None else command.maintenance
    if spec == point.spec and maintenance == point.maintenance:
        return []
    return [PointChanged(spec, maintenance, point.fault)]


def _report_fault(point: Point, command: ReportFault, now_ms: int) -> Decision:
    events: list[Event] = []
    if point.session is not None:
        over = charging.stopped(point.session, point.session.energy_wh, now_ms, "fault")
        invalid, canceled = SessionStatus.INVALID, ReservationStatus.CANCELED
        events.append(replace(over, status=invalid, reservation_status=canceled, cost_minor=0))
    if point.fault != command.description:
        events.append(PointChanged(point.spec, point.maintenance, command.description))
    return events


def _tick(point: Point, now_ms: int) -> Decision:
    """Deal with the earliest window. No later one can be due: windows are disjoint, so their deadlines are in order.

    A window in doubt is left as it is, however late: only the trip's decision ends it (a unilateral expiry would break P3).
    """
    first = point.first()
    if first is None:
        return []
    if first.status is ReservationStatus.ACTIVE and first.end_ms <= now_ms:
        return [_overrun(point, first)]
    if first.status is ReservationStatus.RESERVED and point.no_show_ms(first) <= now_ms:
        status, reason = ReservationStatus.NO_SHOW, "no-show"
        if booking.out_of_service(point) is not None:
            status, reason = ReservationStatus.CANCELED, "point-unavailable"
        return [ReservationReleased(first.id, status, point.no_show_ms(first), reason)]
    return []


def _overrun(point: Point, reservation: Reservation) -> Event:
    """A session outlived its window: lengthen the window once, as far as it is free, then stop the session."""
    assert point.session is not None
    if not reservation.extended:
        end_ms = reservation.end_ms + point.spec.terms.late_stop_s * 1000
        next_start_ms = point.calendar.next_start(reservation.end_ms)
        end_ms = end_ms if next_start_ms is None else min(end_ms, next_start_ms)
        if end_ms > reservation.end_ms:
            return ReservationExtended(reservation.id, end_ms)
    return charging.stopped(point.session, point.session.energy_wh, reservation.end_ms, "window-over")
