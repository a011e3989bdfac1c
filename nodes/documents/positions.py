"""Where each value of a document stands."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""What a document is made of. Numbers are finite, whole numbers fit in 64 bits, text is valid Unicode."""

Path: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead from the root to a value; the root's own is empty."""


class Mark(NamedTuple):
    """A place in a text: line and column, both from 1, the column in characters."""

    line: int
    column: int


START = Mark(1, 1)


@dataclass(slots=True)
class Positions:
    """The place of a mapping or list, of its keys, and of what it holds (a bare mark for a scalar)."""

    mark: Mark
    keys: dict[str, Mark] = field(default_factory=dict)
    values: dict[str | int, "Positions | Mark"] = field(default_factory=dict)

    def find(self, path: Path) -> Mark | None:
        """Return the place of the value at the path; None when the text has no such path."""
        here: Positions | Mark | None = self
        for step in path:
            here = here.values.get(step) if isinstance(here, Positions) else None
        return here.mark if isinstance(here, Positions) else here

    def find_key(self, path: Path) -> Mark | None:
        """Return the place of the last key of the path; None when the text has no such key."""
        here: Positions | Mark | None = self
        for step in path[:-1]:
            here = here.values.get(step) if isinstance(here, Positions) else None
        last = path[-1] if path else None
        return here.keys.get(last) if isinstance(here, Positions) and isinstance(last, str) else None


class Lines:
    """Turns offsets in a text into marks. Lines end as YAML's and JSON's do: LF, CR LF or CR."""

    _END = re.compile(r"\r\n|\r|\n")

    def __init__(self, text: str) -> None:
        self._starts = [0, *(end.end() for end in self._END.finditer(text))]

    def mark(self, offset: int) -> Mark:
        """Return the place of the character at that offset."""
        line = bisect_right(self._starts, offset)
        return Mark(line, offset - self._starts[line - 1] + 1)
