"""SimPy in wall-clock time: events come when they are due, never early; how late they came is written down.

A busy machine makes everything late and nothing early, so that only lower bounds are checked.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from simpy import Environment
from simpy.events import Event

from sim.engine.pacing import Pacer

SCALE = 100.0
Steps = Generator[Event, Any, Any]


@asynccontextmanager
async def pacing(scale: float = SCALE) -> AsyncIterator[Pacer]:
    """Have a pacer that starts now; afterwards nothing it started goes on."""
    pacer = Pacer(Environment(), scale, time.monotonic_ns())
    try:
        async with asyncio.timeout(30):
            yield pacer
    finally:
        pacer.close()


async def test_simulated_time_never_runs_ahead_of_the_wall_clock() -> None:
    """At a scale of 100, 10 simulated seconds take a tenth of a second at least."""
    async with pacing() as pacer:
        seen: list[tuple[float, int]] = []

        def process() -> Steps:
            for _ in range(5):
                yield pacer.environment.timeout(2)
                seen.append((pacer.environment.now, pacer.elapsed_ns()))

        await pacer.run(pacer.environment.process(process()))
        assert [now_s for now_s, _ in seen] == [2, 4, 6, 8, 10]
        assert all(elapsed_ns >= pacer.due_ns(now_s) for now_s, elapsed_ns in seen)
        assert pacer.due_ns(10) == 100_000_000
        assert pacer.now_s() >= 10


async def test_a_coroutines_result_comes_back_at_the_time_at_which_it_ended() -> None:
    """A vehicle that waited 50 ms for an answer goes on 5 simulated seconds later."""
    async with pacing() as pacer:

        async def answer() -> str:
            await asyncio.sleep(0.05)
            return "reserved"

        def process() -> Steps:
            result = yield pacer.event_of(answer())
            return result, pacer.environment.now

        result, now_s = await run(pacer, process())
        assert result == "reserved"
        assert 5 <= now_s <= pacer.now_s()


async def run(pacer: Pacer, steps: Steps) -> Any:
    """Run a process to its end; return its result."""
    process = pacer.environment.process(steps)
    await pacer.run(process)
    return process.value


async def test_coroutines_of_several_processes_run_side_by_side() -> None:
    """Fifty vehicles that wait a tenth of a second each do not wait five seconds."""
    async with pacing() as pacer:
        under_way = 0
        most = 0

        async def answer() -> None:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.1)
            under_way -= 1

        def process() -> Steps:
            yield pacer.event_of(answer())

        processes = [pacer.environment.process(process()) for _ in range(50)]
        await pacer.run(pacer.environment.all_of(processes))
        assert most == 50


async def test_other_tasks_get_their_turn_while_many_events_are_due() -> None:
    """The answers to requests are read by the same loop."""
    async with pacing(scale=1e6) as pacer:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        def process() -> Steps:
            for _ in range(1_000):
                yield pacer.environment.timeout(0)

        task = asyncio.create_task(other())
        await run(pacer, process())
        task.cancel()
        assert turns >= 10


async def test_lateness_is_recorded_for_every_step() -> None:
    """A generator that falls behind has to be found out: here the loop is held up on purpose."""
    async with pacing() as pacer:

        def process() -> Steps:
            yield pacer.environment.timeout(1)
            time.sleep(0.05)  # the delay that has to be noticed
            yield pacer.environment.timeout(1)

        await run(pacer, process())
        assert len(pacer.lateness_ns) >= 3
        assert min(pacer.lateness_ns) >= 0
        assert max(pacer.lateness_ns) >= 40_000_000


async def test_an_error_in_a_coroutine_reaches_the_process_that_waits_for_it() -> None:
    """And the run, if the process does not deal with it."""
    async with pacing() as pacer:

        async def broken() -> None:
            raise LookupError("no such node")

        def caught() -> Steps:
            try:
                yield pacer.event_of(broken())
            except LookupError as error:
                return str(error)

        def uncaught() -> Steps:
            yield pacer.event_of(broken())

        assert await run(pacer, caught()) == "no such node"
        with pytest.raises(LookupError, match="no such node"):
            await run(pacer, uncaught())


async def test_the_last_event_of_all_may_be_followed_by_none() -> None:
    """The queue runs empty while a coroutine is still under way."""
    async with pacing() as pacer:
        gate = asyncio.Event()

        def process() -> Steps:
            yield pacer.environment.timeout(1)
            yield pacer.event_of(gate.wait())
            return "done"

        def opens() -> Steps:
            yield pacer.environment.timeout(0)
            asyncio.get_running_loop().call_later(0.05, gate.set)

        pacer.environment.process(opens())
        assert await run(pacer, process()) == "done"


async def test_waiting_for_what_cannot_happen_is_an_error_and_no_hang() -> None:
    """A run that hangs tells nothing; this one names its reason."""
    async with pacing() as pacer:
        with pytest.raises(RuntimeError, match="no process will ever go on"):
            await pacer.run(pacer.environment.event())


async def test_closing_cancels_what_is_under_way() -> None:
    """Nothing of a run goes on behind its end."""
    async with pacing() as pacer:
        cancelled = asyncio.Event()

        async def forever() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise

        pacer.event_of(forever())
        await asyncio.sleep(0)
        pacer.close()
        await cancelled.wait()
