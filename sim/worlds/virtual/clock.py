"""A node's own clock: it may be wrong, run fast or slow, and jump."""

from asyncio import TimerHandle, sleep
from collections.abc import Callable
from contextvars import copy_context
from random import Random

from nodes.ports import Timer
from sim.engine.loop import VirtualLoop

_NOTICED_S = 60.0
"""A node notices within this time that its clock has jumped (``nodes.live``: the longest wait)."""
_ROUNDING_MS = 1e-6
"""Added before milliseconds are cut off, so that a timer set for a millisecond finds that it has come."""


class VirtualClock:
    """The ``Clock`` port on a virtual loop. ``start_ms`` is the civil time at virtual time 0."""

    def __init__(self, loop: VirtualLoop, start_ms: int, rng: Random, *, skew_ms: float = 0.0) -> None:
        self._loop = loop
        self._environment = loop.environment
        self._rng = rng
        self._base_ms = start_ms + skew_ms
        self._right_ms = self._base_ms
        self._jumped_ms = 0.0
        self._base_s = 0.0
        self._ms_per_s = 1000.0
        self._timers: dict[int, _CivilTimer] = {}
        self._serial = 0

    def now_ms(self) -> int:
        """See ``Clock.now_ms``."""
        return int(self._base_ms + (self._environment._now - self._base_s) * self._ms_per_s + _ROUNDING_MS)  # noqa: SLF001

    def call_at_ms(self, when_ms: int, callback: Callable[[], None]) -> Timer:
        """See ``Clock.call_at_ms``."""
        self._serial += 1
        timer = _CivilTimer(self, self._serial, when_ms, callback)
        self._timers[self._serial] = timer
        timer.handle = self._loop.call_later(self._seconds_until(when_ms), timer.ring)
        return timer

    def monotonic_s(self) -> float:
        """See ``Clock.monotonic_s``."""
        now: float = self._environment._now  # noqa: SLF001
        return now

    stopwatch_s = monotonic_s

    def call_later_s(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """See ``Clock.call_later_s``."""
        return self._loop.call_later(delay_s, callback)

    async def sleep_s(self, delay_s: float) -> None:
        """See ``Clock.sleep_s``."""
        await sleep(delay_s)

    def jump(self, by_ms: float) -> None:
        """Set the clock forward, or back. Who waits for a time notices within a minute."""
        self._base_ms += by_ms
        self._jumped_ms += by_ms
        self._set_anew()

    def correct(self) -> None:
        """Undo what it drifted, and let it run right. It stays off by its skew, and by what it has jumped."""
        self._base_ms, self._base_s, self._ms_per_s = self._right_ms + self._jumped_ms, 0.0, 1000.0
        self._set_anew()

    def drift(self, ppm: float) -> None:
        """Let the clock run that many millionths too fast from now on."""
        now_s: float = self._environment.now
        self._base_ms += (now_s - self._base_s) * self._ms_per_s
        self._base_s = now_s
        self._ms_per_s = 1000.0 * (1 + ppm / 1e6)
        self._set_anew()

    def forget_timers(self) -> None:
        """Drop what a dead node waited for."""
        for timer in list(self._timers.values()):
            timer.cancel()

    def _set_anew(self) -> None:
        for timer in list(self._timers.values()):
            timer.reset(min(self._seconds_until(timer.when_ms), self._rng.uniform(0, _NOTICED_S)))

    def _seconds_until(self, when_ms: int) -> float:
        return max(0.0, (when_ms - self.now_ms()) / self._ms_per_s)


class _CivilTimer:
    __slots__ = ("_callback", "_clock", "_context", "_serial", "handle", "when_ms")

    def __init__(self, clock: VirtualClock, serial: int, when_ms: int, callback: Callable[[], None]) -> None:
        self._clock = clock
        self._serial = serial
        self._callback = callback
        self._context = copy_context()
        self.when_ms = when_ms
        self.handle: TimerHandle | None = None

    def cancel(self) -> None:
        if self.handle is not None:
            self.handle.cancel()
        self._clock._timers.pop(self._serial, None)  # noqa: SLF001 - one thing in two classes

    def reset(self, delay_s: float) -> None:
        assert self.handle is not None
        self.handle.cancel()
        self.handle = self._clock._loop.call_later(delay_s, self.ring, context=self._context)  # noqa: SLF001

    def ring(self) -> None:
        self._clock._timers.pop(self._serial, None)  # noqa: SLF001
        self._callback()
