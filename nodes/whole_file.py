"""Files that are there as a whole or not at all, durably, for those only whom their mode lets."""

import os
import secrets
from pathlib import Path


def write_whole(path: Path, data: bytes, *, mode: int) -> None:
    """Write a file, in place of the one that may be there. Raises ``OSError``, and leaves that one as it was then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = durable_draft(path, data, mode=mode)
    try:
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def durable_draft(path: Path, data: bytes, *, mode: int) -> Path:
    """Return a new file beside ``path`` that holds the data. Raises ``OSError``, and leaves nothing then."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)  # whatever the umask is
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft
