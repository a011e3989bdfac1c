"""How long one caller goes on waiting, while the node asks several things on their behalf."""

from nodes.errors import DeadlineExceeded
from nodes.ports import Clock


class Patience:
    """Counts down from when it is made. ``timeout_ms``: what the caller said; ``default_ms`` for one who said nothing."""

    def __init__(self, clock: Clock, timeout_ms: int | None, default_ms: int) -> None:
        self._clock = clock
        self._until_s = clock.monotonic_s() + (default_ms if timeout_ms is None else timeout_ms) / 1000

    def left_ms(self) -> int:
        """Return what is left. Raises ``DeadlineExceeded`` when nothing is: what would be asked next is not begun."""
        left_ms = int((self._until_s - self._clock.monotonic_s()) * 1000)
        if left_ms < 1:
            raise DeadlineExceeded("the time was over before all of it was begun", started=False)
        return left_ms
