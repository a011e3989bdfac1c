"""What is typed into the filter line, as a test for points."""

import re
import unicodedata
from dataclasses import dataclass

from nodes.clients.objects import Point

_POWER = re.compile(r">=?(\d{1,4}(?:[.,]\d)?)(?:kw)?", re.ASCII)
_FREE = ("free", "livre")
_NODE = ("node:", "servidor:")


@dataclass(frozen=True, slots=True)
class PointFilter:
    """Every word must be found in a point's id, name, address or connector."""

    words: tuple[str, ...] = ()
    is_free: bool = False
    min_power_w: int = 0
    node: str = ""

    def admits(self, point: Point) -> bool:
        """Whether the point is to be shown."""
        if self.is_free and point.status != "AVAILABLE":
            return False
        if point.max_power_w < self.min_power_w or not point.node.startswith(self.node):
            return False
        texts = (point.id, point.name, point.location.address, point.connector, point.connector_label)
        text = _folded(" ".join(part for part in texts if part))
        return all(word in text for word in self.words)


def filter_from(text: str, *, free_only: bool = False) -> PointFilter:
    """Return the filter that a line means: words, ``free``, ``>50kW``, ``node:server1``."""
    words: list[str] = []
    is_free, min_power_w, node = free_only, 0, ""
    for word in _folded(text).split():
        if word in _FREE:
            is_free = True
        elif found := _POWER.fullmatch(word):
            min_power_w = round(1000 * float(found[1].replace(",", ".")))
        elif word.startswith(_NODE):
            node = word.partition(":")[2]
        else:
            words.append(word)
    return PointFilter(tuple(words), is_free, min_power_w, node)


def _folded(text: str) -> str:
    """Return the text without accents and capitals."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
