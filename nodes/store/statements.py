"""The statements of the hot path on SQLite: a whole batch is one execution.

The driver lets go of the interpreter lock at every execution, and then waits for a busy loop to give it back; a batch of
sixteen answers with one execution per table took so long that the loop ran dry. So the rows go to SQLite as JSON, and a
trigger on a view of our connection puts them into the tables: one execution, one transaction, one fsync.

What holds floating-point numbers (a point's place) is bound as usual, so that it comes back to the last bit.
"""

import sqlite3
from operator import itemgetter

import orjson

from nodes.store.changes import CHANGED_COLUMNS, POINT_CHANGED, POINT_CREATED, Change, Row, changes, quoted
from nodes.store.tables import PointRow, table


class BatchStatement:
    """Puts rows into the tables, each kind of change in the order of ``nodes.store.changes``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Prepare a connection in autocommit mode: create the view and its trigger for it alone."""
        self._connection = connection
        steps = [_Step(change) for change in changes()]
        self._steps = {step.name: step for step in steps}
        names = ", ".join(f"null as {quoted(name)}" for name in self._steps)
        connection.execute(f"create temp view batch as select {names}")
        body = ";\n".join(step.sql for step in steps)
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
    """One kind of change, reading its rows from a member of the trigger's ``new``: a JSON array of arrays."""

    def __init__(self, change: Change) -> None:
        self.name = change.name
        members = ", ".join(f"{_member(place)} as {quoted(name)}" for place, name in enumerate(change.columns))
        given = f"(select {members} from json_each(new.{quoted(change.name)})) as given"
        self.sql = change.sql.format(given=given)
        self._is_update = change.key == "row_id"
        self._in_order = itemgetter(*change.columns)

    def parameter(self, rows: list[Row] | None) -> str:
        """Return the rows as JSON; of several changes of one row the last stands."""
        if rows is None:
            return "[]"
        if self._is_update:
            rows = list({row["row_id"]: row for row in rows}.values())
        return orjson.dumps([self._in_order(row) for row in rows]).decode()


def _member(place: int) -> str:
    return f"json_extract(value, '$[{place}]')"  # and not ->>, which SQLite has only since 3.38


_POINT_COLUMNS = [column.name for column in table(PointRow).c]
_CREATE_POINT = (
    f"insert into charging_point ({', '.join(map(quoted, _POINT_COLUMNS))}) "
    f"values ({', '.join(f':{name}' for name in _POINT_COLUMNS)})"
)
_CHANGE_POINT = (
    f"update charging_point set {', '.join(f'{name} = :{name}' for name in CHANGED_COLUMNS)} where id = :row_id"
)
