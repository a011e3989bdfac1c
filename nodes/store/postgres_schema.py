"""What is particular to PostgreSQL: the schema, the lock, settings, checks, and the meaning of its errors.

Every node has a schema of its own, ``recarga_<id>``, so several may share a database. An advisory lock keeps other
processes away. The connection that writes holds it: it cannot be lost without the way to write being lost, and while a
batch of a process that is gone is still being written the lock is not free.
"""

import hashlib
from contextlib import AbstractContextManager, suppress
from typing import Any

import psycopg
from psycopg.errors import LockNotAvailable
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nodes.errors import StoreCorrupt, StoreError, StoreFailed, StoreForeign, StoreFull, StoreHeld, StoreReadOnly
from nodes.store.postgres_statements import SUPERSEDED, BatchFunction
from nodes.store.postgres_url import spoken

_LOCK_PATIENCE_MS = 2_000
"""How long to wait for the lock: the server sees within this that a process which was killed is gone, also on a slow disk."""
_CLIENT: dict[str, str | int] = {
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 5,  # seconds until a silent connection is probed,
    "keepalives_interval": 2,  # seconds between two probes,
    "keepalives_count": 3,  # how many may stay without an answer,
    "tcp_user_timeout": 10_000,  # and ms until what was sent must have arrived: the node stops within 11 s
}
_SERVER = {
    "client_encoding": "UTF8",
    "tcp_keepalives_idle": "15",  # the server, and so the lock, lets go later than the node does: no two serve at a time,
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",  # and within half a minute, so that another machine can take over from one that is dead
    "idle_session_timeout": "0",  # a node at night is no forgotten session
    "idle_in_transaction_session_timeout": "0",
}
"""Settings of every session, where the server knows them."""
_VERSION_MIN = 13
_NAME_CHARS_MAX = 63


class PostgresSchema:
    """A node's schema in a database, as a ``Medium``."""

    errors: tuple[type[Exception], ...] = (SQLAlchemyError, psycopg.Error, OSError)

    def __init__(self, url: URL, node_id: str) -> None:
        self._schema = f"recarga_{node_id}"
        self.name = f"{spoken(url)} schema {self._schema}"
        self._url = url
        self._key = int.from_bytes(hashlib.sha256(self._schema.encode()).digest()[:8], signed=True)
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._epoch = 0

    def open(self, holder: str) -> Connection:
        """See ``Medium.open``."""
        if self._engine is not None:
            raise StoreHeld(self.name, holder)
        try:
            self._engine = self._new_engine(holder)
            self._connection = self._engine.connect()
            self._acquire(self._own())
        except BaseException:
            self.close()
            raise
        return self._connection

    def check(self, connection: Connection) -> set[str]:
        """See ``Medium.check``. What a server keeps to itself, such as a disk that does not sync, cannot be seen."""
        self._check_server(connection)
        found = connection.exec_driver_sql(
            "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind in ('r','p','v','m','f')",
            (f'"{self._schema}"',),
        )
        return set(found.scalars())

    def make_room(self, connection: Connection) -> None:
        """See ``Medium.make_room``: makes the schema, unless somebody who may has made it for this node."""
        name = f'"{self._schema}"'
        if connection.exec_driver_sql("select to_regnamespace(%s)::text", (name,)).scalar() is None:
            connection.exec_driver_sql(f"create schema {name}")

    def batches(self, connection: Connection, node_id: str, epoch: int) -> BatchFunction:
        """See ``Medium.batches``."""
        del connection
        own, self._epoch = self._own(), epoch
        own.autocommit = True
        # as it was found at the start: a server's settings can be changed under a node that runs
        own.execute("select set_config('synchronous_commit', current_setting('synchronous_commit'), false)")
        return BatchFunction(own, node_id, epoch)

    def reading(self) -> AbstractContextManager[Connection]:
        """See ``Medium.reading``."""
        if self._engine is None:
            raise StoreFailed(self.name, "the store is closed")
        return self._engine.connect()

    def error(self, error: Exception) -> StoreError:
        """See ``Medium.error``."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        state = getattr(cause, "sqlstate", None) or ""
        words = getattr(getattr(cause, "diag", None), "message_primary", None) or str(cause)
        text = " ".join(words.split())
        if self._url.password:
            text = text.replace(self._url.password, "***")
        if state == SUPERSEDED:
            return StoreHeld(self.name, "it opened it since, at a higher epoch")
        kind, meaning = _MEANINGS.get(state) or _MEANINGS.get(state[:2]) or _UNKNOWN
        return kind(self.name, f"{meaning} ({text})")

    def look(self) -> None:
        """See ``Medium.look``."""
        row = self._own().execute("select (select epoch from node), current_setting('fsync')").fetchone()
        assert row is not None
        epoch, fsync = row
        if epoch != self._epoch:
            raise StoreHeld(self.name, f"it opened it since, at epoch {epoch}")
        if fsync == "off":
            raise StoreFailed(self.name, _NO_FSYNC)

    def socket(self) -> int | None:
        """See ``Medium.socket``."""
        return None if self._connection is None else self._own().fileno()

    def close(self) -> None:
        """See ``Medium.close``. The lock is given back in words: the server may see later that a connection was closed."""
        if self._connection is not None:
            with suppress(*self.errors):
                self._connection.rollback()
                self._own().execute("select pg_advisory_unlock_all()")
            with suppress(*self.errors):
                self._connection.close()
            self._connection = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _new_engine(self, holder: str) -> Engine:
        told = set(self._url.query)
        engine = create_engine(
            self._url,
            isolation_level="REPEATABLE READ",  # as SQLite: a transaction sees one state of the database
            pool_pre_ping=True,
            pool_size=2,
            hide_parameters=True,
            connect_args={name: value for name, value in _CLIENT.items() if name not in told}
            | {"application_name": holder[:_NAME_CHARS_MAX]},
        )
        settings = _SERVER | {"search_path": f'"{self._schema}"'}
        values = ", ".join("(%s, %s)" for _ in settings)
        known = f"(values {values}) as wanted(name, value) join pg_settings using (name)"
        sql = f"select set_config(name, wanted.value, false) from {known}"  # noqa: S608 - placeholders
        parameters = [word for setting in settings.items() for word in setting]

        @event.listens_for(engine, "connect")
        def configure(connection: "psycopg.Connection[Any]", _record: Any) -> None:
            connection.autocommit = True
            connection.execute(sql.encode(), parameters)
            connection.autocommit = False

        return engine

    def _own(self) -> "psycopg.Connection[Any]":
        """Return the driver's connection that writes."""
        assert self._connection is not None
        own = self._connection.connection.driver_connection
        assert isinstance(own, psycopg.Connection)
        return own

    def _acquire(self, own: "psycopg.Connection[Any]") -> None:
        own.autocommit = True
        own.execute(f"set lock_timeout = {_LOCK_PATIENCE_MS}".encode())
        try:
            own.execute("select pg_advisory_lock(%s)", (self._key,))
        except LockNotAvailable:
            raise StoreHeld(self.name, self._holder(own)) from None
        own.execute("reset lock_timeout")
        own.autocommit = False

    def _holder(self, own: "psycopg.Connection[Any]") -> str:
        """Return what the process that holds the lock says of itself, and where it is, as far as our role may see that."""
        row = own.execute(_HOLDER, (self._key >> 32 & 0xFFFFFFFF, self._key & 0xFFFFFFFF)).fetchone()
        if row is None:
            return "unknown"
        name, address, pid = row
        return f"{name or 'unknown'} (from {address or 'the same machine'}, PostgreSQL's process {pid})"

    def _check_server(self, connection: Connection) -> None:
        version, encoding, fsync, commit, read_only, standby = connection.exec_driver_sql(_SERVER_SAYS).one()
        if version < _VERSION_MIN * 10_000:
            raise StoreFailed(self.name, f"PostgreSQL {_VERSION_MIN} or newer is needed")
        if encoding != "UTF8":
            raise StoreForeign(self.name, f"the database is encoded in {encoding}; create it with ENCODING 'UTF8'")
        if standby:
            raise StoreReadOnly(self.name, "the server is a standby, which only reads; name the primary")
        if read_only == "on":
            raise StoreReadOnly(self.name, "default_transaction_read_only is on for this server, database or role")
        if fsync == "off":
            raise StoreFailed(self.name, _NO_FSYNC)
        if commit == "off":
            raise StoreFailed(self.name, _NO_SYNC)


_NO_FSYNC = "fsync is off: what is acknowledged would not outlive a power loss; turn it on in postgresql.conf"
_NO_SYNC = (
    "synchronous_commit is off: what is acknowledged would not outlive a crash; "
    "turn it on (ALTER ROLE … SET synchronous_commit = on)"
)
_SERVER_SAYS = (
    "select current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('fsync'), "
    "current_setting('synchronous_commit'), current_setting('transaction_read_only'), pg_is_in_recovery()"
)
_HOLDER = (
    "select application_name, host(client_addr), pid from pg_locks join pg_stat_activity using (pid) "
    "where locktype = 'advisory' and granted and objsubid = 1 and classid::bigint = %s and objid::bigint = %s "
    "and pg_locks.database = (select oid from pg_database where datname = current_database())"
)
_FAILED = "reading or writing failed"
_UNKNOWN: tuple[type[StoreError], str] = (StoreFailed, "the connection failed")
_MEANINGS: dict[str, tuple[type[StoreError], str]] = {
    "53100": (StoreFull, "the disk is full"),
    "XX001": (StoreCorrupt, "the database is damaged"),
    "XX002": (StoreCorrupt, "the database is damaged"),
    "25006": (StoreReadOnly, "it cannot be written"),
    "42501": (StoreReadOnly, "the role may not do that"),
    "28": (StoreFailed, "the server does not let us in"),
    "3D": (StoreFailed, "there is no such database"),
    "53": (StoreFailed, "the server has no room for us"),
    "57": (StoreFailed, "the server ended the connection"),
} | dict.fromkeys(("22", "23", "25", "40", "42", "55", "58", "P0", "XX"), (StoreFailed, _FAILED))
"""By SQLSTATE, or its first two characters (PostgreSQL's appendix A)."""
