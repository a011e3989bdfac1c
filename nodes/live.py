"""The live clock: the machine's civil time and the loop's own time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from nodes.ports import Timer


@dataclass(frozen=True, slots=True)
class Scale:
    """How a laboratory maps wall-clock time to civil time: at ``wall_ms`` it is ``civil_ms``, then ``factor`` times faster."""

    wall_ms: int = 0
    civil_ms: int = 0
    factor: float = 1.0

    def civil(self, wall_ms: float) -> int:
        """Return the civil time (ms) at a wall-clock time (ms)."""
        return self.civil_ms + int((wall_ms - self.wall_ms) * self.factor)


class LiveClock:
    """The ``Clock`` port on the running loop. Civil time is the machine's UTC, or a scaled one in a laboratory."""

    def __init__(self, scale: Scale | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._scale = scale
        self._factor = 1.0 if scale is None else scale.factor

    def now_ms(self) -> int:
        """See ``Clock.now_ms``."""
        wall_ms = time.time_ns() // 1_000_000
        return wall_ms if self._scale is None else self._scale.civil(wall_ms)

    def call_at_ms(self, when_ms: int, callback: Callable[[], None]) -> Timer:
        """See ``Clock.call_at_ms``. A timer far away is set in steps, so that a jump of the civil time is noticed."""
        wait_s = max(0, when_ms - self.now_ms()) / self._factor / 1000
        return self._loop.call_later(min(wait_s, _LONGEST_WAIT_S), callback)

    def monotonic_s(self) -> float:
        """See ``Clock.monotonic_s``."""
        return self._loop.time()

    def call_later_s(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """See ``Clock.call_later_s``."""
        return self._loop.call_later(delay_s, callback)

    async def sleep_s(self, delay_s: float) -> None:
        """See ``Clock.sleep_s``."""
        await asyncio.sleep(delay_s)


_LONGEST_WAIT_S = 60.0
