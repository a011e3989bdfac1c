"""A node's disk: what was synced stays; what was not is gone, or half there, when the node dies."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from contextvars import Context
from pathlib import Path
from random import Random

from nodes.errors import StoreFull
from nodes.records import Batch
from nodes.store.database import SqliteDatabase
from nodes.store.sqlite_file import FLEETING
from sim.engine.loop import VirtualLoop
from sim.scenario.virtual import Virtual
from sim.worlds.virtual.torn_file import ClosedDatabase, tear

_SETTLED_TOGETHER = 2_000
"""Durable records kept in memory before they are written into the database file, for the sake of speed only."""


class VirtualDisk:
    """Outlives the node's processes. Behind it stands a real database, which holds exactly what is durable.

    A crash in the middle of a commit leaves any part of the batch on the disk (``torn_file``); what whoever opens it again
    makes of that is up to the production code, and to SQLite.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        context: Context,
        folder: Path,
        node_id: str,
        virtual: Virtual,
        rng: Random,
        *,
        answer_retention_s: int,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.is_full = False
        self.slowness = 1.0
        self.on_commit: Callable[[float], None] = lambda _: None
        """Called when a commit begins, with the seconds that it will take."""
        self.database = SqliteDatabase(folder, node_id, answer_retention_s=answer_retention_s, settings=FLEETING)
        self._node_id = node_id
        self._retention_ms = answer_retention_s * 1000
        self._loop = loop
        self._context = context
        self._virtual = virtual
        self._rng = rng
        self._writing: tuple[Batch, asyncio.TimerHandle] | None = None
        self._synced_s = 0.0
        self._durable = Batch()
        self._backup, self._right = (self.database.path.with_suffix(end) for end in (".backup", ".right"))

    async def finished(self) -> None:
        """Wait until the commit under way is durable, or has failed."""
        while self._writing is not None:  # noqa: ASYNC110 - waiting costs no time
            await asyncio.sleep(self._synced_s - self._loop.time())

    @property
    def is_writing(self) -> bool:
        """Whether a commit is under way."""
        return self._writing is not None

    def write(self, batch: Batch) -> "asyncio.Future[None]":
        """Begin a commit; the future is done when it is durable, or has a ``StoreError``."""
        assert self._writing is None, "one commit at a time"
        done: asyncio.Future[None] = self._loop.create_future()
        takes_s = self._virtual.fsync_ms.draw(self._rng) * self.slowness / 1000
        timer = self._loop.call_later(takes_s, self._synced, batch, done, context=self._context)
        self._writing, self._synced_s = (batch, timer), self._loop.time() + takes_s
        self.on_commit(takes_s)
        return done

    def read_s(self) -> float:
        """Return how long one look into the store takes."""
        return self._virtual.read_ms.draw(self._rng) * self.slowness / 1000

    def settle(self) -> None:
        """Write what is durable into the database file."""
        if len(self._durable):
            self.database.append(self._durable)
            self._durable = Batch()

    def drop(self) -> None:
        """Forget the commit under way: the run is over, and nobody asks what a crash would have left of it."""
        if self._writing is not None:
            (_, timer), self._writing = self._writing, None
            timer.cancel()

    def crash(self) -> None:
        """Lose what was not synced: none of it may be there, or some, or all."""
        if self._writing is None:
            self.close()
            return
        (batch, timer), self._writing = self._writing, None
        timer.cancel()
        self.settle()
        if self.is_full:
            self.counts["batch_lost"] += 1
            self.close()
        else:
            self.counts[f"batch_{tear(self.database, batch, self._rng)}"] += 1

    def back_up(self) -> None:
        """Make a copy of what is durable now."""
        self._copy(self._backup)

    def copy_to(self, folder: Path, rng: Random) -> str | None:
        """Copy the database, as it is on disk now, into another folder.

        Returns what of a batch under way is in the copy, as ``tear`` says it; None when there is none.
        """
        path = folder / self.database.path.name
        self._copy(path)
        if self._writing is None or self.is_full:
            return None
        batch, _ = self._writing
        return tear(ClosedDatabase(path, self._node_id, self._retention_ms), batch, rng)

    def put_old(self) -> None:
        """Put the copy in the place of the database, which is kept. Nobody may use it meanwhile."""
        self.database.path.rename(self._right)
        self._backup.rename(self.database.path)

    def put_right(self) -> None:
        """Put the database back, and forget what was done on the copy."""
        self._right.rename(self.database.path)

    def _copy(self, path: Path) -> None:
        self.settle()
        with closing(sqlite3.connect(self.database.path)) as source, closing(sqlite3.connect(path)) as copy:
            source.backup(copy)

    def close(self) -> None:
        """Close the database file."""
        self.settle()
        self.database.close()

    def _synced(self, batch: Batch, done: "asyncio.Future[None]") -> None:
        self._writing = None
        if self.is_full:
            if not done.done():
                done.set_exception(StoreFull(str(self.database.path), "the disk is full"))
                done.exception()
            return
        self.counts["commits"] += 1
        self._keep(batch)
        if not done.done():
            done.set_result(None)

    def _keep(self, batch: Batch) -> None:
        self._durable.events += batch.events
        self._durable.answers += batch.answers
        if len(self._durable) >= _SETTLED_TOGETHER:
            self.settle()
