"""Where the ``Store`` contract is played: in memory, on SQLite, on PostgreSQL, and on the simulated disk."""

import asyncio
import random
import subprocess
import sys
from abc import ABC, abstractmethod
from contextvars import copy_context
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from nodes.errors import StoreFull
from nodes.ports import Store
from nodes.store.sql_store import SqlStore
from nodes.store.sqlite_file import SqliteFile, driver_connection
from sim.engine.life import Life
from sim.scenario.virtual import Virtual
from sim.worlds.virtual.disk import VirtualDisk
from sim.worlds.virtual.store import VirtualStore
from tests.nodes.contracts.author import NOW, numbered_batch
from tests.nodes.contracts.playing import InVirtualTime, World, virtual_loop
from tests.nodes.gated_store import Disk, GatedStore


class StoreWorld(World, ABC):
    """One disk, and stores on it, one after another. The tests close what they open."""

    can_be_filled = True

    @abstractmethod
    def new(self) -> Store:
        """Return another store on the disk, as a process that starts makes it."""

    @abstractmethod
    def fill(self, store: Store) -> None:
        """Let the disk be full from now on."""

    @abstractmethod
    async def crash_while_writing(self, seed: int) -> int:
        """Kill a process that writes numbered batches one after another; return how many were acknowledged to it."""


class MemoryWorld(StoreWorld):
    """What the tests of a node use in the store's place: it must do what a store does."""

    def build(self) -> None:
        self._disk = Disk()

    def new(self) -> GatedStore:
        return GatedStore(self._disk)

    def fill(self, store: Store) -> None:
        assert isinstance(store, GatedStore)
        store.fail(StoreFull("memory", "the disk is full"))

    async def crash_while_writing(self, seed: int) -> int:
        store, ver = self.new(), 0
        store.open(NOW)
        for number in range(1, 2 + seed):
            await store.append(numbered_batch(number, ver))
            ver += 3
        return 1 + seed


class SqlWorld(StoreWorld):
    """A node's own adapter: on SQLite in a folder, or on a PostgreSQL database."""

    def __init__(self, place: Path | URL) -> None:
        self.place = place
        self.can_be_filled = isinstance(place, Path)

    def new(self) -> SqlStore:
        return SqlStore(self.place, "server1", answer_retention_s=86_400)

    def fill(self, store: Store) -> None:
        assert isinstance(store, SqlStore)
        medium = store._database.medium
        assert isinstance(medium, SqliteFile)
        assert medium._connection is not None
        driver_connection(medium._connection).execute("PRAGMA max_page_count = 1")  # no less than it has

    async def crash_while_writing(self, seed: int) -> int:
        place = str(self.place) if isinstance(self.place, Path) else self.place.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.nodes.contracts.writing_process", place]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        for _ in range(1 + 7 * seed):
            await process.stdout.readline()
        process.kill()
        rest = await process.stdout.read()
        await process.wait()
        return 1 + 7 * seed + rest.count(b"\n")


def store_world(kind: str, request: pytest.FixtureRequest, folder: Path) -> StoreWorld:
    """Return a world of that kind. Skips where it takes what is not installed."""
    match kind:
        case "memory":
            return MemoryWorld()
        case "sqlite":
            return SqlWorld(folder)
        case "postgres":
            return SqlWorld(make_url(request.getfixturevalue("new_database")()))
        case _:
            return VirtualStoreWorld(folder)


class VirtualStoreWorld(InVirtualTime, StoreWorld):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self) -> None:
        loop, rng = virtual_loop(), random.Random(1)
        self.disk = VirtualDisk(
            loop, copy_context(), self._folder, "server1", Virtual(), rng, answer_retention_s=86_400
        )

    def new(self) -> VirtualStore:
        return VirtualStore(self.disk)

    def fill(self, store: Store) -> None:
        self.disk.is_full = True

    async def crash_while_writing(self, seed: int) -> int:
        loop, life, acknowledged = virtual_loop(), Life("server1/1"), 0

        async def write() -> None:
            nonlocal acknowledged
            store = self.new()
            ver = store.open(NOW).ver
            while True:
                await store.append(numbered_batch(ver // 3 + 1, ver))
                acknowledged += 1
                ver += 3

        self.disk._rng.seed(seed)
        life.run(loop.create_task, write())
        await asyncio.sleep(self.disk._rng.uniform(0.005, 0.1))
        loop.kill(life)
        self.disk.crash()
        return acknowledged
