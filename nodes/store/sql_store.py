"""The ``Store`` port on a SQL database: SQLite in ``DIR/<id>.db``, or a schema of PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL

from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.domain.trip import Trip
from nodes.errors import NodeBusy, StoreError, StoreFailed
from nodes.records import Batch, Held, Kept, Recovered, Stamped
from nodes.request import ReadHeld
from nodes.store.database import Database, SqliteDatabase
from nodes.store.export import ExportedTable
from nodes.store.session_watch import SessionWatch

T = TypeVar("T")


class SqlStore:
    """One node's database: in a folder, or at a PostgreSQL server. One thread writes, one other reads; neither runs on
    the loop.
    """

    def __init__(self, place: Path | URL, node_id: str, *, answer_retention_s: int, holder: str = "") -> None:
        self._database = _database(place, node_id, answer_retention_s, holder)
        self._writer = ThreadPoolExecutor(1, f"{node_id}-writer")
        self._reader = ThreadPoolExecutor(1, f"{node_id}-reader")
        self._watch: SessionWatch | None = None
        self._is_closed = False
        self._is_exporting = False

    def open(self, now_ms: int) -> Recovered:
        """See ``Store.open``."""
        return self._database.open(now_ms)

    def watch(self, on_lost: Callable[[StoreError], None]) -> None:
        """Call back once if an open store can no longer be written, though nobody writes. A file is always there."""
        socket = self._database.medium.socket()
        if socket is not None:
            self._watch = SessionWatch(socket, self._look, on_lost)
            self._watch.start()

    async def append(self, batch: Batch) -> None:
        """See ``Store.append``."""
        await self._write(lambda: self._database.append(batch))

    async def find_answer(self, key: str) -> Kept | None:
        """See ``Store.find_answer``."""
        return await self._read(lambda: self._database.find_answer(key))

    async def find_reservation(self, reservation_id: str) -> Reservation | None:
        """See ``Store.find_reservation``."""
        return await self._read(lambda: self._database.find_reservation(reservation_id))

    async def find_in_force(self, point_id: str) -> tuple[int, list[Reservation]]:
        """See ``Store.find_in_force``."""
        return await self._read(lambda: self._database.find_in_force(point_id))

    async def find_session(self, session_id: str) -> Session | None:
        """See ``Store.find_session``."""
        return await self._read(lambda: self._database.find_session(session_id))

    async def find_trip(self, trip_id: str) -> Trip | None:
        """See ``Store.find_trip``."""
        return await self._read(lambda: self._database.find_trip(trip_id))

    async def find_stops(self, trip_id: str) -> list[Reservation]:
        """See ``Store.find_stops``."""
        return await self._read(lambda: self._database.find_stops(trip_id))

    async def list_held(self, query: ReadHeld) -> list[Held]:
        """See ``Store.list_held``."""
        return await self._read(lambda: self._database.list_held(query))

    async def read_journal(self, after_ver: int, limit: int) -> list[Stamped]:
        """See ``Store.read_journal``."""
        return await self._read(lambda: self._database.read_journal(after_ver, limit))

    async def export(self, wanted: ExportedTable, now_ms: int, within_s: float) -> AsyncGenerator[bytes, None]:
        """Yield lines of JSON (``nodes.store.export``), from a thread and a connection of their own.

        One at a time: raises ``NodeBusy``. It ends, cut, after ``within_s``: a reader that stalls holds an old state of the
        database open.
        """
        if self._is_exporting:
            raise NodeBusy("an export is under way", retry_after_s=10)
        self._is_exporting = True
        loop, thread = asyncio.get_running_loop(), ThreadPoolExecutor(1, "export")
        lines = self._database.export(wanted, now_ms)
        end_s = loop.time() + within_s
        try:
            while (some := await self._run(thread, lambda: next(lines, None))) is not None:
                yield some
                if loop.time() >= end_s:
                    break
        finally:
            thread.submit(lines.close)
            thread.shutdown(wait=False)
            self._is_exporting = False

    async def close(self) -> None:
        """See ``Store.close``."""
        self._is_closed = True
        if self._watch is not None:
            self._watch.stop()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._shut_down)

    def _shut_down(self) -> None:
        self._writer.shutdown()
        self._reader.shutdown()
        self._database.close()

    async def _look(self) -> None:
        await self._write(self._database.look)

    async def _write(self, work: Callable[[], None]) -> None:
        if self._watch is None:
            await self._run(self._writer, work)
        else:
            self._watch.pause()
            await self._run(self._writer, work)
            self._watch.resume()

    async def _read(self, query: Callable[[], T]) -> T:
        return await self._run(self._reader, query)

    async def _run(self, thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        if self._is_closed:
            raise StoreFailed(self._database.medium.name, "the store is closed")
        return await asyncio.get_running_loop().run_in_executor(thread, work)


def _database(place: Path | URL, node_id: str, answer_retention_s: int, holder: str) -> Database:
    if isinstance(place, Path):
        return SqliteDatabase(place, node_id, answer_retention_s=answer_retention_s, holder=holder)
    from nodes.store.postgres_schema import PostgresSchema  # its driver is an extra

    medium = PostgresSchema(place, node_id)
    return Database(medium, node_id, answer_retention_s=answer_retention_s, holder=holder)
