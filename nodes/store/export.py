"""All that a database holds, as lines of JSON: the state of one moment, whatever is written meanwhile.

The first line says which moment, each further one is a row, and the last says how many rows there were: a stream that
ends without it was cut.
"""

from collections.abc import Generator, Iterator, Sequence
from enum import StrEnum

import orjson
from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from nodes.store.tables import NodeRow, table

_ROWS_AT_ONCE = 500


class ExportedTable(StrEnum):
    """What can be exported."""

    ALL = "all"
    NODE = "node"
    CHARGING_POINT = "charging_point"
    RESERVATION = "reservation"
    SESSION = "session"
    TRIP = "trip"
    JOURNAL = "journal"
    IDEMPOTENCY_KEY = "idempotency_key"


def export_lines(connection: Connection, wanted: ExportedTable, now_ms: int) -> Generator[bytes, None, None]:
    """Yield lines, some hundred at a time, all of one transaction."""
    names = sorted(SQLModel.metadata.tables) if wanted is ExportedTable.ALL else [wanted.value]
    with connection.begin():
        node, count = connection.execute(select(table(NodeRow))).one(), 0
        head = {
            "schema_version": node.schema_version,
            "node": node.id,
            "epoch": node.epoch,
            "ver": node.ver,
            "at_ms": now_ms,
        }
        yield _lines([{"export": wanted.value, **head}])
        for name in names:
            for rows in _pages(connection, name):
                count += len(rows)
                yield _lines([{"table": name, "row": row} for row in rows])
        yield _lines([{"end": wanted.value, "rows": count}])


def _pages(connection: Connection, name: str) -> Iterator[list[dict[str, object]]]:
    """Yield a table's rows in order of its key, page by page: nobody's memory holds all of them."""
    source = SQLModel.metadata.tables[name]
    (key,) = source.primary_key.columns
    query = select(source).order_by(key).limit(_ROWS_AT_ONCE)
    after = None
    while True:
        page = query if after is None else query.where(key > after)
        rows = [dict(row) for row in connection.execute(page).mappings()]
        if rows:
            yield rows
        if len(rows) < _ROWS_AT_ONCE:
            return
        after = rows[-1][key.name]


def _lines(objects: Sequence[dict[str, object]]) -> bytes:
    return b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in objects)
