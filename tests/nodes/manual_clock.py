"""A clock that the test moves. Process time and civil time move together."""

import asyncio
import heapq
from collections.abc import Callable


class ManualTimer:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualClock:
    """The ``Clock`` port; ``advance`` moves time and fires what is due, in order."""

    def __init__(self, now_ms: int = 1_000_000_000_000) -> None:
        self.civil_ms = now_ms
        self._passed_s = 0.0
        self._timers: list[tuple[float, int, ManualTimer]] = []
        self._serial = 0

    def now_ms(self) -> int:
        return self.civil_ms

    def call_at_ms(self, when_ms: int, callback: Callable[[], None]) -> ManualTimer:
        return self.call_later_s(max(0, when_ms - self.civil_ms) / 1000, callback)

    def monotonic_s(self) -> float:
        return self._passed_s

    stopwatch_s = monotonic_s

    def call_later_s(self, delay_s: float, callback: Callable[[], None]) -> ManualTimer:
        timer = ManualTimer(callback)
        self._serial += 1
        heapq.heappush(self._timers, (self._passed_s + delay_s, self._serial, timer))
        return timer

    async def sleep_s(self, delay_s: float) -> None:
        done = asyncio.get_running_loop().create_future()
        self.call_later_s(delay_s, lambda: done.done() or done.set_result(None))
        await done

    async def advance(self, seconds: float) -> None:
        """Let time pass, and let everything settle that follows from it."""
        target_s = self._passed_s + seconds
        start_s, start_ms = self._passed_s, self.civil_ms
        while self._timers and self._timers[0][0] <= target_s:
            due_s, _, timer = heapq.heappop(self._timers)
            self._passed_s = max(self._passed_s, due_s)
            self.civil_ms = start_ms + round((self._passed_s - start_s) * 1000)
            if timer.callback is not None:
                timer.callback()
            await settle()
        self._passed_s, self.civil_ms = target_s, start_ms + round(seconds * 1000)
        await settle()


async def settle(turns: int = 30) -> None:
    """Let everything run that can run."""
    for _ in range(turns):
        await asyncio.sleep(0)
