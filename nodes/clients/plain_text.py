"""Text that others wrote, made safe for a terminal: no escape sequences, no characters that turn the line around."""

import json
import re
from typing import Any

import orjson

SHOWN_CHARS_MAX = 300
"""Longer texts are cut: nothing that a node takes is longer."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_NOT_ASCII = re.compile(r"[\x7f-\U0010ffff]")


def plain(text: object) -> str:
    """Return the text with what cannot be printed replaced, and cut at ``SHOWN_CHARS_MAX``."""
    shown = str(text)[: SHOWN_CHARS_MAX + 1]
    if len(shown) > SHOWN_CHARS_MAX:
        shown = shown[: SHOWN_CHARS_MAX - 1] + "…"
    return "".join(char if char.isprintable() else _REPLACEMENT for char in shown)


def json_line(data: Any) -> str:
    r"""Return data as one line of JSON in which whatever cannot be printed is written as ``\u....``."""
    text = orjson.dumps(data).decode()
    return _NOT_ASCII.sub(lambda found: _escaped(found.group()), text)


def _escaped(char: str) -> str:
    return char if char.isprintable() else json.dumps(char)[1:-1]
