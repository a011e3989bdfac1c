"""Text as PostgreSQL can hold it: its text knows no NUL, and is sorted by whatever language the database was made for.

So ids are compared byte by byte, as SQLite does it and as pages of a list need it, and a NUL becomes two characters. What
the nodes' API takes has none; a store keeps what it is given all the same.
"""

import re
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.types import TypeDecorator

_ESCAPE = "\x1a"  # SUBSTITUTE, which stands for what cannot be shown
_TO_PLAIN = {_ESCAPE: f"{_ESCAPE}1", "\x00": f"{_ESCAPE}0"}
_FROM_PLAIN = {plain: text for text, plain in _TO_PLAIN.items()}
_UNPLAIN, _PLAINED = re.compile(f"[{_ESCAPE}\x00]"), re.compile(f"{_ESCAPE}[01]")
JSON_ESCAPES = ("\\u0000", "\\u001a")
"""How JSON has the characters that are replaced; text without these needs no look."""


def to_plain(text: str) -> str:
    """Return the text without NUL."""
    return _UNPLAIN.sub(lambda found: _TO_PLAIN[found[0]], text)


def from_plain(text: str) -> str:
    """Return the text that ``to_plain`` was given."""
    return _PLAINED.sub(lambda found: _FROM_PLAIN[found[0]], text) if _ESCAPE in text else text


class PlainText(TypeDecorator[str]):
    """A text column of PostgreSQL."""

    impl = TEXT(collation="C")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """See ``TypeDecorator``."""
        del dialect
        return None if value is None else to_plain(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """See ``TypeDecorator``."""
        del dialect
        return None if value is None else from_plain(value)
