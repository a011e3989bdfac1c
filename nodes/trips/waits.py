"""Where the time of a trip goes, at its coordinator: added up while it passes, whoever asks for it in the end."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import IntEnum

from nodes.domain.ids import owner_of
from nodes.ports import Clock
from nodes.records import Timing


class Part(IntEnum):
    """What is waited for; of several at once the highest counts, so that no moment counts twice."""

    DECIDE = 0
    """For nothing of the below."""
    QUEUE = 1
    """To be taken up: for room in the journal, and for what the store knows of the key or the trip."""
    WRITE = 2
    """For what the coordinator itself has to do: promises of its own points, and its decision on disk."""
    FORWARD = 3
    """For the owner of a stop that is another node, also between two attempts to reach it."""


class Waits:
    """What is waited for, and for how long by now."""

    __slots__ = ("_clock", "_node_id", "_since_s", "_spent_s", "_under_way")

    def __init__(self, clock: Clock, node_id: str) -> None:
        """``node_id``: the coordinator's."""
        self._clock = clock
        self._node_id = node_id
        self._since_s = clock.stopwatch_s()
        self._spent_s = [0.0] * len(Part)
        self._under_way = [0] * len(Part)

    @contextmanager
    def waiting(self, part: Part) -> Iterator[None]:
        """Wait for something within it."""
        self._add_up()
        self._under_way[part] += 1
        try:
            yield
        finally:
            self._add_up()
            self._under_way[part] -= 1

    def asking(self, point_id: str) -> AbstractContextManager[None]:
        """Wait for a point's owner within it."""
        return self.waiting(Part.WRITE if owner_of(point_id) == self._node_id else Part.FORWARD)

    @contextmanager
    def waiting_with(self, other: "Waits") -> Iterator[None]:
        """Within it time goes where it goes in that one."""
        self._add_up()
        before_s = other.spent_s()
        try:
            yield
        finally:
            self._since_s = self._clock.stopwatch_s()
            for part, (now_s, then_s) in enumerate(zip(other.spent_s(), before_s, strict=True)):
                self._spent_s[part] += now_s - then_s

    def spent_s(self) -> list[float]:
        """Return how long each part took up to now."""
        self._add_up()
        return list(self._spent_s)

    def timing(self) -> Timing:
        """Return the same as an answer tells it."""
        decide_s, queue_s, write_s, forward_s = self.spent_s()
        return Timing(queue_s, decide_s, write_s, forward_s)

    def _add_up(self) -> None:
        now_s = self._clock.stopwatch_s()
        part = next((part for part in _HIGHEST_FIRST if self._under_way[part]), Part.DECIDE)
        self._spent_s[part] += now_s - self._since_s
        self._since_s = now_s


_HIGHEST_FIRST = sorted(Part, reverse=True)
