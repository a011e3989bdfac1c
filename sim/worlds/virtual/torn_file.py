"""A node's database after a power loss in the middle of a commit: what was synced is there, of the rest whatever got there.

The batch is really written, by the production code, into SQLite's write-ahead log; then the log is torn and the file left
to be opened again. So nothing is believed of SQLite here but what it does: it reads the log up to the first frame whose
checksum is wrong (https://www.sqlite.org/fileformat2.html, section 4), and whether a batch is all or nothing is found out.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Protocol

from nodes.records import Batch
from nodes.store.sqlite_file import FLEETING
from nodes.store.statements import BatchStatement
from nodes.store.writes import Writes

_SECTOR = 512
"""Bytes that a disk writes together; sectors of one write may get there in any order."""
_LOG_HEAD, _FRAME_HEAD = 32, 24
"""Bytes, of the log and of each frame in it (the same document)."""
_NOTHING_SHARE, _ALL_SHARE, _CUT_SHARE = 0.2, 0.2, 0.3


class Written(Protocol):
    """A database that a batch is written into."""

    path: Path

    def append(self, batch: Batch) -> None:
        """Write it."""

    def close(self) -> None:
        """Close the file."""


class ClosedDatabase:
    """A copy of a database that no node has opened: its epoch stays as it is."""

    def __init__(self, path: Path, node_id: str, answer_retention_ms: int) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        for setting in FLEETING:
            self._connection.execute(setting)
        self._writes = Writes(BatchStatement(self._connection), node_id, answer_retention_ms=answer_retention_ms)

    def append(self, batch: Batch) -> None:
        """See ``Written``."""
        self._writes.run(batch)

    def close(self) -> None:
        """See ``Written``."""
        self._connection.close()


def tear(database: Written, batch: Batch, rng: Random) -> str:
    """Write a batch so that it may or may not have got to the disk, and close the database.

    Returns what became of the log's unsynced part: ``lost``, ``torn`` or ``unacknowledged`` (all of it is there).
    """
    path = database.path
    log, kept = path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-kept")
    with closing(sqlite3.connect(path)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy, f"{path} is in use"
    shutil.copyfile(path, kept)
    database.append(batch)
    written = log.read_bytes()
    database.close()
    kept.replace(path)
    fate, left = _what_is_left(written, rng)
    log.write_bytes(left)
    return fate


def _what_is_left(written: bytes, rng: Random) -> tuple[str, bytes]:
    """Return what is left of a log that holds one unsynced batch.

    Whether it is all there follows from luck alone, and not from how long the log is: other versions of SQLite may
    write another one, and the run must be the same.
    """
    luck, own = rng.random(), Random(rng.random())  # noqa: S311 - a simulation wants to repeat
    if luck < _NOTHING_SHARE:
        return "lost", b""
    if luck < _NOTHING_SHARE + _ALL_SHARE:
        return "unacknowledged", written
    if luck < _NOTHING_SHARE + _ALL_SHARE + _CUT_SHARE:
        return "torn", written[: own.randrange(len(written))]
    return "torn", _with_holes(written, own)


def _with_holes(written: bytes, rng: Random) -> bytes:
    """Return it without some of its sectors, at least one that holds the head of a frame among them."""
    page = int.from_bytes(written[8:12], "big")
    heads = range(_LOG_HEAD, len(written), _FRAME_HEAD + page)
    needed, missing = rng.choice(heads) // _SECTOR, rng.choice((0.02, 0.5))
    sectors = [written[start : start + _SECTOR] for start in range(0, len(written), _SECTOR)]
    return b"".join(
        bytes(len(sector)) if number == needed or rng.random() < missing else sector
        for number, sector in enumerate(sectors)
    )
