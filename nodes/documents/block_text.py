"""The plain block style of big YAML files, read line by line, many times as fast as ruamel.yaml reads it.

It takes only lines whose meaning is beyond doubt: ``key:``, ``key: value``, ``- key: value`` and ``- value``, where the
value is a plain or quoted scalar, or a ``{…}`` or ``[…]`` of such, that ends with its line. At the first line of another
kind it gives the whole document up, and ``yaml_text`` reads it from the start; so whatever this reads, it reads as
ruamel.yaml does. The tests hold the two against each other, data and positions.
"""

import re
from typing import NamedTuple

from nodes.documents.positions import Mark, Plain, Positions
from nodes.documents.tree import Tree
from nodes.documents.yaml_scalars import plain_value

_ODD = re.compile("\r(?!\n)|[\t\x85\u2028\u2029\ufeff]")  # tabs, and what only some readers take for the end of a line
_KEY = r"[A-Za-z_][A-Za-z0-9_-]{0,99}"
_FIRST = r"(?:[A-Za-z0-9_+./\u00c0-\ud7ff]|-(?=[0-9.]))"
_LINE = re.compile(rf"(?P<indent> *)(?P<dash>- +)?(?:(?P<key>{_KEY}):(?= |$))? *(?P<rest>.*)")
_QUOTED = r"(?P<quoted>'[^']*'|\"[^\"\\]*\") *"
_VALUE = re.compile(rf"(?P<plain>{_FIRST}(?:[^:#]|:(?=[^ ]))*)|{_QUOTED}|(?P<flow>[\[{{].*)")
_FLOW_PART = re.compile(
    rf" *(?:(?P<open>[\[{{]) *|(?P<close>[\]}}]) *|(?P<comma>,)|(?P<key>{_KEY}):(?= )"
    rf"|(?P<plain>{_FIRST}[^:#,?\[\]{{}}]*)|{_QUOTED})"
)
_FLOW_STATES = {"open": "first", "comma": "entry", "key": "value"}


class IrregularError(Exception):
    """The document is not all in plain block style, or not YAML at all."""


class _Level(NamedTuple):
    """An open mapping or list."""

    column: int
    """From 0."""
    is_list: bool


def read_block(text: str, file: str) -> tuple[Plain, Positions]:
    """Return what the text says, and where it says it.

    Raises ``IrregularError`` when the text is of another style, and ``DocumentError`` for a duplicate key, a number that
    is not finite or too large, too many values or levels.
    """
    if _ODD.search(text):
        raise IrregularError
    reader = _LineReader(file)
    for number, line in enumerate(text.split("\n"), 1):
        content = line.removesuffix("\r")
        if content.strip(" ") and not content.lstrip(" ").startswith("#"):
            reader.line(content, number)
    return reader.finish()


def _allowed(state: str, *, in_mapping: bool) -> frozenset[str]:
    """Return what may come next on a line inside of brackets."""
    if state == "rest":
        return frozenset(("comma", "close"))
    values = frozenset(("open", "plain", "quoted"))
    entries = frozenset(("key",)) if in_mapping and state != "value" else values
    return entries | {"close"} if state == "first" else entries


class _LineReader:
    """Knows by its indentation which mapping or list the next line belongs to."""

    def __init__(self, file: str) -> None:
        self.tree = Tree(file)
        self._levels: list[_Level] = []
        self._bare_key: Mark | None = None
        """The last key, if its value was not on its line."""

    def line(self, line: str, number: int) -> None:
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise IrregularError
        indent, key = len(parts["indent"]), parts["key"]
        is_list = parts["dash"] is not None
        self._go_to(_Level(indent, is_list), number)
        if key is not None:
            column = parts.start("key")
            if is_list:
                self._open(_Level(column, is_list=False), number)
            mark = Mark(number, column + 1)
            self._give_key(key, mark)
            if not parts["rest"]:
                self._bare_key = mark
                return
        elif not is_list:
            raise IrregularError
        self._value(parts["rest"], number, parts.start("rest"))

    def finish(self) -> tuple[Plain, Positions]:
        if not self._levels:
            raise IrregularError
        self._end_bare_key()
        for _ in self._levels:
            self.tree.close()
        return self.tree.finish()

    def _go_to(self, level: _Level, number: int) -> None:
        """Open or close mappings and lists until a line of this level can go on."""
        levels = self._levels
        if not levels and level.column == 0:
            self._open(level, number)
        elif self._bare_key is not None and (level.column, level.is_list) > levels[-1]:
            self._bare_key = None
            self._open(level, number)
        else:
            self._end_bare_key()
            while levels and levels[-1] > level:  # a list may stand at the column of its key
                levels.pop()
                self.tree.close()
            if not levels or levels[-1] != level:
                raise IrregularError

    def _open(self, level: _Level, number: int) -> None:
        self._levels.append(level)
        self.tree.open([] if level.is_list else {}, Mark(number, level.column + 1))

    def _give_key(self, key: str, mark: Mark) -> None:
        if not isinstance(plain_value(key), str):
            raise IrregularError
        self.tree.key(key, mark)

    def _end_bare_key(self) -> None:
        if self._bare_key is not None:
            self.tree.nothing(self._bare_key)
            self._bare_key = None

    def _value(self, text: str, number: int, column: int) -> None:
        parts = _VALUE.fullmatch(text)
        if parts is None:
            raise IrregularError
        mark = Mark(number, column + 1)
        if parts["plain"] is not None:
            self._plain(parts["plain"], mark)
        elif parts["quoted"] is not None:
            self.tree.scalar(parts["quoted"][1:-1], mark)
        else:
            self._flow(text, number, column)

    def _flow(self, text: str, number: int, column: int) -> None:
        closers: list[str] = []
        state, end = "value", 0
        while end == 0 or closers:
            part = _FLOW_PART.match(text, end)
            if part is None or part.lastgroup not in _allowed(state, in_mapping=closers[-1:] == ["}"]):
                raise IrregularError
            kind, end = part.lastgroup, part.end()
            mark = Mark(number, column + part.start(kind) + 1)
            if kind == "open":
                closers.append("}" if part["open"] == "{" else "]")
                self.tree.open({} if part["open"] == "{" else [], mark)
            elif kind == "close":
                if closers.pop() != part["close"]:
                    raise IrregularError
                self.tree.close()
            elif kind == "key":
                self._give_key(part["key"], mark)
            elif kind == "plain":
                self._plain(part["plain"], mark)
            elif kind == "quoted":
                self.tree.scalar(part["quoted"][1:-1], mark)
            state = _FLOW_STATES.get(kind, "rest")
        if end != len(text):
            raise IrregularError

    def _plain(self, text: str, mark: Mark) -> None:
        try:
            value = plain_value(text.rstrip(" "))
        except ValueError as error:
            self.tree.flaw(mark, str(error))
            value = None
        self.tree.scalar(value, mark)
