"""The ids of what a driver has reserved, kept in a file: a node lists only what it holds itself, and finds the rest by id.

Ids alone are kept: no token, no name but the driver's, no place.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import typer

from nodes.whole_file import write_whole

_KEPT_MAX = 200
"""Ids of one kind and driver; the oldest go first."""
KINDS = ("reservations", "sessions", "trips")


def default_path() -> Path:
    """Return where the file is: ``RECARGA_CLIENT_LEDGER``, or in the user's folder for applications."""
    told = os.environ.get("RECARGA_CLIENT_LEDGER")
    return Path(told) if told else Path(typer.get_app_dir("recarga")) / "client.json"


class Ledger:
    """The ids of one driver, oldest first. A file that cannot be read or written is no error: it is a help for memory."""

    def __init__(self, path: Path, driver_id: str) -> None:
        self.path = path
        self.driver_id = driver_id

    def ids(self, kind: str) -> list[str]:
        """Return the ids of a kind."""
        found = _read(self.path).get(self.driver_id)
        ids = found.get(kind, []) if isinstance(found, dict) else []
        return [identifier for identifier in ids if isinstance(identifier, str)] if isinstance(ids, list) else []

    def note(self, kind: str, *ids: str) -> None:
        """Remember ids, beside what others have written meanwhile."""
        assert kind in KINDS
        whole = _read(self.path)
        mine = whole.get(self.driver_id)
        held = dict(mine) if isinstance(mine, dict) else {}
        known = self.ids(kind)
        fresh = [identifier for identifier in ids if identifier not in known]
        if not fresh:
            return
        held[kind] = [*known, *fresh][-_KEPT_MAX:]
        with suppress(OSError):
            data = orjson.dumps(whole | {self.driver_id: held}, option=orjson.OPT_INDENT_2)
            write_whole(self.path, data, mode=0o600)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
