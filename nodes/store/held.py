"""What drivers have at this node, the newest first, page by page: each page is found by an index."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Table,
    TextClause,
    and_,
    literal_column,
    select,
    text,
    tuple_,
)

from nodes.records import Held
from nodes.request import HeldKind, ReadHeld
from nodes.store import load
from nodes.store.tables import (
    DRIVER_OF_ACTIVE,
    RESERVATION_IN_FORCE,
    SESSION_ACTIVE,
    ReservationRow,
    SessionRow,
    TripRow,
    table,
)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one kind is found."""

    rows: Table
    made_ms: Column[int]
    read: Callable[[Row[Any]], Held]
    active: str | None = None
    """What is in force, as the index has it."""
    marks: tuple[str, str] = ("", "")
    """Ids of a point's own lie between its id with the one and with the other of these."""


def held(connection: Connection, query: ReadHeld) -> list[Held]:
    """Return what a query asks for."""
    source = _SOURCES[query.kind]
    rows, made_ms = source.rows, source.made_ms
    conditions: list[ColumnElement[bool] | TextClause] = []
    if query.driver_id is not None:
        whose = literal_column(DRIVER_OF_ACTIVE, rows.c.driver_id.type) if query.is_active else rows.c.driver_id
        conditions.append(whose == query.driver_id)
    if query.point_id is not None:
        first, last = (f"{query.point_id}.{mark}" for mark in source.marks)
        conditions.append(and_(rows.c.id >= first, rows.c.id < last))
    if query.is_active is not None and source.active is not None:
        conditions.append(text(source.active if query.is_active else f"not ({source.active})"))
    if query.before is not None:
        conditions.append(tuple_(made_ms, rows.c.id) < query.before)
    found = select(rows).where(*conditions).order_by(made_ms.desc(), rows.c.id.desc()).limit(query.limit)
    return [source.read(row) for row in connection.execute(found)]


_RESERVATIONS, _SESSIONS, _TRIPS = table(ReservationRow), table(SessionRow), table(TripRow)
_SOURCES = {
    HeldKind.RESERVATIONS: _Source(
        _RESERVATIONS, _RESERVATIONS.c.created_ms, load.reservation_from, RESERVATION_IN_FORCE, ("r", "s")
    ),
    HeldKind.SESSIONS: _Source(_SESSIONS, _SESSIONS.c.started_ms, load.session_from, SESSION_ACTIVE, ("s", "t")),
    HeldKind.TRIPS: _Source(_TRIPS, _TRIPS.c.created_ms, load.trip_from),
}
