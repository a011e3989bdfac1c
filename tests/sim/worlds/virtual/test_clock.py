"""A node's simulated clock when several things are wrong with it at a time."""

import asyncio
from random import Random

import pytest
from simpy import Environment

from sim.engine.loop import VirtualLoop
from sim.worlds.virtual.clock import VirtualClock

START_MS = 1_800_000_000_000


def clock_with(skew_ms: float = 0.0) -> tuple[VirtualLoop, VirtualClock]:
    loop = VirtualLoop(Environment())  # type: ignore[abstract]
    return loop, VirtualClock(loop, START_MS, Random(1), skew_ms=skew_ms)


def off_ms(loop: VirtualLoop, clock: VirtualClock) -> int:
    return clock.now_ms() - START_MS - round(1000 * loop.time())


@pytest.mark.parametrize("skew_ms", [-250, 0, 4_000])
def test_a_clock_is_off_by_its_skew_for_the_whole_run(skew_ms: float) -> None:
    """Also after it drifted and was set right: what sets it is off itself."""
    loop, clock = clock_with(skew_ms)

    async def main() -> None:
        assert off_ms(loop, clock) == skew_ms
        clock.drift(1_000)
        await asyncio.sleep(1_000)
        assert off_ms(loop, clock) == skew_ms + 1_000
        clock.correct()
        assert off_ms(loop, clock) == skew_ms
        await asyncio.sleep(1_000)
        assert off_ms(loop, clock) == skew_ms

    loop.run_until_complete(main())


@pytest.mark.parametrize("ppm", [-100_000, -50, 50, 100_000])
def test_a_drifting_clock_gains_or_loses_steadily(ppm: float) -> None:
    """And who waits for a civil time is called when this clock says that it is that time."""
    loop, clock = clock_with()

    async def main() -> None:
        clock.drift(ppm)
        called: list[int] = []
        clock.call_at_ms(START_MS + 100_000, lambda: called.append(clock.now_ms()))
        await asyncio.sleep(90_000 / 1000)
        assert off_ms(loop, clock) == pytest.approx(90_000 * ppm / 1e6, abs=1)
        await asyncio.sleep(30)
        assert called == [START_MS + 100_000] or called[0] < START_MS + 100_000, "never late"

    loop.run_until_complete(main())


def test_jumps_add_up_and_are_taken_back() -> None:
    """Two faults at a time, mended one after the other, leave the clock as it was."""
    loop, clock = clock_with(7)

    async def main() -> None:
        clock.jump(60_000)
        await asyncio.sleep(10)
        clock.jump(-3_600_000)
        assert off_ms(loop, clock) == 7 + 60_000 - 3_600_000
        clock.jump(-60_000)
        clock.jump(3_600_000)
        assert off_ms(loop, clock) == 7

    loop.run_until_complete(main())


@pytest.mark.parametrize("order", ["jump mended first", "drift mended first"])
def test_a_clock_that_drifts_and_jumps_is_right_when_both_are_mended(order: str) -> None:
    """In whichever order; else a run's liveness phase would play with a broken clock."""
    loop, clock = clock_with()

    async def main() -> None:
        clock.jump(30_000)
        await asyncio.sleep(10)
        clock.drift(500)
        await asyncio.sleep(1_000)
        assert off_ms(loop, clock) == 30_500
        if order == "jump mended first":
            clock.jump(-30_000)
            assert off_ms(loop, clock) == 500
            clock.correct()
        else:
            clock.correct()
            assert off_ms(loop, clock) == 30_000
            clock.jump(-30_000)
        assert off_ms(loop, clock) == 0
        await asyncio.sleep(1_000)
        assert off_ms(loop, clock) == 0

    loop.run_until_complete(main())


def test_the_dead_wait_for_nothing() -> None:
    """A clock outlives the processes that look at it."""
    loop, clock = clock_with()

    async def main() -> None:
        called: list[str] = []
        clock.call_at_ms(START_MS + 1_000, lambda: called.append("dead"))
        clock.forget_timers()
        clock.call_at_ms(START_MS + 1_000, lambda: called.append("alive"))
        clock.jump(10_000)
        await asyncio.sleep(100)
        assert called == ["alive"]

    loop.run_until_complete(main())
