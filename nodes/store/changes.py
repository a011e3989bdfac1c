"""What a batch changes, statement by statement, for every SQL database that a node may have.

Each kind of change reads its rows from a table expression, ``given``, that the database's own module puts there:
``nodes.store.statements`` for SQLite, ``nodes.store.postgres_statements`` for PostgreSQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Table
from sqlalchemy.types import TypeEngine

from nodes.store.tables import AnswerRow, JournalRow, NodeRow, PointRow, ReservationRow, SessionRow, TripRow, table

Row = dict[str, Any]
Rows = list[tuple[str, Row]]
"""Changes: which, and the row."""

SPEC_COLUMNS = (
    "name",
    "lat",
    "lon",
    "address",
    "max_power_w",
    "connector",
    "connector_label",
    "price_per_kwh_minor",
    "currency",
    "terms",
    "file_digest",
)
"""Columns of a point that hold what its operator says of it."""
CHANGED_COLUMNS = (*SPEC_COLUMNS, "maintenance", "fault", "changed_ms")
"""Columns of a point that its operator changes."""
POINT_CREATED, POINT_CHANGED = "point.created", "point.changed"
"""The changes that bring floating-point numbers (a point's place)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change. ``sql`` reads its rows from ``{given}``; ``types`` are those of the rows' members, by name."""

    name: str
    types: dict[str, TypeEngine[Any]]
    sql: str
    key: str | None = None
    """Of several rows with the same key the last one stands; None: each is there once."""

    @property
    def columns(self) -> list[str]:
        """The names of the rows' members."""
        return list(self.types)


def changes() -> list[Change]:
    """Return all changes but those of a point by its operator, in the order of a reservation's or a trip's life.

    So it does not matter how much of a life falls into one batch. What can happen in more than one order, or again (a
    trip that was kept may be given back anew), is one kind of change: the last stands.
    """
    reservations, sessions, answers = table(ReservationRow), table(SessionRow), table(AnswerRow)
    trips = table(TripRow)
    return [
        insert_of("journal", table(JournalRow)),
        insert_of("reservation.reserved", reservations),
        insert_of("session.started", sessions),
        update_of("reservation.confirmed", reservations, "status", "epoch", "seq"),
        update_of("reservation.active", reservations, "status", "start_ms", "epoch", "seq"),
        update_of("reservation.extended", reservations, "end_ms", "extended", "epoch", "seq"),
        update_of("session.metered", sessions, "energy_wh", "metered_ms", "epoch", "seq"),
        update_of(
            "session.stopped", sessions, "status", "ended_ms", "energy_wh", "cost_minor", "reason", "epoch", "seq"
        ),
        update_of("reservation.ended", reservations, "status", "released_ms", "reason", "epoch", "seq"),
        insert_of("trip.begun", trips),
        update_of("trip.decided", trips, "status", "stops", "reason", "failed_stop", "decided_ms", "settled"),
        update_of("trip.settled", trips, "settled"),
        update_of("trip.cancelling", trips, "status", "cancel_asked", "outcomes"),
        update_of("trip.version", trips, "epoch", "seq"),
        update_of("point.version", table(PointRow), "epoch", "seq", "updated_ms"),
        update_of("node", table(NodeRow), "ver"),
        _keep_answers("answers", answers),
        _prune_answers("expired", answers),
    ]


def insert_of(name: str, target: Table) -> Change:
    """Return the change that inserts whole rows."""
    types = {column.name: column.type for column in target.c}
    return Change(name, types, f"insert into {target.name} ({_list(types)}) select {_list(types)} from {{given}}")


def update_of(name: str, target: Table, *columns: str) -> Change:
    """Return an update by ``id``, given as ``row_id``. A ``start_ms`` only becomes earlier: plugging in early moves a
    window.
    """
    values = {column: f"given.{quoted(column)}" for column in columns}
    if "start_ms" in values:
        now = f"{target.name}.start_ms"
        values["start_ms"] = f"case when {values['start_ms']} < {now} then {values['start_ms']} else {now} end"
    assigned = ", ".join(f"{quoted(column)} = {value}" for column, value in values.items())
    types = {"row_id": target.c.id.type} | {column: target.c[column].type for column in columns}
    sql = f"update {target.name} set {assigned} from {{given}} where {target.name}.id = given.row_id"
    return Change(name, types, sql, key="row_id")


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return f'"{name}"'


def _keep_answers(name: str, target: Table) -> Change:
    types = {column.name: column.type for column in target.c if column.name != "id"}
    replaced = ", ".join(f"{quoted(column)} = excluded.{quoted(column)}" for column in types)
    insert = f"insert into {target.name} ({_list(types)}) select {_list(types)} from {{given}} where true"
    return Change(name, types, f"{insert} on conflict (key) do update set {replaced}", key="key")


def _prune_answers(name: str, target: Table) -> Change:
    """Look at the oldest answers, ``limit`` of them, and delete those that have expired: bounded work."""
    many = 'coalesce((select "limit" from {given}), 0)'
    oldest = f"select id, created_ms from {target.name} order by id limit {many}"
    expired = f"select id from ({oldest}) as oldest where created_ms <= (select expired_ms from {{given}})"
    types: dict[str, TypeEngine[Any]] = {"limit": BigInteger(), "expired_ms": BigInteger()}
    return Change(name, types, f"delete from {target.name} where id in ({expired})")


def _list(columns: Sequence[str] | dict[str, TypeEngine[Any]]) -> str:
    return ", ".join(map(quoted, columns))
