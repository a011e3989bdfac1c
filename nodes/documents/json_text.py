"""JSON text: data at the speed of the standard library, positions only when somebody asks."""

import json
import math
import re
from collections.abc import Callable

import orjson

from nodes.documents.positions import Lines, Mark, Plain, Positions
from nodes.documents.tree import CHARS_PER_VALUE, INTEGER_LIMITS, MAX_DEPTH, MAX_VALUES, Tree

_TOKEN = re.compile(
    r'[ \t\r\n]*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>[{}\[\]:,])|(?P<word>[^\s{}\[\]:,"]+))', re.DOTALL
)
_MAX_INTEGER_CHARS = 20
_WORDS: dict[str, Plain] = {"true": True, "false": False, "null": None}


class NotJsonError(Exception):
    """The text is not JSON, but may be YAML. It carries what is wrong with it as JSON, and where."""

    def __init__(self, message: str, mark: Mark) -> None:
        self.message = message
        self.mark = mark
        super().__init__(message)


def read_json(text: str, file: str) -> tuple[Plain, Positions | Callable[[], Positions]]:
    """Return what the JSON text says, and where it says it, or a function that computes that.

    Raises ``NotJsonError`` when the syntax is not JSON's, and ``DocumentError`` when it is but breaks a rule of ours: a
    duplicate key, a number that is not finite or too large, half a surrogate pair, too many values or levels.
    """
    doubts = _Doubts()
    try:
        data: Plain = json.loads(
            text,
            object_pairs_hook=doubts.mapping,
            parse_int=doubts.integer,
            parse_float=doubts.number,
            parse_constant=doubts.constant,
        )
    except json.JSONDecodeError as error:
        raise NotJsonError(*_explained(error, text)) from None
    except RecursionError:
        data, doubts.raised = None, True
    if doubts.raised or not _within_bounds(data, len(text)):
        return _scan(text, file)
    return data, lambda: _scan(text, file)[1]


class _Doubts:
    """Notices while the C parser runs what our rules forbid; the slow scan then says what and where."""

    def __init__(self) -> None:
        self.raised = False

    def mapping(self, pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
        mapping = dict(pairs)
        self.raised |= len(mapping) != len(pairs)
        return mapping

    def integer(self, text: str) -> int:
        if len(text) > _MAX_INTEGER_CHARS:
            self.raised = True
            return 0
        return int(text)

    def number(self, text: str) -> float:
        number = float(text)
        self.raised |= not math.isfinite(number)
        return number

    def constant(self, _: str) -> None:
        self.raised = True


def _within_bounds(data: Plain, chars: int) -> bool:
    """Whether the data surely has not too many values or levels, and orjson can hold all of its numbers and text."""
    level, size = [data], 1 + chars // CHARS_PER_VALUE
    for _ in range(MAX_DEPTH + 1):
        containers = [part for part in level if isinstance(part, (dict, list))]
        if not containers:
            break
        level = [part for c in containers for part in (c.values() if isinstance(c, dict) else c)]
        size += len(level)
    else:
        return False
    try:
        orjson.dumps(data)
    except TypeError:
        return False
    return size <= MAX_VALUES


def _scan(text: str, file: str) -> tuple[Plain, Positions]:
    """Read text that has passed the C parser, or whose beginning has, once more with positions."""
    tree, lines = Tree(file), Lines(text)
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        assert kind is not None
        mark, word = lines.mark(token.start(kind)), token[kind]
        if kind == "text":
            content = json.loads(word) if "\\" in word else word[1:-1]
            if tree.wants_key:
                tree.key(content, mark)
            else:
                tree.scalar(content, mark)
        elif kind == "word":
            tree.scalar(_word(word, mark, tree), mark)
        elif word in "{[":
            tree.open({} if word == "{" else [], mark)
        elif word in "}]":
            tree.close()
    return tree.finish()


def _word(word: str, mark: Mark, tree: Tree) -> Plain:
    if word in _WORDS:
        return _WORDS[word]
    if word.lstrip("-").isdigit() and len(word) <= _MAX_INTEGER_CHARS:
        number: int | float = int(word)
        if INTEGER_LIMITS[0] <= number <= INTEGER_LIMITS[1]:
            return number
    elif not word.lstrip("-").isdigit() and word[-1].isdigit() and math.isfinite(number := float(word)):
        return number
    tree.flaw(mark, f"expected a finite number of at most 64 bits, found {word[:40]}")
    return None


def _explained(error: json.JSONDecodeError, text: str) -> tuple[str, Mark]:
    """Return what is wrong with the syntax, the same for every version of Python, and where."""
    offset, message = error.pos, (error.msg[:1].lower() + error.msg[1:]).removesuffix(" at")
    after = text[offset + 1 :].lstrip(" \t\r\n") if text[offset : offset + 1] == "," else text[offset:]
    comma = offset if after != text[offset:] else len(text[:offset].rstrip(" \t\r\n")) - 1
    if text[comma : comma + 1] == "," and after[:1] in ("}", "]"):
        message, offset = f"unexpected ',' before {after[0]!r}", comma
    return f"not JSON: {message}", Lines(text).mark(offset)
