"""The answer that a point's decision becomes."""

import orjson

from nodes.domain.apply import Subject
from nodes.domain.booking import may_cancel
from nodes.domain.commands import (
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
)
from nodes.domain.point import Point
from nodes.domain.refusals import Refusal, ReservationOver, SessionOver, UnknownReservation, UnknownSession
from nodes.domain.reservation import Reservation, ReservationStatus
from nodes.domain.session import Session
from nodes.problems import KEY_REUSED, problem, refusal_answer
from nodes.records import Answer, Kept, Witness
from nodes.representation import encode, windows_json
from nodes.request import Action, Query, ReadCalendar, ReadReservation, ReadSession

POINT_COMMANDS = (CreatePoint, ChangePoint, ReportFault, ClearFault)
"""Commands that are answered with the point, whatever else they did."""

_CREATING = (CreatePoint, Reserve, ReserveNow, PrepareStop, StartReservation, PlugIn)


def subject_id(action: Action) -> str | None:
    """Return the reservation or session that a request is about, if it is about one."""
    if isinstance(action, (Cancel, CommitStop, StartReservation, ReadReservation)):
        return action.reservation_id
    if isinstance(action, (Meter, Stop, ReadSession)):
        return action.session_id
    return None


def done(command: Command, subject: Subject, witness: Witness, now_ms: int, *, changed: bool) -> Answer:
    """Return the answer to a command that was obeyed: what it is about, as it is now."""
    created = changed and isinstance(command, _CREATING)
    return Answer(
        status=201 if created else 200,
        body=encode(subject, now_ms),
        witness=witness,
        location=path_of(subject) if created else None,
    )


def refused(
    command: Command, refusal: Refusal, past: Reservation | Session | None, witness: Witness, now_ms: int
) -> Answer:
    """Return the answer to a command that was refused.

    ``past`` is what the command is about, if that is over. To cancel what is cancelled, and to stop what has stopped,
    is no mistake: the caller gets what it wanted.
    """
    if past is None or not _may_touch(command, past):
        return refusal_answer(refusal, witness)
    if isinstance(past, Session):
        if isinstance(command, Stop):
            return Answer(200, encode(past, now_ms), witness)
        return refusal_answer(SessionOver(past.id, past.status), witness)
    if (
        isinstance(command, CommitStop)
        and past.trip_id == command.trip_id
        and past.status is not ReservationStatus.REJECTED
    ):
        return Answer(200, encode(past, now_ms), witness)
    if isinstance(command, Cancel) and past.status is ReservationStatus.CANCELED:
        return Answer(200, encode(past, now_ms), witness)
    return refusal_answer(ReservationOver(past.id, past.status), witness)


def _may_touch(command: Command, past: Reservation | Session) -> bool:
    """Whether who asks may be told of it."""
    if isinstance(command, Cancel):
        return isinstance(past, Reservation) and may_cancel(command, past)
    driver_id = command.driver_id if isinstance(command, (StartReservation, Meter, Stop)) else None
    return driver_id in (None, past.driver_id)


def told(query: Query, point: Point, subject: Reservation | Session | None, witness: Witness, now_ms: int) -> Answer:
    """Return the answer to a query. ``subject`` is the reservation or session it is about."""
    if isinstance(query, ReadCalendar):
        return Answer(200, orjson.dumps(windows_json(point, query.from_ms, query.until_ms, query.limit)), witness)
    driver_id = query.driver_id if isinstance(query, (ReadReservation, ReadSession)) else None
    if subject is not None and driver_id in (None, subject.driver_id):
        return Answer(200, encode(subject, now_ms), witness)
    if isinstance(query, ReadReservation):
        return refusal_answer(UnknownReservation(query.reservation_id), witness)
    if isinstance(query, ReadSession):
        return refusal_answer(UnknownSession(query.session_id), witness)
    return Answer(200, encode(point, now_ms), witness)


def repeated(kept: Kept, fingerprint: str) -> Answer:
    """Return the answer to a request whose key was used before: the first answer, if it is the same request."""
    if kept.fingerprint == fingerprint:
        return kept.answer
    return key_reused()


def key_reused() -> Answer:
    """Return the answer to a request whose key stands for another one."""
    return problem(KEY_REUSED, "this key came with another request before; a new request needs a new key")


def path_of(subject: Subject) -> str:
    """Return the path under which a point, a reservation or a session is found."""
    kind = {Point: "points", Reservation: "reservations", Session: "sessions"}[type(subject)]
    return f"/v1/{kind}/{subject.id}"
