"""The windows that a point has given away, and which of them share an instant with another."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import NamedTuple


class Window(NamedTuple):
    """``[start_ms, end_ms)``, held by a reservation."""

    start_ms: int
    end_ms: int
    reservation_id: str


class Windows:
    """Windows in order of start. They may overlap: this is where it shows when they do."""

    def __init__(self) -> None:
        self._ordered: list[Window] = []
        self._by_id: dict[str, Window] = {}
        self._longest_ms = 0

    def __iter__(self) -> Iterator[Window]:
        return iter(self._ordered)

    def __len__(self) -> int:
        return len(self._ordered)

    def put(self, start_ms: int, end_ms: int, reservation_id: str) -> None:
        """Hold a window; it replaces the reservation's earlier one."""
        self.remove(reservation_id)
        window = Window(start_ms, end_ms, reservation_id)
        self._by_id[reservation_id] = window
        self._longest_ms = max(self._longest_ms, end_ms - start_ms)
        insort(self._ordered, window)

    def remove(self, reservation_id: str) -> None:
        """Let a reservation's window go, if it has one."""
        window = self._by_id.pop(reservation_id, None)
        if window is not None:
            del self._ordered[bisect_left(self._ordered, window)]

    def overlapping(self, start_ms: int, end_ms: int, *, but: str | None = None) -> list[Window]:
        """Return the windows that share an instant with ``[start_ms, end_ms)``, except that reservation's own.

        Only windows that start before ``end_ms`` can, and none that starts earlier than the longest window's length
        before ``start_ms``.
        """
        found: list[Window] = []
        at = bisect_left(self._ordered, (end_ms,))
        while at > 0 and self._ordered[at - 1].start_ms + self._longest_ms > start_ms:
            at -= 1
            window = self._ordered[at]
            if max(window.start_ms, start_ms) < min(window.end_ms, end_ms) and window.reservation_id != but:
                found.append(window)
        return found[::-1]
