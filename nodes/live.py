"""The live clock: civil time from the machine or from a laboratory, process time from the loop."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from nodes.ports import Timer


class CivilTime(Protocol):
    """Where civil time comes from."""

    def now_ms(self) -> int:
        """Return it, in milliseconds since the Unix epoch."""

    def seconds_until(self, when_ms: int) -> float:
        """Return how long to wait before looking again whether it is ``when_ms``; 0 when it is."""


class MachineTime:
    """The machine's UTC."""

    def now_ms(self) -> int:
        """See ``CivilTime.now_ms``."""
        return time.time_ns() // 1_000_000

    def seconds_until(self, when_ms: int) -> float:
        """See ``CivilTime.seconds_until``. Long waits are taken in steps, so that a jump of the time is noticed."""
        return min(_LONGEST_WAIT_S, max(0, when_ms - self.now_ms()) / 1000)


class LiveClock:
    """The ``Clock`` port on the running loop."""

    def __init__(self, civil: CivilTime | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._civil = civil or MachineTime()
        self.now_ms = self._civil.now_ms

    def call_at_ms(self, when_ms: int, callback: Callable[[], None]) -> Timer:
        """See ``Clock.call_at_ms``."""
        return self._loop.call_later(self._civil.seconds_until(when_ms), callback)

    def monotonic_s(self) -> float:
        """See ``Clock.monotonic_s``."""
        return self._loop.time()

    def stopwatch_s(self) -> float:
        """See ``Clock.stopwatch_s``: the loop's own time has whole milliseconds only, with uvloop."""
        return time.perf_counter()

    def call_later_s(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """See ``Clock.call_later_s``."""
        return self._loop.call_later(delay_s, callback)

    async def sleep_s(self, delay_s: float) -> None:
        """See ``Clock.sleep_s``."""
        await asyncio.sleep(delay_s)


_LONGEST_WAIT_S = 60.0
