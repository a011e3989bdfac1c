"""What drivers have at this node, the newest first, page by page: each page is found by an index."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, and_, select, tuple_

from nodes.domain.reservation import IN_FORCE
from nodes.domain.session import SessionStatus
from nodes.records import Held
from nodes.request import HeldKind, ReadHeld
from nodes.store import load
from nodes.store.tables import ReservationRow, SessionRow, TripRow, table


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one kind is found."""

    rows: Table
    made_ms: Column[int]
    read: Callable[[Row[Any]], Held]
    active: tuple[str, ...] = ()
    """The statuses of what is in force."""
    marks: tuple[str, str] = ("", "")
    """Ids of a point's own lie between its id with the one and with the other of these."""


def held(connection: Connection, query: ReadHeld) -> list[Held]:
    """Return what a query asks for."""
    source = _SOURCES[query.kind]
    rows, made_ms = source.rows, source.made_ms
    conditions: list[ColumnElement[bool]] = []
    if query.driver_id is not None:
        conditions.append(rows.c.driver_id == query.driver_id)
    if query.point_id is not None:
        first, last = (f"{query.point_id}.{mark}" for mark in source.marks)
        conditions.append(and_(rows.c.id >= first, rows.c.id < last))
    if query.is_active is not None and source.active:
        in_force = rows.c.status.in_(source.active)
        conditions.append(in_force if query.is_active else ~in_force)
    if query.before is not None:
        conditions.append(tuple_(made_ms, rows.c.id) < query.before)
    found = select(rows).where(*conditions).order_by(made_ms.desc(), rows.c.id.desc()).limit(query.limit)
    return [source.read(row) for row in connection.execute(found)]


_RESERVATIONS, _SESSIONS, _TRIPS = table(ReservationRow), table(SessionRow), table(TripRow)
_IN_FORCE = tuple(sorted(status.value for status in IN_FORCE))
_SOURCES = {
    HeldKind.RESERVATIONS: _Source(
        _RESERVATIONS, _RESERVATIONS.c.created_ms, load.reservation_from, _IN_FORCE, ("r", "s")
    ),
    HeldKind.SESSIONS: _Source(
        _SESSIONS, _SESSIONS.c.started_ms, load.session_from, (SessionStatus.ACTIVE.value,), ("s", "t")
    ),
    HeldKind.TRIPS: _Source(_TRIPS, _TRIPS.c.created_ms, load.trip_from),
}
