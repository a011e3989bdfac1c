"""What is particular to SQLite: settings, checks, and the meaning of its errors."""

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nodes.errors import StoreCorrupt, StoreError, StoreFailed, StoreFull, StoreReadOnly
from nodes.store.process_lock import ProcessLock
from nodes.store.statements import BatchStatement

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


class SqliteFile:
    """A database file, as a ``Medium``. ``settings`` are the pragmas of every connection."""

    errors: tuple[type[Exception], ...] = (SQLAlchemyError, sqlite3.Error, OSError)

    def __init__(self, path: Path, settings: tuple[str, ...] = DURABLE) -> None:
        self.name = str(path)
        self._path = path
        self._settings = settings
        self._lock = ProcessLock(path.with_suffix(".lock"))
        self._engine: Engine | None = None
        self._connection: Connection | None = None

    def open(self, holder: str) -> Connection:
        """See ``Medium.open``."""
        folder = self._path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreReadOnly(str(folder), f"cannot be made: {error.strerror}") from error
        self._lock.acquire(holder)
        try:
            self._engine = open_engine(self._path, self._settings)
            self._connection = self._engine.connect()
        except BaseException:
            self.close()
            raise
        return self._connection

    def check(self, connection: Connection) -> set[str]:
        """See ``Medium.check``."""
        findings = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(3)")]
        if findings != ["ok"]:
            raise StoreCorrupt(self.name, f"the database is damaged: {'; '.join(findings)}")
        return set(inspect(connection).get_table_names())

    def make_room(self, connection: Connection) -> None:
        """A file has room for tables as it is."""

    def batches(self, connection: Connection, node_id: str, epoch: int) -> BatchStatement:
        """See ``Medium.batches``. Nobody else writes while the lock is held, so epochs need not be compared."""
        del node_id, epoch
        return BatchStatement(driver_connection(connection))

    def reading(self) -> AbstractContextManager[Connection]:
        """See ``Medium.reading``."""
        if self._engine is None:
            raise StoreFailed(self.name, "the store is closed")
        return self._engine.connect()

    def error(self, error: Exception) -> StoreError:
        """See ``Medium.error``."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlite_errorcode", None)
        text = f"{cause}"
        if code is None:
            return StoreFailed(self.name, f"{type(cause).__name__}: {text}")
        kind = _MEANINGS.get(code & 0xFF, StoreFailed)
        return kind(self.name, f"{_WORDS.get(kind, 'reading or writing failed')} ({text})")

    def look(self) -> None:
        """A file that was opened stays."""

    def socket(self) -> int | None:
        """See ``Medium.socket``: a file is no connection."""
        return None

    def close(self) -> None:
        """See ``Medium.close``."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        self._lock.release()


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
