"""The ``Store`` port on a simulated disk."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.domain.trip import Trip
from nodes.errors import StoreFailed, StoreFull
from nodes.records import Batch, Held, Kept, Recovered, Stamped
from nodes.request import ReadHeld
from sim.worlds.virtual.disk import VirtualDisk

T = TypeVar("T")


class VirtualStore:
    """One life's way to its node's disk: the production database, with the disk's times and failures in front of it."""

    def __init__(self, disk: VirtualDisk) -> None:
        self._disk = disk
        self._is_open = False

    def open(self, now_ms: int) -> Recovered:
        """See ``Store.open``."""
        if self._disk.is_full:
            raise StoreFull(str(self._disk.database.path), "the disk is full")
        recovered = self._disk.database.open(now_ms)
        self._is_open = True
        return recovered

    async def append(self, batch: Batch) -> None:
        """See ``Store.append``."""
        self._check_open()
        await self._disk.write(batch)

    async def find_answer(self, key: str) -> Kept | None:
        """See ``Store.find_answer``."""
        return await self._read(lambda: self._disk.database.find_answer(key))

    async def find_reservation(self, reservation_id: str) -> Reservation | None:
        """See ``Store.find_reservation``."""
        return await self._read(lambda: self._disk.database.find_reservation(reservation_id))

    async def find_in_force(self, point_id: str) -> tuple[int, list[Reservation]]:
        """See ``Store.find_in_force``."""
        return await self._read(lambda: self._disk.database.find_in_force(point_id))

    async def find_session(self, session_id: str) -> Session | None:
        """See ``Store.find_session``."""
        return await self._read(lambda: self._disk.database.find_session(session_id))

    async def find_trip(self, trip_id: str) -> Trip | None:
        """See ``Store.find_trip``."""
        return await self._read(lambda: self._disk.database.find_trip(trip_id))

    async def find_stops(self, trip_id: str) -> list[Reservation]:
        """See ``Store.find_stops``."""
        return await self._read(lambda: self._disk.database.find_stops(trip_id))

    async def list_held(self, query: ReadHeld) -> list[Held]:
        """See ``Store.list_held``."""
        return await self._read(lambda: self._disk.database.list_held(query))

    async def read_journal(self, after_ver: int, limit: int) -> list[Stamped]:
        """See ``Store.read_journal``."""
        return await self._read(lambda: self._disk.database.read_journal(after_ver, limit))

    async def close(self) -> None:
        """See ``Store.close``."""
        if self._is_open:
            self._is_open = False
            await self._disk.finished()
            self._disk.close()

    async def _read(self, query: Callable[[], T]) -> T:
        """Look into the database some time between now and the answer."""
        self._check_open()
        takes_s = self._disk.read_s()
        await asyncio.sleep(takes_s / 2)
        self._disk.settle()
        found = query()
        await asyncio.sleep(takes_s / 2)
        return found

    def _check_open(self) -> None:
        if not self._is_open:
            raise StoreFailed(str(self._disk.database.path), "the store is closed")
