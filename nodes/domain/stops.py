"""A trip's stop on one point: promised, and then confirmed or given back, as the trip's coordinator decides.

From the promise on the point does nothing of its own accord: two-phase commit with presumed abort (Mohan, Lindsay and
Obermarck, *Transaction Management in the R* Distributed Database Management System*, 1986).
"""

from collections.abc import Sequence

from nodes.domain.booking import reserve
from nodes.domain.commands import AbortStop, CommitStop, PrepareStop, Reserve
from nodes.domain.events import Event, ReservationConfirmed, ReservationPrepared, ReservationReleased
from nodes.domain.point import Point
from nodes.domain.refusals import Refusal, ReservationPending, UnknownReservation
from nodes.domain.reservation import ReservationStatus

TRIP_ABORTED = "trip-aborted"
"""Why a stop was given back: the trip was not to be. Who is in doubt about another stop of it may rely on that."""
STOP_REPLACED = "stop-replaced"
"""Why a stop was given back: the trip has, or was to have, another point for it. That says nothing of the trip."""


def decide_stop(point: Point, command: PrepareStop | CommitStop | AbortStop, now_ms: int) -> Sequence[Event] | Refusal:
    """Return what follows from a command about a trip's stop."""
    match command:
        case PrepareStop():
            prepared = prepare(point, command, now_ms)
            return prepared if isinstance(prepared, Refusal) else [prepared]
        case CommitStop():
            return commit(point, command)
        case AbortStop():
            return abort(point, command, now_ms)


def prepare(point: Point, command: PrepareStop, now_ms: int) -> ReservationPrepared | Refusal:
    """Promise a window, under the same rules as any reservation's. A stop is promised once at a time."""
    if (promised := point.in_doubt.get((command.trip_id, command.stop))) is not None:
        return ReservationPending(promised, command.trip_id)
    reserved = reserve(point, Reserve(command.driver_id, command.start_ms, command.end_ms), now_ms)
    if isinstance(reserved, Refusal):
        return reserved
    return ReservationPrepared(
        reservation_id=reserved.reservation_id,
        driver_id=reserved.driver_id,
        start_ms=reserved.start_ms,
        end_ms=reserved.end_ms,
        price_per_kwh_minor=reserved.price_per_kwh_minor,
        currency=reserved.currency,
        created_ms=reserved.created_ms,
        trip_id=command.trip_id,
        trip_stop=command.stop,
        trip_points=command.points,
    )


def commit(point: Point, command: CommitStop) -> Sequence[Event] | Refusal:
    """Let a promised window stand. Asked again, nothing changes."""
    reservation = point.reservations.get(command.reservation_id)
    if reservation is None or reservation.trip_id != command.trip_id:
        return UnknownReservation(command.reservation_id)
    if reservation.status is not ReservationStatus.PENDING:
        return []
    return [ReservationConfirmed(reservation.id)]


def abort(point: Point, command: AbortStop, now_ms: int) -> Sequence[Event] | Refusal:
    """Give a promised window back. Where nothing is in doubt there is nothing to do: a stop that stands is not touched."""
    reservation_id = point.in_doubt.get((command.trip_id, command.stop))
    if reservation_id is None:
        return UnknownReservation(f"stop {command.stop} of {command.trip_id}")
    reason = STOP_REPLACED if command.is_replaced else TRIP_ABORTED
    released_ms = min(now_ms, point.reservations[reservation_id].end_ms)  # what lies behind its end may be another's
    return [ReservationReleased(reservation_id, ReservationStatus.REJECTED, released_ms, reason)]
