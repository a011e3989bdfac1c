"""Reading rows back as what they were: points with what is in force, reservations, sessions, kept answers."""

from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from nodes.domain.calendar import Calendar, Entry
from nodes.domain.point import Connector, Location, Point, PointSpec
from nodes.domain.reservation import IN_FORCE, Reservation, ReservationStatus
from nodes.domain.session import Session, SessionStatus
from nodes.domain.terms import Terms
from nodes.domain.trip import CancelOutcome, Trip, TripStatus
from nodes.records import Answer, Kept, Stamped
from nodes.store.codec import decode_event, decode_held, decode_wanted
from nodes.store.tables import AnswerRow, JournalRow, PointRow, ReservationRow, SessionRow, TripRow, table


def load_points(connection: Connection, epoch: int) -> dict[str, Point]:
    """Return every point with its reservations and its session in force, in order of id."""
    points_table, reservations, sessions = table(PointRow), table(ReservationRow), table(SessionRow)
    points = {
        row.id: _point(row, epoch) for row in connection.execute(select(points_table).order_by(points_table.c.id))
    }
    in_force = reservations.c.status.in_([status.value for status in IN_FORCE])
    query = select(reservations).where(in_force).order_by(reservations.c.point_id, reservations.c.start_ms)
    for row in connection.execute(query):
        points[row.point_id].reservations[row.id] = reservation_from(row)
    for point in points.values():
        entries = [Entry(held.start_ms, held.end_ms, held.id) for held in point.reservations.values()]
        point.calendar = Calendar.from_sorted(entries)
        point.in_doubt = {
            (held.trip_id, held.trip_stop): held.id
            for held in point.reservations.values()
            if held.status is ReservationStatus.PENDING and held.trip_id is not None and held.trip_stop is not None
        }
    for row in connection.execute(select(sessions).where(sessions.c.status == SessionStatus.ACTIVE.value)):
        points[row.point_id].session = session_from(row)
    return points


def in_force(connection: Connection, point_id: str) -> tuple[int, list[Reservation]]:
    """Return a point's ``seq`` and its reservations in force, in order of time; 0 and none, if it is not there."""
    points, reservations = table(PointRow), table(ReservationRow)
    query = (
        select(reservations)
        .where(reservations.c.point_id == point_id, reservations.c.status.in_([status.value for status in IN_FORCE]))
        .order_by(reservations.c.start_ms)
    )
    with connection.begin():  # one state of the database
        seq = connection.scalar(select(points.c.seq).where(points.c.id == point_id)) or 0
        return seq, [reservation_from(row) for row in connection.execute(query)]


def load_keys(connection: Connection, created_after_ms: int) -> list[str]:
    """Return the idempotency keys first used after that time."""
    answers = table(AnswerRow)
    return list(connection.scalars(select(answers.c.key).where(answers.c.created_ms > created_after_ms)))


def reservation_from(row: Row[Any]) -> Reservation:
    """Return a reservation from its row."""
    return Reservation(
        id=row.id,
        point_id=row.point_id,
        driver_id=row.driver_id,
        status=ReservationStatus(row.status),
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        price_per_kwh_minor=row.price_per_kwh_minor,
        currency=row.currency,
        created_ms=row.created_ms,
        epoch=row.epoch,
        seq=row.seq,
        released_ms=row.released_ms,
        trip_id=row.trip_id,
        trip_stop=row.trip_stop,
        trip_points=() if row.trip_points is None else tuple(orjson.loads(row.trip_points)),
        extended=bool(row.extended),
        reason=row.reason,
    )


def session_from(row: Row[Any]) -> Session:
    """Return a session from its row."""
    return Session(
        id=row.id,
        point_id=row.point_id,
        reservation_id=row.reservation_id,
        driver_id=row.driver_id,
        status=SessionStatus(row.status),
        started_ms=row.started_ms,
        max_power_w=row.max_power_w,
        price_per_kwh_minor=row.price_per_kwh_minor,
        currency=row.currency,
        epoch=row.epoch,
        seq=row.seq,
        max_energy_wh=row.max_energy_wh,
        energy_wh=row.energy_wh,
        cost_minor=row.cost_minor,
        metered_ms=row.metered_ms,
        ended_ms=row.ended_ms,
        reason=row.reason,
    )


def load_trips(connection: Connection) -> list[Trip]:
    """Return the trips about which something is still to be done, in order of id."""
    trips = table(TripRow)
    under_way = trips.c.settled.is_(False) | trips.c.cancel_asked.is_(True)
    return [trip_from(row) for row in connection.execute(select(trips).where(under_way).order_by(trips.c.id))]


def trip_from(row: Row[Any]) -> Trip:
    """Return a trip from its row."""
    return Trip(
        id=row.id,
        driver_id=row.driver_id,
        key=row.idempotency_key,
        fingerprint=row.fingerprint,
        wanted=decode_wanted(orjson.loads(row.wanted)),
        created_ms=row.created_ms,
        epoch=row.epoch,
        seq=row.seq,
        status=TripStatus(row.status),
        stops=decode_held(orjson.loads(row.stops)),
        reason=row.reason,
        failed_stop=row.failed_stop,
        decided_ms=row.decided_ms,
        is_settled=bool(row.settled),
        cancel_asked=bool(row.cancel_asked),
        outcomes=tuple(map(CancelOutcome, orjson.loads(row.outcomes))),
    )


def kept_from(row: Row[Any]) -> Kept:
    """Return a kept answer from its row."""
    witness = None if row.epoch is None else (row.epoch, row.seq)
    answer = Answer(row.status, row.body.encode(), witness, row.location)
    return Kept(row.key, row.fingerprint, answer, row.created_ms)


def stamped_from(row: Row[Any]) -> Stamped:
    """Return an event from its journal row."""
    event = decode_event(row.type, row.data)
    return Stamped(row.ver, row.epoch, row.point_id, row.point_seq, row.at_ms, event)


def journal_after(connection: Connection, after_ver: int, limit: int) -> list[Stamped]:
    """Return up to ``limit`` events above ``after_ver``."""
    journal = table(JournalRow)
    query = select(journal).where(journal.c.ver > after_ver).order_by(journal.c.ver).limit(limit)
    return [stamped_from(row) for row in connection.execute(query)]


def _point(row: Row[Any], epoch: int) -> Point:
    spec = PointSpec(
        name=row.name,
        location=Location(row.lat, row.lon, row.address),
        max_power_w=row.max_power_w,
        connector=None if row.connector is None else Connector(row.connector),
        price_per_kwh_minor=row.price_per_kwh_minor,
        currency=row.currency,
        terms=Terms(**orjson.loads(row.terms)),
        connector_label=row.connector_label,
        file_digest=row.file_digest,
    )
    return Point(
        id=row.id,
        spec=spec,
        epoch=epoch,
        seq=row.seq,
        maintenance=bool(row.maintenance),
        fault=row.fault,
        updated_ms=row.updated_ms,
        changed_ms=row.changed_ms,
    )
