"""A copy of a node's database, taken while the node runs: one moment of it, whole."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from nodes.errors import StoreFailed

_PAGES_AT_ONCE = 1_000
"""About 4 MB; between two such pieces the node's writer gets its turn."""


def back_up(database: Path, copy: Path) -> int:
    """Copy a database to a file that is not there yet; return the ``ver`` up to which the copy goes.

    Uses SQLite's own online backup, so that what the write-ahead log holds is in it. The copy is checked and durable when
    this returns. Raises ``StoreError``, and leaves nothing then.
    """
    if copy.exists():
        raise StoreFailed(str(copy), "there is such a file already")
    draft = copy.with_name(f".{copy.name}.new")
    try:
        source, target = sqlite3.connect(f"file:{database}?mode=ro", uri=True), sqlite3.connect(draft)
        with closing(source), closing(target):
            source.backup(target, pages=_PAGES_AT_ONCE)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
            ver = _checked(target, copy)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(copy)
    except (sqlite3.Error, OSError) as error:
        raise StoreFailed(str(database), f"cannot be copied to {copy}: {error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return ver


def _checked(target: sqlite3.Connection, copy: Path) -> int:
    found = target.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise StoreFailed(str(copy), f"the copy is damaged: {found}")
    ver = target.execute("SELECT coalesce(max(ver), 0) FROM journal").fetchone()[0]
    assert isinstance(ver, int)
    return ver
