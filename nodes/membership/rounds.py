"""Whom to ask next: everybody in turn, so that nobody waits for longer than a round (SWIM, section 4.3)."""

from collections.abc import Callable, Iterable
from zlib import crc32


class Rounds:
    """Goes round after round. Every node has an order of its own, so that not all ask the same one at once."""

    def __init__(self, node_id: str) -> None:
        self._node_id = node_id
        self._left: list[str] = []

    def next(self, everybody: Callable[[], Iterable[str]], is_due: Callable[[str], bool]) -> str | None:
        """Return the next node that is due; None when none of this round, and of the next one, is.

        ``everybody`` is asked at the beginning of a round who takes part in it.
        """
        for is_new in (False, True):
            if is_new:
                self._left = sorted(everybody(), key=self._place)
            while self._left:
                node_id = self._left.pop()
                if is_due(node_id):
                    return node_id
        return None

    def _place(self, node_id: str) -> tuple[int, str]:
        return crc32(f"{self._node_id}>{node_id}".encode()), node_id
