"""What the characters and the unquoted scalars of a YAML 1.2 text mean, by its core schema."""

import math
import re

from nodes.documents.positions import Lines, Plain
from nodes.documents.tree import INTEGER_LIMITS, fail

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MAX_INTEGER_CHARS = 66  # 64 bits in any base we read, with sign and prefix
_WORDS: dict[str, Plain] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_NUMBER_START = frozenset("0123456789+-.")


def plain_value(text: str) -> Plain:
    """Return what an unquoted scalar means by YAML 1.2's core schema: ``22:00`` and ``yes`` are text, ``010`` is ten.

    Raises ``ValueError`` for a number that is not finite or has more than 64 bits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    if _INTEGER.fullmatch(text):
        if len(text) <= _MAX_INTEGER_CHARS:
            number = int(text, 0 if text[:2] in ("0o", "0x") else 10)
            if INTEGER_LIMITS[0] <= number <= INTEGER_LIMITS[1]:
                return number
    elif _DECIMAL.fullmatch(text):
        decimal = float(text)
        if math.isfinite(decimal):
            return decimal
    elif not _NOT_FINITE.fullmatch(text):
        return text
    raise ValueError(f"expected a finite number of at most 64 bits, found {text[:40]}")


def check_characters(text: str, file: str) -> None:
    """Raise ``DocumentError`` at the first character that YAML does not allow in a text, such as NUL."""
    if bad := _UNPRINTABLE.search(text):
        fail(file, f"unexpected character U+{ord(bad[0]):04X}; is this a text file?", Lines(text).mark(bad.start()))
