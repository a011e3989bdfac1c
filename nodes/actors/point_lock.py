"""A point's row lock, for the strategy that takes one: while it is held, the point's mailbox waits."""

from collections.abc import Callable

from nodes.actors.mailbox import Gate


class PointLock:
    """A ``Gate`` in front of another one, closed while the lock is held."""

    def __init__(self, gate: Gate, call_soon: Callable[[Callable[[], None]], object]) -> None:
        self.is_held = False
        self._gate = gate
        self._call_soon = call_soon
        self._waiting: list[Callable[[], None]] = []

    @property
    def has_room(self) -> bool:
        """See ``Gate``."""
        return not self.is_held and self._gate.has_room

    def when_room(self, callback: Callable[[], None]) -> None:
        """See ``Gate``."""
        if self.is_held:
            self._waiting.append(callback)
        else:
            self._gate.when_room(callback)

    def hold(self) -> None:
        """Take the lock, which must be free."""
        assert not self.is_held
        self.is_held = True

    def release(self) -> None:
        """Let it go, and the mailbox go on."""
        self.is_held = False
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            self._call_soon(callback)
