"""A calendar as a plain list, and the laws that the real one's tree keeps."""

import math
from dataclasses import dataclass, field

from nodes.domain.calendar import Calendar, Entry, _Node


@dataclass
class NaiveCalendar:
    """The same questions answered by looking at every entry."""

    entries: list[Entry] = field(default_factory=list)

    def add(self, start_ms: int, end_ms: int, reservation_id: str) -> None:
        self.entries = sorted([*self.entries, Entry(start_ms, end_ms, reservation_id)])

    def remove(self, start_ms: int) -> None:
        self.entries = [entry for entry in self.entries if entry.start_ms != start_ms]

    def conflict(self, start_ms: int, end_ms: int) -> Entry | None:
        return next((e for e in self.entries if e.start_ms < end_ms and start_ms < e.end_ms), None)

    def next_start(self, from_ms: int) -> int | None:
        return min((e.start_ms for e in self.entries if e.start_ms >= from_ms), default=None)

    def next_free(self, from_ms: int, length_ms: int) -> tuple[int, int]:
        tries = sorted([from_ms, *(e.end_ms for e in self.entries if e.end_ms > from_ms)])
        start_ms = next(each_ms for each_ms in tries if self.conflict(each_ms, each_ms + length_ms) is None)
        following_ms = self.next_start(start_ms)
        return start_ms, start_ms + length_ms if following_ms is None else following_ms

    def entries_from(self, from_ms: int) -> list[Entry]:
        return [entry for entry in self.entries if entry.end_ms > from_ms]


def check_tree(calendar: Calendar) -> None:
    """The tree is ordered and balanced, and each node knows the truth about its subtree."""
    in_order = [] if calendar._root is None else _check_node(calendar._root)
    assert in_order == list(calendar)
    assert len(in_order) == len(calendar)
    height = 0 if calendar._root is None else calendar._root.height
    assert height <= 1.44 * math.log2(len(calendar) + 2)


def _check_node(node: _Node) -> list[Entry]:
    left = [] if node.left is None else _check_node(node.left)
    right = [] if node.right is None else _check_node(node.right)
    below = [0 if child is None else child.height for child in (node.left, node.right)]
    assert node.height == 1 + max(below)
    assert abs(below[0] - below[1]) <= 1
    entries = [*left, node.entry, *right]
    ends, starts = [e.end_ms for e in entries], [e.start_ms for e in entries]
    gaps = [start_ms - end_ms for end_ms, start_ms in zip(ends[:-1], starts[1:], strict=True)]
    assert all(gap_ms >= 0 for gap_ms in gaps)
    assert (node.first_ms, node.last_ms, node.gap_ms) == (starts[0], ends[-1], max(gaps, default=0))
    return entries
