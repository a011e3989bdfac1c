"""The statements of the hot path on PostgreSQL: a whole batch is one call of a function, and so one round trip.

As on SQLite (``nodes.store.statements``) the rows go as JSON. The function first makes sure that the node is still in the
epoch that it was opened in: whoever opened the database since has raised it, and nothing of an older life gets in.
"""

from typing import Any

import orjson
import psycopg
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from nodes.store.changes import (
    CHANGED_COLUMNS,
    POINT_CHANGED,
    POINT_CREATED,
    Change,
    Row,
    changes,
    insert_of,
    quoted,
    update_of,
)
from nodes.store.plain_text import JSON_ESCAPES, to_plain
from nodes.store.tables import PointRow, table

SUPERSEDED = "RE001"
"""The SQLSTATE of a batch that comes from a life which is over."""
_RUN = "select run_batch(%b::text, %b::bigint, %b::text[])"
_SETTINGS = (
    "statement_timeout = 0",  # somebody's default for people who ask; a batch is not asked for again
    "lock_timeout = 0",
    "jit = off",
    "plan_cache_mode = force_generic_plan",
    # plans are made while the tables are still empty, and kept: what is then the fastest way to a row would not stay it
    "enable_seqscan = off",
    "enable_hashjoin = off",
    "enable_mergejoin = off",
)


class BatchFunction:
    """Puts rows into the tables, each kind of change in the order of ``nodes.store.changes``."""

    def __init__(self, connection: "psycopg.Connection[Any]", node_id: str, epoch: int) -> None:
        """Prepare a connection in autocommit mode, and make the function in its schema: each program has its own."""
        self._node_id = node_id
        self._epoch = epoch
        points = table(PointRow)
        of_points = [insert_of(POINT_CREATED, points), update_of(POINT_CHANGED, points, *CHANGED_COLUMNS)]
        self._changes = [*of_points, *changes()]
        connection.execute("; ".join(f"set {setting}" for setting in _SETTINGS))
        connection.execute(_function(self._changes).encode())
        self._cursor = connection.cursor()

    def run(self, rows: dict[str, list[Row]]) -> None:
        """See ``BatchRunner.run``."""
        batch = [_parameter(change, rows.get(change.name)) for change in self._changes]
        self._cursor.execute(_RUN, (self._node_id, self._epoch, batch), prepare=True)


def _parameter(change: Change, rows: list[Row] | None) -> str | None:
    if rows is None:
        return None
    if change.key is not None:
        rows = list({row[change.key]: row for row in rows}.values())
    text = orjson.dumps(rows).decode()
    if any(escape in text for escape in JSON_ESCAPES):
        text = orjson.dumps([{name: _plain(value) for name, value in row.items()} for row in rows]).decode()
    return text


def _plain(value: Any) -> Any:
    return to_plain(value) if isinstance(value, str) else value


def _function(steps: list[Change]) -> str:
    body = "\n".join(_step(change, place) for place, change in enumerate(steps, 1))
    return f"""create or replace function run_batch(_node text, _epoch bigint, _batch text[]) returns void
language plpgsql as $batch$
begin
perform 1 from node where id = _node and epoch = _epoch for update;
if not found then
  raise exception 'this database was opened by another process since' using errcode = '{SUPERSEDED}';
end if;
{body}
end
$batch$"""


def _step(change: Change, place: int) -> str:
    members = ", ".join(f"{quoted(name)} {_type_name(kind)}" for name, kind in change.types.items())
    given = f"json_to_recordset(_batch[{place}]::json) as given({members})"
    return f"if _batch[{place}] is not null then {change.sql.format(given=given)}; end if;"


def _type_name(kind: TypeEngine[Any]) -> str:
    return kind.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call] # SQLAlchemy's own
