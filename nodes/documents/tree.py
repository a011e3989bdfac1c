"""Data and positions put together from what a reader of JSON or YAML meets, within bounds."""

from typing import NamedTuple, NoReturn

from nodes.documents.positions import START, Mark, Path, Plain, Positions
from nodes.documents.problems import DocumentError, Problem
from nodes.documents.wording import dotted, one_line, quoted

MAX_BYTES = 32 * 1024 * 1024  # 20,000 OCPI locations with every optional field
MAX_VALUES = 1_000_000  # with aliases expanded; 20,000 points of 16 values, three times over
CHARS_PER_VALUE = 64  # long text weighs as much as that many values, or repeating it would get round the bound
MAX_DEPTH = 64  # what people write stays under 10; far below Python's recursion limit
INTEGER_LIMITS = (-(2**63), 2**64 - 1)  # what SQLite, orjson and other people's JSON readers can hold


class Subtree(NamedTuple):
    """A finished value, kept to be repeated."""

    value: Plain
    positions: Positions | Mark
    size: int
    """How many values it holds, itself included; long text counts as several."""


class Tree:
    """A document that grows value by value.

    ``problems`` collects what can be stepped over, such as a duplicate key. What cannot raises ``DocumentError`` at once,
    together with what was collected before it.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.size = 0
        self._data: list[list[Plain] | dict[str, Plain]] = []
        self._places: list[Positions] = []
        self._keys: list[str | None] = []
        self._sizes: list[int] = []
        self._last: Subtree | None = None

    @property
    def wants_key(self) -> bool:
        """Whether a key comes next: a mapping is open, and its last key has got its value."""
        return bool(self._data) and isinstance(self._data[-1], dict) and self._keys[-1] is None

    def path(self) -> Path:
        """Return the path of the value that comes next."""
        steps: list[str | int] = []
        for container, key in zip(self._data, self._keys, strict=True):
            if isinstance(container, list):
                steps.append(len(container))
            elif key is not None:
                steps.append(key)
        return tuple(steps)

    def open(self, container: list[Plain] | dict[str, Plain], mark: Mark) -> None:
        """Begin a mapping or list, given empty."""
        if len(self._data) >= MAX_DEPTH:
            self.fail(mark, f"expected at most {MAX_DEPTH} levels of nesting")
        self._sizes.append(self.size)
        self._count(1, mark)
        self._data.append(container)
        self._places.append(Positions(mark))
        self._keys.append(None)

    def close(self) -> Subtree:
        """End the mapping or list that was begun last."""
        container, place = self._data.pop(), self._places.pop()
        self._keys.pop()
        return self._put(Subtree(container, place, self.size - self._sizes.pop()))

    def key(self, text: str, mark: Mark) -> None:
        """Give the key of the value that comes next."""
        self._weigh(text, mark)
        keys = self._places[-1].keys
        if text in keys:
            self.flaw(mark, f"duplicate key {quoted(text)}, also at line {keys[text].line}", (*self.path(), text))
        else:
            keys[text] = mark
        self._keys[-1] = text

    def scalar(self, value: Plain, mark: Mark) -> Subtree:
        """Put a scalar."""
        before = self.size
        self._count(1, mark)
        if type(value) is str:
            self._weigh(value, mark)
        return self._put(Subtree(value, mark, self.size - before))

    def nothing(self, mark: Mark) -> Subtree:
        """Put null for a value that is not written: it stands where its key does, or at the mark in a list."""
        key = self._keys[-1] if self._keys else None
        return self.scalar(None, mark if key is None else self._places[-1].keys[key])

    def repeat(self, subtree: Subtree, mark: Mark) -> None:
        """Put a copy of a finished value, at its own positions."""
        self._count(subtree.size, mark)
        value = self._copy(subtree.value, mark, len(self._data))
        self._put(Subtree(value, subtree.positions, subtree.size))

    def finish(self) -> tuple[Plain, Positions]:
        """Return the data and the positions of the whole. Raises ``DocumentError`` if any problem was collected."""
        assert self._last is not None
        assert not self._data
        if self.problems:
            raise DocumentError(self.problems)
        positions = self._last.positions
        return self._last.value, positions if isinstance(positions, Positions) else Positions(positions)

    def flaw(self, mark: Mark, message: str, path: Path | None = None) -> None:
        """Collect a problem, at the path of the value that comes next unless another is given."""
        where = dotted(self.path() if path is None else path)
        self.problems.append(Problem(self.file, mark.line, mark.column, where, one_line(message)))

    def fail(self, mark: Mark, message: str, path: Path | None = None) -> NoReturn:
        """Raise a ``DocumentError`` of this problem and the ones collected."""
        self.flaw(mark, message, path)
        raise DocumentError(self.problems)

    def _put(self, subtree: Subtree) -> Subtree:
        if self._data:
            container, place = self._data[-1], self._places[-1]
            if isinstance(container, list):
                place.values[len(container)] = subtree.positions
                container.append(subtree.value)
            else:
                key = self._keys[-1]
                assert key is not None
                place.values[key] = subtree.positions
                container[key] = subtree.value
                self._keys[-1] = None
        self._last = subtree
        return subtree

    def _count(self, more: int, mark: Mark) -> None:
        self.size += more
        if self.size > MAX_VALUES:
            self.fail(mark, f"expected at most {MAX_VALUES:,} values in a document, aliases expanded")

    def _weigh(self, text: str, mark: Mark) -> None:
        if len(text) >= CHARS_PER_VALUE:
            self._count(len(text) // CHARS_PER_VALUE, mark)
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                self.fail(mark, f"half of a surrogate pair in {text[:60]!a} is no text")

    def _copy(self, value: Plain, mark: Mark, depth: int) -> Plain:
        if not isinstance(value, (dict, list)):
            return value
        if depth >= MAX_DEPTH:
            self.fail(mark, f"expected at most {MAX_DEPTH} levels of nesting")
        if isinstance(value, list):
            return [self._copy(part, mark, depth + 1) for part in value]
        return {key: self._copy(part, mark, depth + 1) for key, part in value.items()}


def fail(file: str, message: str, mark: Mark = START) -> NoReturn:
    """Raise the ``DocumentError`` of a text that cannot be read."""
    raise DocumentError.of(file, mark.line, mark.column, (), message)
