"""One node's database, on whatever medium. Every call blocks; ``SqlStore`` puts threads around it."""

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, func, insert, select, update
from sqlmodel import SQLModel

from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.domain.trip import Trip
from nodes.errors import StoreCorrupt, StoreError, StoreFailed, StoreForeign, StoreTooNew
from nodes.records import Batch, Held, Kept, Recovered, Stamped
from nodes.request import ReadHeld
from nodes.store import load
from nodes.store.export import ExportedTable, export_lines
from nodes.store.held import held
from nodes.store.medium import Medium
from nodes.store.migrate import migrate
from nodes.store.sqlite_file import DURABLE, SqliteFile
from nodes.store.tables import (
    SCHEMA_VERSION,
    AnswerRow,
    JournalRow,
    NodeRow,
    ReservationRow,
    SessionRow,
    TripRow,
    table,
)
from nodes.store.writes import Writes

T = TypeVar("T")


class Database:
    """What a ``Store`` does, at once."""

    def __init__(self, medium: Medium, node_id: str, *, answer_retention_s: int, holder: str = "") -> None:
        self.medium = medium
        self._node_id = node_id
        self._retention_ms = answer_retention_s * 1000
        self._holder = holder or f"pid {os.getpid()}, node {node_id}"
        self._writes: Writes | None = None

    def open(self, now_ms: int) -> Recovered:
        """See ``Store.open``."""
        medium = self.medium
        try:
            connection = medium.open(self._holder)
        except medium.errors as error:
            raise medium.error(error) from error
        try:
            recovered = self._recover(connection, now_ms)
            batches = medium.batches(connection, self._node_id, recovered.epoch)
            self._writes = Writes(batches, self._node_id, answer_retention_ms=self._retention_ms)
        except StoreError:
            self.close()
            raise
        except medium.errors as error:
            self.close()
            raise medium.error(error) from error
        except (ValueError, KeyError, TypeError) as error:
            self.close()
            raise StoreCorrupt(medium.name, f"a row cannot be read: {type(error).__name__}: {error}") from error
        return recovered

    def append(self, batch: Batch) -> None:
        """See ``Store.append``."""
        if self._writes is None:
            raise StoreFailed(self.medium.name, "the store is closed")
        try:
            self._writes.run(batch)
        except self.medium.errors as error:
            raise self.medium.error(error) from error

    def look(self) -> None:
        """Find out whether the store can still be written, or raise ``StoreError``."""
        try:
            self.medium.look()
        except self.medium.errors as error:
            raise self.medium.error(error) from error

    def find_answer(self, key: str) -> Kept | None:
        """See ``Store.find_answer``."""
        answers = table(AnswerRow)

        def find(connection: Connection) -> Kept | None:
            row = connection.execute(select(answers).where(answers.c.key == key)).one_or_none()
            return None if row is None else load.kept_from(row)

        return self._read(find)

    def find_reservation(self, reservation_id: str) -> Reservation | None:
        """See ``Store.find_reservation``."""
        reservations = table(ReservationRow)

        def find(connection: Connection) -> Reservation | None:
            query = select(reservations).where(reservations.c.id == reservation_id)
            row = connection.execute(query).one_or_none()
            return None if row is None else load.reservation_from(row)

        return self._read(find)

    def find_in_force(self, point_id: str) -> tuple[int, list[Reservation]]:
        """See ``Store.find_in_force``."""
        return self._read(lambda connection: load.in_force(connection, point_id))

    def find_session(self, session_id: str) -> Session | None:
        """See ``Store.find_session``."""
        sessions = table(SessionRow)

        def find(connection: Connection) -> Session | None:
            row = connection.execute(select(sessions).where(sessions.c.id == session_id)).one_or_none()
            return None if row is None else load.session_from(row)

        return self._read(find)

    def find_trip(self, trip_id: str) -> Trip | None:
        """See ``Store.find_trip``."""
        trips = table(TripRow)

        def find(connection: Connection) -> Trip | None:
            row = connection.execute(select(trips).where(trips.c.id == trip_id)).one_or_none()
            return None if row is None else load.trip_from(row)

        return self._read(find)

    def find_stops(self, trip_id: str) -> list[Reservation]:
        """See ``Store.find_stops``."""
        reservations = table(ReservationRow)
        query = select(reservations).where(reservations.c.trip_id == trip_id).order_by(reservations.c.trip_stop)
        return self._read(lambda connection: [load.reservation_from(row) for row in connection.execute(query)])

    def list_held(self, query: ReadHeld) -> list[Held]:
        """See ``Store.list_held``."""
        return self._read(lambda connection: held(connection, query))

    def read_journal(self, after_ver: int, limit: int) -> list[Stamped]:
        """See ``Store.read_journal``."""
        return self._read(lambda connection: load.journal_after(connection, after_ver, limit))

    def export(self, wanted: ExportedTable, now_ms: int) -> Generator[bytes, None, None]:
        """Yield lines of JSON (``nodes.store.export``)."""
        try:
            with self.medium.reading() as connection:
                yield from export_lines(connection, wanted, now_ms)
        except self.medium.errors as error:
            raise self.medium.error(error) from error

    def close(self) -> None:
        """See ``Store.close``."""
        self._writes = None
        self.medium.close()

    def _recover(self, connection: Connection, now_ms: int) -> Recovered:
        with connection.begin():
            known = self.medium.check(connection)
            if table(NodeRow).name not in known:
                if known:
                    detail = f"it is no Recarga database, it holds {', '.join(sorted(known))}"
                    raise StoreForeign(self.medium.name, detail)
                self._create(connection, now_ms)
            epoch, ver = self._raise_epoch(connection, now_ms)
        with connection.begin():
            points = load.load_points(connection, epoch)
            keys = load.load_keys(connection, now_ms - self._retention_ms)
            trips = load.load_trips(connection)
        return Recovered(epoch, ver, points, keys, trips)

    def _create(self, connection: Connection, now_ms: int) -> None:
        self.medium.make_room(connection)
        SQLModel.metadata.create_all(connection, checkfirst=False)
        row = {"id": self._node_id, "schema_version": SCHEMA_VERSION, "epoch": 0, "ver": 0}
        connection.execute(insert(table(NodeRow)), [row | {"created_ms": now_ms, "started_ms": now_ms}])

    def _raise_epoch(self, connection: Connection, now_ms: int) -> tuple[int, int]:
        """Check that the database is ours, and enter the next epoch. Returns epoch and ``ver``."""
        node, path = table(NodeRow), self.medium.name
        row = connection.execute(select(node).with_for_update()).one_or_none()
        if row is None:
            raise StoreCorrupt(path, "it does not say which node it belongs to")
        if row.schema_version > SCHEMA_VERSION:
            detail = f"a newer Recarga wrote it (schema {row.schema_version}; this one knows up to {SCHEMA_VERSION})"
            raise StoreTooNew(path, detail)
        if row.id != self._node_id:
            raise StoreForeign(path, f"it belongs to node {row.id}, not to {self._node_id}")
        head = connection.scalar(select(func.max(table(JournalRow).c.ver))) or 0
        if head != row.ver:
            raise StoreCorrupt(path, f"the journal ends at {head}, the tables at {row.ver}")
        migrate(connection, row.schema_version)
        connection.execute(update(node).values(epoch=row.epoch + 1, started_ms=now_ms))
        return row.epoch + 1, row.ver

    def _read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on a connection of its own."""
        try:
            with self.medium.reading() as connection:
                return query(connection)
        except self.medium.errors as error:
            raise self.medium.error(error) from error


class SqliteDatabase(Database):
    """SQLite in ``DIR/<id>.db``. ``settings`` are the pragmas of every connection."""

    def __init__(
        self,
        folder: Path,
        node_id: str,
        *,
        answer_retention_s: int,
        holder: str = "",
        settings: tuple[str, ...] = DURABLE,
    ) -> None:
        self.path = folder / f"{node_id}.db"
        medium = SqliteFile(self.path, settings)
        super().__init__(medium, node_id, answer_retention_s=answer_retention_s, holder=holder)
