"""SimPy processes in wall-clock time, beside asyncio.

``simpy.rt`` sleeps in the loop's thread; here the loop sleeps instead. Simulated time is civil seconds since the
scenario's start, and runs ``scale`` times as fast as the wall clock. A process yields ``pacer.event_of(coroutine)`` and
goes on, with its result, at the simulated time at which the coroutine ended.
"""

import asyncio
import time
from array import array
from collections.abc import Coroutine
from typing import Any

from simpy import Environment
from simpy.events import Event

_STEPS_AT_ONCE = 50
"""Steps taken before the loop gets its turn when many are due: a few milliseconds."""


class Pacer:
    """Steps an environment's events when they are due. ``start_ns`` is the monotonic time of simulated time 0."""

    def __init__(self, environment: Environment, scale: float, start_ns: int) -> None:
        self.environment = environment
        self.scale = scale
        self.start_ns = start_ns
        self.lateness_ns = array("q")
        """How late each step was, in wall-clock time."""
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    def now_s(self) -> float:
        """Return the simulated time that it should be by the wall clock."""
        return (time.monotonic_ns() - self.start_ns) * self.scale / 1e9

    def elapsed_ns(self) -> int:
        """Return the wall-clock time since the start."""
        return time.monotonic_ns() - self.start_ns

    def due_ns(self, simulated_s: float) -> int:
        """Return when that simulated time is due, in wall-clock time since the start."""
        return round(simulated_s / self.scale * 1e9)

    def event_of(self, coroutine: Coroutine[Any, Any, Any]) -> Event:
        """Run a coroutine as a task; return an event that has its result, or fails with its exception."""
        event = self.environment.event()
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._finish(done, event))
        return event

    async def run(self, until: Event) -> None:
        """Step events as they come due until ``until`` has happened. Raises what a process raised."""
        environment = self.environment
        while not until.processed:
            wait_ns = self.due_ns(environment.peek()) - self.elapsed_ns() if environment.peek() < float("inf") else None
            if wait_ns is None and not self._tasks:
                raise RuntimeError("no process will ever go on: what the run waits for cannot happen")
            if wait_ns is None or wait_ns > 0:
                await self._sleep(wait_ns)
                continue
            for _ in range(_STEPS_AT_ONCE):
                next_s = environment.peek()
                late_ns = self.elapsed_ns() - self.due_ns(next_s) if next_s < float("inf") else -1
                if late_ns < 0 or until.processed:
                    break
                self.lateness_ns.append(late_ns)
                environment.step()
            await asyncio.sleep(0)

    def close(self) -> None:
        """Cancel what is still under way."""
        for task in list(self._tasks):
            task.cancel()

    async def _sleep(self, wait_ns: int | None) -> None:
        """Sleep until an event is due, or until a coroutine's end has added one."""
        self._wake.clear()
        try:
            async with asyncio.timeout(None if wait_ns is None else wait_ns / 1e9):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _finish(self, task: asyncio.Task[Any], event: Event) -> None:
        """Let the event happen at the simulated time that it is now."""
        self._tasks.discard(task)
        if task.cancelled():
            return
        delay_s = max(0.0, self.now_s() - self.environment.now)
        arrival = self.environment.timeout(delay_s)
        error = task.exception()

        def arrive(_: Event) -> None:
            if error is None:
                event.succeed(task.result())
            else:
                event.fail(error if isinstance(error, Exception) else RuntimeError(repr(error)))

        arrival.callbacks.append(arrive)
        self._wake.set()
