"""A half-open span of time, ``[start_ms, end_ms)``."""

from typing import NamedTuple


class Window(NamedTuple):
    """A half-open span of time: it holds ``start_ms`` and not ``end_ms`` (milliseconds since the Unix epoch, UTC)."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """The length in milliseconds."""
        return self.end_ms - self.start_ms

    def overlaps(self, other: "Window") -> bool:
        """Whether both share an instant. Windows that only touch (one ends where the other starts) do not."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms
