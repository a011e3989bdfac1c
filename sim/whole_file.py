"""Files that others read: each is there as a whole or not at all, and says which version of itself it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from sim.errors import LaboratoryError

T = TypeVar("T")


def replace_file(path: Path, content: bytes, error: type[LaboratoryError]) -> None:
    """Write a file at once or not at all. Raises ``error``: which file, and what is wrong."""
    written = path.with_name(f"{path.name}.new")
    try:
        written.write_bytes(content)
        written.replace(path)
    except OSError as failure:
        raise error(f"{path}: cannot be written: {failure.strerror}") from failure


def read_versioned(
    path: Path, version: int, read: Callable[[Any], T], error: type[LaboratoryError], advice: str = ""
) -> T:
    """Return what ``read`` makes of a JSON file of that ``schema_version``. Raises ``error``: which file, where, what is
    wrong, in one line; of another version also what to do about it.
    """
    try:
        data = orjson.loads(path.read_bytes())
    except OSError as failure:
        raise error(f"{path}: cannot be read: {failure.strerror}") from failure
    except orjson.JSONDecodeError as failure:
        raise error(f"{path}: no JSON ({failure}); it may have been cut") from failure
    found = data.get("schema_version") if isinstance(data, dict) else None
    if found != version:
        raise error(f"{path}: has schema_version {found}; this version reads {version}{advice}")
    try:
        return read(data)
    except ValidationError as failure:
        first = failure.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise error(f"{path}: {where}: {first['msg']}") from failure
