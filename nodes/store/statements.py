"""The statements of the hot path: a whole batch is one execution.

The driver lets go of the interpreter lock at every execution, and then waits for a busy loop to give it back; a batch of
sixteen answers with one execution per table took so long that the loop ran dry. So the rows go to SQLite as JSON, and a
trigger on a view of our connection puts them into the tables: one execution, one transaction, one fsync.

What holds floating-point numbers (a point's place) is bound as usual, so that it comes back to the last bit.
"""

import sqlite3
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Table

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


class BatchStatement:
    """Puts rows into the tables, each kind of change in the order of a reservation's or a trip's life.

    So it does not matter how much of a life falls into one batch. What can happen in more than one order, or again (a
    trip that was kept may be given back anew), is one kind of change: the last stands.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Prepare a connection in autocommit mode: create the view and its trigger for it alone."""
        self._connection = connection
        self._steps = {step.name: step for step in _steps()}
        names = ", ".join(f"null as {_quoted(name)}" for name in self._steps)
        connection.execute(f"create temp view batch as select {names}")
        body = ";\n".join(step.sql for step in self._steps.values())
        connection.execute(f"create temp trigger run_batch instead of insert on batch begin\n{body};\nend")
        self._sql = f"insert into batch values ({', '.join('?' * len(self._steps))})"

    def run(self, rows: dict[str, list[Row]]) -> None:
        """Make the changes, durably. Takes rows by kind of change; the key of an update is ``row_id``."""
        if POINT_CREATED in rows or POINT_CHANGED in rows:
            with self._connection:
                self._connection.execute("begin immediate")
                self._run_points(rows)
                self._run_rest(rows)
        else:
            self._run_rest(rows)

    def _run_points(self, rows: dict[str, list[Row]]) -> None:
        self._connection.executemany(_CREATE_POINT, rows.get(POINT_CREATED, ()))
        self._connection.executemany(_CHANGE_POINT, rows.get(POINT_CHANGED, ()))

    def _run_rest(self, rows: dict[str, list[Row]]) -> None:
        self._connection.execute(self._sql, [step.parameter(rows.get(step.name)) for step in self._steps.values()])


class _Step:
    """One kind of change: a statement that reads its rows from a member of the trigger's ``new``."""

    def __init__(self, name: str, columns: Sequence[str], sql: str) -> None:
        self.name = name
        self.sql = sql.format(rows=f"json_each(new.{_quoted(name)})")
        self._in_order = itemgetter(*columns)

    def parameter(self, rows: list[Row] | None) -> str:
        return "[]" if rows is None else orjson.dumps([self._in_order(row) for row in rows]).decode()


class _Update(_Step):
    def parameter(self, rows: list[Row] | None) -> str:
        """Of several changes of one row, the last stands."""
        return super().parameter(rows and list({row["row_id"]: row for row in rows}.values()))


def _insert(name: str, target: Table) -> _Step:
    columns = [column.name for column in target.c]
    return _Step(name, columns, f"insert into {target.name} ({_list(columns)}) select {_values(columns)} from {{rows}}")


def _update(name: str, target: Table, *columns: str) -> _Step:
    """Return an update by ``id``. A ``start_ms`` only becomes earlier: plugging in early moves a window."""
    given = {column: f"given.{_quoted(column)}" for column in columns}
    if "start_ms" in given:
        given["start_ms"] = f"min({target.name}.start_ms, {given['start_ms']})"
    changes = ", ".join(f"{_quoted(column)} = {value}" for column, value in given.items())
    names = ("row_id", *columns)
    rows = ", ".join(f"{_member(place)} as {_quoted(column)}" for place, column in enumerate(names))
    where = f"{target.name}.id = given.row_id"
    return _Update(
        name, names, f"update {target.name} set {changes} from (select {rows} from {{rows}}) as given where {where}"
    )


def _keep_answers(name: str, target: Table) -> _Step:
    columns = [column.name for column in target.c if column.name != "id"]
    replaced = ", ".join(f"{_quoted(column)} = excluded.{_quoted(column)}" for column in columns)
    insert = f"insert into {target.name} ({_list(columns)}) select {_values(columns)} from {{rows}} where true"
    return _Step(name, columns, f"{insert} on conflict (key) do update set {replaced}")


def _prune_answers(name: str, target: Table) -> _Step:
    """Look at the oldest answers, ``limit`` of them, and delete those that have expired: bounded work."""
    oldest = (
        f"select id, created_ms from {target.name} order by id limit coalesce((select {_member(0)} from {{rows}}), 0)"
    )
    expired = f"select id from ({oldest}) where created_ms <= (select {_member(1)} from {{rows}})"
    return _Step(name, ("limit", "expired_ms"), f"delete from {target.name} where id in ({expired})")


def _steps() -> list[_Step]:
    reservations, sessions, answers = table(ReservationRow), table(SessionRow), table(AnswerRow)
    trips = table(TripRow)
    return [
        _insert("journal", table(JournalRow)),
        _insert("reservation.reserved", reservations),
        _insert("session.started", sessions),
        _update("reservation.confirmed", reservations, "status", "epoch", "seq"),
        _update("reservation.active", reservations, "status", "start_ms", "epoch", "seq"),
        _update("reservation.extended", reservations, "end_ms", "extended", "epoch", "seq"),
        _update("session.metered", sessions, "energy_wh", "metered_ms", "epoch", "seq"),
        _update("session.stopped", sessions, "status", "ended_ms", "energy_wh", "cost_minor", "reason", "epoch", "seq"),
        _update("reservation.ended", reservations, "status", "released_ms", "reason", "epoch", "seq"),
        _insert("trip.begun", trips),
        _update("trip.decided", trips, "status", "stops", "reason", "failed_stop", "decided_ms", "settled"),
        _update("trip.settled", trips, "settled"),
        _update("trip.cancelling", trips, "status", "cancel_asked", "outcomes"),
        _update("trip.version", trips, "epoch", "seq"),
        _update("point.version", table(PointRow), "epoch", "seq", "updated_ms"),
        _update("node", table(NodeRow), "ver"),
        _keep_answers("answers", answers),
        _prune_answers("expired", answers),
    ]


def _member(place: int) -> str:
    return f"json_extract(value, '$[{place}]')"  # and not ->>, which SQLite has only since 3.38


def _quoted(name: str) -> str:
    return f'"{name}"'


def _list(columns: Sequence[str]) -> str:
    return ", ".join(map(_quoted, columns))


def _values(columns: Sequence[str]) -> str:
    return ", ".join(map(_member, range(len(columns))))


POINT_CREATED, POINT_CHANGED = "point.created", "point.changed"
_POINT_COLUMNS = [column.name for column in table(PointRow).c]
_CREATE_POINT = (
    f"insert into charging_point ({_list(_POINT_COLUMNS)}) values ({', '.join(f':{name}' for name in _POINT_COLUMNS)})"
)
_CHANGED = (*SPEC_COLUMNS, "maintenance", "fault", "changed_ms")
_CHANGE_POINT = f"update charging_point set {', '.join(f'{name} = :{name}' for name in _CHANGED)} where id = :row_id"
