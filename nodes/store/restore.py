"""A copy of a node's database put in its place while no node runs on it: the other half of ``nodes.store.backup``."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from nodes.errors import StoreCorrupt, StoreFailed, StoreForeign, StoreFurther, StoreTooNew
from nodes.records import Witness
from nodes.store.process_lock import ProcessLock
from nodes.store.tables import SCHEMA_VERSION

_PIECE_BYTES = 1_048_576
_MAGIC = b"SQLite format 3\0"
"""What a database begins with; one whose pages are all in its log yet is empty."""
_UNREADABLE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""Of a database that is damaged, or has no such tables. Not of one that somebody else uses."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How far the copy goes, and where what was there before is kept; None: nothing was."""

    ver: int
    kept: Path | None


def restore(copy: BinaryIO, database: Path, now: datetime, *, discards_newer: bool = False) -> Restored:
    """Put a copy in the place of ``<id>.db``, which is kept beside it under a name with the time.

    The copy is read to its end and checked before anything is touched: it must be whole, that node's, and no newer than
    this program. With a database there that is readable and has come further it must be said (``discards_newer``) that
    what is only in there is given up. Raises ``StoreError``, ``StoreHeld`` where a node runs, and leaves all as it was then.
    """
    lock = ProcessLock(database.with_suffix(".lock"))
    draft = database.with_name(f".{database.name}.restored")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(f"pid {os.getpid()}, recarga restore")
        try:
            _take(copy, draft)
            return _replace(database, draft, f"{now:%Y%m%dT%H%M%S.%fZ}", discards_newer=discards_newer)
        finally:
            draft.unlink(missing_ok=True)
    except (sqlite3.Error, OSError) as error:
        raise StoreFailed(str(database), f"the copy cannot be put there: {error}") from error
    finally:
        lock.release()


def _replace(database: Path, draft: Path, time: str, *, discards_newer: bool) -> Restored:
    ver = _checked(draft, database.stem)
    kept = None
    if database.exists():
        if (there := _at_rest(database)) is not None:
            epoch, there_ver = there
            if there_ver > ver and not discards_newer:
                raise StoreFurther(str(database), there_ver, ver)
            _go_on_from(epoch, draft)
        kept = database.with_name(f"{database.stem}.before-{time}.db")
        _keep(database, kept)
    draft.replace(database)
    _sync_folder(database.parent)
    return Restored(ver, kept)


def _take(copy: BinaryIO, draft: Path) -> None:
    with draft.open("wb") as file:
        shutil.copyfileobj(copy, file, _PIECE_BYTES)
        file.flush()
        os.fsync(file.fileno())


def _checked(draft: Path, node_id: str) -> int:
    """Return the ``ver`` of a copy that is whole, and that node's."""
    name = "the copy"
    try:
        with _opened(draft, "mode=ro&immutable=1") as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise StoreCorrupt(name, f"it is damaged: {found}")
            owner, schema, ver = connection.execute("SELECT id, schema_version, ver FROM node").fetchone()
            head = connection.execute("SELECT coalesce(max(ver), 0) FROM journal").fetchone()[0]
    except (sqlite3.Error, TypeError) as error:
        raise StoreCorrupt(name, f"it is no node's database, or not the whole of one: {error}") from error
    if owner != node_id:
        raise StoreForeign(name, f"it belongs to node {owner}, not to {node_id}")
    if schema > SCHEMA_VERSION:
        raise StoreTooNew(name, f"a newer Recarga wrote it (schema {schema}; this one knows up to {SCHEMA_VERSION})")
    if head != ver:
        raise StoreCorrupt(name, f"the journal ends at {head}, the tables at {ver}")
    return int(ver)


def _at_rest(database: Path) -> Witness | None:
    """Bring what its log holds into the database, and return its epoch and ``ver``; None: it cannot be read."""
    with database.open("rb") as file:
        if file.read(len(_MAGIC)) not in (_MAGIC, b""):  # SQLite would throw its log away
            return None
    try:
        with _opened(database, "mode=rw") as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            epoch, ver = connection.execute("SELECT epoch, ver FROM node").fetchone()
    except TypeError:
        return None
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in _UNREADABLE:
            return None
        raise
    return epoch, ver


def _go_on_from(epoch: int, draft: Path) -> None:
    """Have the copy's next start at a higher epoch than any before, so that nobody takes it for an old process."""
    with _opened(draft, "mode=rw") as connection, connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("UPDATE node SET epoch = max(epoch, ?)", (epoch,))


def _opened(path: Path, how: str) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True))


def _keep(database: Path, kept: Path) -> None:
    """Give what is there a second name. Until the copy takes the first one, it is there under both."""
    os.link(database, kept)
    for suffix in ("-wal", "-shm"):  # of one that could not be read; else there is none
        beside = database.with_name(database.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
