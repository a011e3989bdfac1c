"""How paths and values look in a message: on one line, and short however long they are."""

import difflib
import json
import re
from collections.abc import Iterable

from nodes.documents.positions import Path

WHOLE_DOCUMENT = "(document)"
"""What stands for the path of the root, so that every message has the same four parts."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_MAX_VALUE_CHARS = 60
_MAX_MESSAGE_CHARS = 500


def dotted(path: Path) -> str:
    """Return the path as people write it: ``points[3].location.lat``; a key of other characters is quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step) and len(step) <= _MAX_VALUE_CHARS:
            text += f".{step}" if text else step
        else:
            text += f"[{quoted(step)}]"
    return text or WHOLE_DOCUMENT


def quoted(text: str) -> str:
    """Return the text in quotes, escaped, and cut when it is long."""
    if len(text) <= _MAX_VALUE_CHARS:
        return repr(text)
    return f"{text[:_MAX_VALUE_CHARS]!r}… ({len(text)} characters)"


def found(value: object) -> str:
    """Return the value as a reader of the file knows it."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    return json.dumps(value)


def suggestion(word: object, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known word nearest to this one, or nothing when none is near."""
    if not isinstance(word, str) or len(word) > _MAX_VALUE_CHARS:
        return ""
    words = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(word.lower(), words, n=1)
    return f"; did you mean {words[near[0]]!r}?" if near else ""


def one_line(message: str) -> str:
    """Return the message without line breaks, cut when it is very long."""
    flat = " ".join(message.split())
    return flat if len(flat) <= _MAX_MESSAGE_CHARS else flat[:_MAX_MESSAGE_CHARS] + "…"
