"""One process per database: an advisory lock on a file beside it, which the kernel drops when its holder dies."""

import errno
import fcntl
import os
from pathlib import Path

from nodes.errors import StoreFull, StoreHeld, StoreReadOnly


class ProcessLock:
    """Holds ``path`` locked from ``acquire`` to ``release``. The file says which process holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self, holder: str) -> None:
        """Lock, or raise ``StoreHeld`` with what the present holder wrote; ``StoreReadOnly`` or ``StoreFull``."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            present = os.read(file, 500).decode(errors="replace").strip() or "unknown"
            os.close(file)
            if error.errno in (errno.EAGAIN, errno.EACCES):
                raise StoreHeld(str(self._path.with_suffix(".db")), present) from None
            raise _unwritable(self._path, error) from error
        self._file = file
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, holder.encode(), 0)
        except OSError as error:
            self.release()
            raise _unwritable(self._path, error) from error

    def release(self) -> None:
        """Unlock. The file stays: to remove it would let two processes lock two files of that name."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _unwritable(path: Path, error: OSError) -> StoreFull | StoreReadOnly:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(str(path), "the disk is full")
    return StoreReadOnly(str(path), f"cannot be written: {error.strerror}")
