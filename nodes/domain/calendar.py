"""The windows in force on one point, kept so that every question about them takes logarithmic time.

An AVL tree ordered by start. Each node of the tree also knows, for its subtree, the first start, the last end and the
longest gap between two neighbours, so that a search for free time skips every subtree that has no gap long enough
(the "augmented tree" of Cormen et al., *Introduction to Algorithms*, ch. 17).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from nodes.domain.window import Window


class Entry(NamedTuple):
    """One window in force and the reservation that holds it."""

    start_ms: int
    end_ms: int
    reservation_id: str


class _Node:
    __slots__ = ("entry", "first_ms", "gap_ms", "height", "last_ms", "left", "right")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.left: _Node | None = None
        self.right: _Node | None = None
        self.height = 1
        self.first_ms = entry.start_ms
        self.last_ms = entry.end_ms
        self.gap_ms = 0


class Calendar:
    """Disjoint half-open windows, each held by a reservation. Every operation is O(log n) unless it says otherwise."""

    __slots__ = ("_root", "_size")

    def __init__(self) -> None:
        self._root: _Node | None = None
        self._size = 0

    @classmethod
    def from_sorted(cls, entries: Sequence[Entry]) -> "Calendar":
        """Build a calendar from disjoint entries in order of time, O(n)."""
        assert all(entry.start_ms < entry.end_ms for entry in entries), "an entry is empty"
        assert all(a.end_ms <= b.start_ms for a, b in pairwise(entries)), "entries overlap or are unordered"
        calendar = cls()
        calendar._root = _build(entries, 0, len(entries))
        calendar._size = len(entries)
        return calendar

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Entry]:
        """Yield all entries in order of time, O(n)."""
        return self.entries_from(-(2**63))

    def first(self) -> Entry | None:
        """Return the earliest entry."""
        node = self._root
        while node is not None and node.left is not None:
            node = node.left
        return None if node is None else node.entry

    def conflict(self, start_ms: int, end_ms: int) -> Entry | None:
        """Return the earliest entry that overlaps ``[start_ms, end_ms)``, or None when that window is free."""
        node, found = self._root, None
        while node is not None:
            entry = node.entry
            if entry.end_ms <= start_ms:
                node = node.right
            else:
                if entry.start_ms < end_ms:
                    found = entry
                node = node.left
        return found

    def next_start(self, from_ms: int) -> int | None:
        """Return the start of the earliest entry that starts at ``from_ms`` or later."""
        node, found = self._root, None
        while node is not None:
            if node.entry.start_ms >= from_ms:
                found, node = node.entry.start_ms, node.left
            else:
                node = node.right
        return found

    def next_free(self, from_ms: int, length_ms: int) -> Window:
        """Return the earliest free window of at least ``length_ms`` (> 0) that starts at ``from_ms`` or later.

        Its end is where the next entry starts, or ``start + length_ms`` when nothing follows.
        """
        start_ms, found = _fit(self._root, from_ms, length_ms)
        following = self.next_start(start_ms) if found else None
        return Window(start_ms, following if following is not None else start_ms + length_ms)

    def entries_from(self, from_ms: int) -> Iterator[Entry]:
        """Yield the entries that end after ``from_ms``, in order of time. O(log n) to the first, then O(1) each."""
        path: list[_Node] = []
        node = self._root
        while node is not None:
            if node.entry.end_ms > from_ms:
                path.append(node)
                node = node.left
            else:
                node = node.right
        while path:
            node = path.pop()
            yield node.entry
            node = node.right
            while node is not None:
                path.append(node)
                node = node.left

    def add(self, start_ms: int, end_ms: int, reservation_id: str) -> None:
        """Add a window that must be free and not empty."""
        assert start_ms < end_ms, f"empty window {start_ms}..{end_ms}"
        assert self.conflict(start_ms, end_ms) is None, f"{reservation_id} overlaps another window"
        leaf = _Node(Entry(start_ms, end_ms, reservation_id))
        path: list[_Node] = []
        node = self._root
        while node is not None:
            path.append(node)
            node = node.left if start_ms < node.entry.start_ms else node.right
        if not path:
            self._root = leaf
        elif start_ms < path[-1].entry.start_ms:
            path[-1].left = leaf
        else:
            path[-1].right = leaf
        self._size += 1
        self._repair(path)

    def remove(self, start_ms: int) -> None:
        """Remove the window that starts at ``start_ms``; it must be there."""
        path: list[_Node] = []
        node = self._root
        while node is not None and node.entry.start_ms != start_ms:
            path.append(node)
            node = node.left if start_ms < node.entry.start_ms else node.right
        assert node is not None, f"no window starts at {start_ms}"
        if node.left is not None and node.right is not None:
            path.append(node)
            heir = node.right
            while heir.left is not None:
                path.append(heir)
                heir = heir.left
            node.entry = heir.entry
            node = heir
        self._replace(path[-1] if path else None, node, node.left or node.right)
        self._size -= 1
        self._repair(path)

    def _repair(self, path: list[_Node]) -> None:
        """Rebalance and summarise the nodes of a path, from its end to the root, or until nothing changes any more.

        An heir was the first of its subtree, so that its removal changes every node up to the one it moved to.
        """
        while path:
            node = path.pop()
            left, right = node.left, node.right
            lean = (0 if left is None else left.height) - (0 if right is None else right.height)
            if -2 < lean < 2:
                before = (node.height, node.gap_ms, node.first_ms, node.last_ms)
                _summarise(node)
                if before == (node.height, node.gap_ms, node.first_ms, node.last_ms):
                    return
            else:
                self._replace(path[-1] if path else None, node, _rotate(node, lean))

    def _replace(self, parent: _Node | None, old: _Node, new: _Node | None) -> None:
        if parent is None:
            self._root = new
        elif parent.left is old:
            parent.left = new
        else:
            parent.right = new


def _fit(node: _Node | None, from_ms: int, length_ms: int) -> tuple[int, bool]:
    """Search a subtree. ``(t, True)``: a gap starts at t, before an entry of this subtree; ``(t, False)``: go on from t."""
    if node is None or node.last_ms <= from_ms:
        return from_ms, False
    if from_ms + length_ms <= node.first_ms:
        return from_ms, True
    if from_ms <= node.first_ms and node.gap_ms < length_ms:
        return node.last_ms, False
    from_ms, found = _fit(node.left, from_ms, length_ms)
    if found or from_ms + length_ms <= node.entry.start_ms:
        return from_ms, True
    return _fit(node.right, max(from_ms, node.entry.end_ms), length_ms)


def _build(entries: Sequence[Entry], low: int, high: int) -> _Node | None:
    if low >= high:
        return None
    middle = (low + high) // 2
    node = _Node(entries[middle])
    node.left = _build(entries, low, middle)
    node.right = _build(entries, middle + 1, high)
    return _summarise(node)


def _rotate(node: _Node, lean: int) -> _Node:
    """Balance a node whose subtrees are balanced and differ by two in height; return the subtree's new root."""
    if lean > 0:
        assert node.left is not None
        if _height(node.left.left) < _height(node.left.right):
            node.left = _rotate_left(node.left)
        return _rotate_right(node)
    assert node.right is not None
    if _height(node.right.right) < _height(node.right.left):
        node.right = _rotate_right(node.right)
    return _rotate_left(node)


def _rotate_left(node: _Node) -> _Node:
    top = node.right
    assert top is not None
    node.right = top.left
    top.left = _summarise(node)
    return _summarise(top)


def _rotate_right(node: _Node) -> _Node:
    top = node.left
    assert top is not None
    node.left = top.right
    top.right = _summarise(node)
    return _summarise(top)


def _summarise(node: _Node) -> _Node:
    """Recompute what the node knows of its subtree from its two children. On the hot path: no calls, no tuples."""
    left, right, entry = node.left, node.right, node.entry
    gap, first, last, height = 0, entry.start_ms, entry.end_ms, 0
    if left is not None:
        gap = first - left.last_ms
        if left.gap_ms > gap:
            gap = left.gap_ms
        first, height = left.first_ms, left.height
    if right is not None:
        between = right.first_ms - last
        if between > gap:
            gap = between
        if right.gap_ms > gap:
            gap = right.gap_ms
        last = right.last_ms
        if right.height > height:
            height = right.height
    node.first_ms, node.last_ms, node.gap_ms, node.height = first, last, gap, height + 1
    return node


def _height(node: _Node | None) -> int:
    return 0 if node is None else node.height
