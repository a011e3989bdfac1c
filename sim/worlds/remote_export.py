"""What a node exports of its database (``GET /v1/export/{table}``), read and written down as the SQLite file of a run."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from sqlalchemy import Connection, create_engine, insert
from sqlmodel import SQLModel

from nodes.store.tables import SCHEMA_VERSION
from sim.errors import LaboratoryError

_ROWS_AT_ONCE = 500
_STATUSES = {
    401: "an operator's token is needed (--token-file, or RECARGA_TOKEN)",
    403: "the token is no operator's (--token-file, or RECARGA_TOKEN)",
    404: "it has no /v1/export: it is no node of this version",
}

Json = dict[str, Any]


class RemoteError(LaboratoryError):
    """Nodes that run elsewhere are not what the run needs; the text says which and why."""


async def read_head(session: aiohttp.ClientSession, url: str) -> Json:
    """Return who a node is, and when it is there: ``node epoch ver at_ms``. Raises ``RemoteError``."""
    # to its end: an export that is left counts for a while, and there is one at a time
    lines = [line async for line in _lines(session, url, "node")]
    if not lines:
        raise RemoteError(f"{url}: said nothing")
    return lines[0]


async def save_export(session: aiohttp.ClientSession, url: str, path: Path) -> Json:
    """Write all that a node holds at one moment into a new SQLite file; return the head. Raises ``RemoteError``."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        SQLModel.metadata.create_all(engine)
        with engine.begin() as connection:
            return await _write(connection, url, _lines(session, url, "all"))
    finally:
        engine.dispose()


async def _write(connection: Connection, url: str, lines: AsyncIterator[Json]) -> Json:
    head = await anext(lines)
    if head["schema_version"] != SCHEMA_VERSION:
        raise RemoteError(f"{url}: has schema {head['schema_version']}; this laboratory knows schema {SCHEMA_VERSION}")
    name, rows, count = "", list[Json](), 0
    async for line in lines:
        if rows and (line.get("table") != name or len(rows) >= _ROWS_AT_ONCE):
            connection.execute(insert(SQLModel.metadata.tables[name]), rows)
            count, rows = count + len(rows), []
        if "end" in line:
            if line["rows"] != count:
                raise RemoteError(f"{url}: says that it exported {line['rows']} rows, and {count} came")
            return head
        name = line["table"]
        rows.append(line["row"])
    raise RemoteError(f"{url}: the export was cut after {count + len(rows)} rows")


async def _lines(session: aiohttp.ClientSession, url: str, table: str) -> AsyncIterator[Json]:
    """Yield the lines of an export."""
    try:
        async with session.get(f"{url}/v1/export/{table}") as answer:
            if answer.status != 200:
                raise RemoteError(f"{url}: {_STATUSES.get(answer.status, await answer.text())} ({answer.status})")
            async for line in answer.content:
                yield orjson.loads(line)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise RemoteError(f"{url}: cannot be reached: {error!s:.300}") from error
    except ValueError as error:
        raise RemoteError(f"{url}: is no node of this version: {error}") from error
