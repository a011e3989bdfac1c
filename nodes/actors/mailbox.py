"""A bounded mailbox without a task of its own: a callback on the loop drains it."""

from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

M = TypeVar("M")


class Gate(Protocol):
    """Something that can stop a mailbox from being drained for a while."""

    @property
    def has_room(self) -> bool:
        """Whether draining may go on."""

    def when_room(self, callback: Callable[[], None]) -> None:
        """Call back once, when draining may go on."""


class Mailbox(Generic[M]):
    """Messages for one actor, handled one at a time, in order of arrival, in callbacks of the loop.

    The handler is synchronous: while it runs nothing else does, so that the mailbox serialises everything its actor
    does. While the gate is closed, messages wait here. At most ``capacity`` wait; ``offer`` says whether one more fits.
    """

    __slots__ = ("_burst", "_call_soon", "_capacity", "_gate", "_handle", "_messages", "_scheduled")

    def __init__(
        self,
        handle: Callable[[M], None],
        gate: Gate,
        call_soon: Callable[[Callable[[], None]], object],
        *,
        capacity: int,
        burst: int,
    ) -> None:
        self._handle = handle
        self._gate = gate
        self._call_soon = call_soon
        self._capacity = capacity
        self._burst = burst
        self._messages: deque[M] = deque()
        self._scheduled = False

    def __len__(self) -> int:
        return len(self._messages)

    def offer(self, message: M) -> bool:
        """Put a message at the end. Returns False, and takes nothing, when ``capacity`` messages wait already."""
        if len(self._messages) >= self._capacity:
            return False
        self._messages.append(message)
        if not self._scheduled:
            self._scheduled = True
            self._call_soon(self._drain)
        return True

    def empty(self) -> list[M]:
        """Take out everything that waits."""
        messages = list(self._messages)
        self._messages.clear()
        return messages

    def _drain(self) -> None:
        messages, gate = self._messages, self._gate
        for _ in range(min(self._burst, len(messages))):
            if not gate.has_room:
                gate.when_room(self._drain)
                return
            self._handle(messages.popleft())
        if messages:
            self._call_soon(self._drain)
        else:
            self._scheduled = False
