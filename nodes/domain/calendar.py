"""The windows in force on one point, kept so that every question about them takes logarithmic time.

An AVL tree ordered by start. Each node of the tree also knows, for its subtree, the first start, the last end and the
longest gap between two neighbours, so that a search for free time skips every subtree that has no gap long enough
(the "augmented tree" of Cormen et al., *Introduction to Algorithms*, ch. 17).
"""

from collections.abc import Iterator
from typing import NamedTuple

from nodes.domain.window import Window


class Entry(NamedTuple):
    """One window in force and the reservation that holds it."""

    start_ms: int
    end_ms: int
    reservation_id: str


class Calendar:
    """Disjoint half-open windows, each held by a reservation. Every operation is O(log n) unless it says otherwise."""

    __slots__ = ("_root", "_size")

    def __init__(self) -> None:
        self._root: _Node | None = None
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Entry]:
        """Yield all entries in order of time, O(n)."""
        return self.entries_from(-1)

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
        self._root = _insert(self._root, Entry(start_ms, end_ms, reservation_id))
        self._size += 1

    def remove(self, start_ms: int) -> None:
        """Remove the window that starts at ``start_ms``; it must be there."""
        self._root = _remove(self._root, start_ms)
        self._size -= 1


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


def _insert(node: _Node | None, entry: Entry) -> _Node:
    if node is None:
        return _Node(entry)
    if entry.start_ms < node.entry.start_ms:
        node.left = _insert(node.left, entry)
    else:
        node.right = _insert(node.right, entry)
    return _balance(node)


def _remove(node: _Node | None, start_ms: int) -> _Node | None:
    assert node is not None, f"no window starts at {start_ms}"
    if start_ms < node.entry.start_ms:
        node.left = _remove(node.left, start_ms)
    elif start_ms > node.entry.start_ms:
        node.right = _remove(node.right, start_ms)
    elif node.left is None or node.right is None:
        return node.left or node.right
    else:
        heir = node.right
        while heir.left is not None:
            heir = heir.left
        node.entry = heir.entry
        node.right = _remove(node.right, heir.entry.start_ms)
    return _balance(node)


def _balance(node: _Node) -> _Node:
    lean = _height(node.left) - _height(node.right)
    if lean > 1:
        assert node.left is not None
        if _height(node.left.left) < _height(node.left.right):
            node.left = _rotate_left(node.left)
        return _rotate_right(node)
    if lean < -1:
        assert node.right is not None
        if _height(node.right.right) < _height(node.right.left):
            node.right = _rotate_right(node.right)
        return _rotate_left(node)
    return _summarise(node)


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
    """Recompute what the node knows of its subtree from its two children."""
    left, right, entry = node.left, node.right, node.entry
    gap, first, last, height = 0, entry.start_ms, entry.end_ms, 0
    if left is not None:
        first, height = left.first_ms, left.height
        gap = max(left.gap_ms, entry.start_ms - left.last_ms)
    if right is not None:
        last, height = right.last_ms, max(height, right.height)
        gap = max(gap, right.gap_ms, right.first_ms - entry.end_ms)
    node.first_ms, node.last_ms, node.gap_ms, node.height = first, last, gap, height + 1
    return node


def _height(node: _Node | None) -> int:
    return 0 if node is None else node.height
