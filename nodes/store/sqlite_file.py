"""What is particular to SQLite: settings, checks, and the meaning of its errors."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from nodes.errors import StoreCorrupt, StoreError, StoreFailed, StoreFull, StoreReadOnly

DURABLE = (
    "PRAGMA journal_mode = WAL",  # readers (people, the audit) never wait for the writer
    "PRAGMA synchronous = FULL",  # a commit returns after fsync: acknowledged means durable
    "PRAGMA busy_timeout = 5000",  # ms; somebody may look into the file with another tool
    "PRAGMA cache_size = -16384",  # KiB; the working set of a busy node
)
"""What a node's connections are set to."""

FLEETING = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -16384",
)
"""For a laboratory that simulates the disk: the same file, and no fsync."""


_VERSION_MIN = (3, 33, 0)
"""The first with UPDATE FROM."""


def open_engine(path: Path, settings: tuple[str, ...] = DURABLE) -> Engine:
    """Return an engine on that file, with our settings on every connection."""
    if sqlite3.sqlite_version_info < _VERSION_MIN:
        needed = ".".join(map(str, _VERSION_MIN))
        raise StoreFailed(str(path), f"this Python has SQLite {sqlite3.sqlite_version}; {needed} or newer is needed")
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: we do, or a statement is a transaction
        for setting in settings:
            connection.execute(setting)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def driver_connection(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection."""
    own = connection.connection.driver_connection
    assert isinstance(own, sqlite3.Connection)
    return own


def check(connection: Connection, path: Path) -> None:
    """Raise ``StoreCorrupt`` when the file's structure is damaged."""
    findings = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(3)")]
    if findings != ["ok"]:
        raise StoreCorrupt(str(path), f"the database is damaged: {'; '.join(findings)}")


def store_error(error: Exception, path: Path) -> StoreError:
    """Return what an error of the driver means for the node."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    text = f"{cause}"
    if code is None:
        return StoreFailed(str(path), f"{type(cause).__name__}: {text}")
    kind = _MEANINGS.get(code & 0xFF, StoreFailed)
    return kind(str(path), f"{_WORDS.get(kind, 'reading or writing failed')} ({text})")


_MEANINGS: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_CORRUPT: StoreCorrupt,
    sqlite3.SQLITE_NOTADB: StoreCorrupt,
    sqlite3.SQLITE_READONLY: StoreReadOnly,
    sqlite3.SQLITE_CANTOPEN: StoreReadOnly,
    sqlite3.SQLITE_PERM: StoreReadOnly,
}

_WORDS: dict[type[StoreError], str] = {
    StoreFull: "the disk is full",
    StoreCorrupt: "the file is damaged or no SQLite database",
    StoreReadOnly: "the file or its folder cannot be written",
}
