"""The loop in virtual time: callbacks, timers, SimPy, the fences, and what ends a run."""

import asyncio
import socket
import threading
import time
from collections.abc import Generator
from random import Random

import pytest
from simpy import Environment
from simpy.events import Event

from sim.engine.errors import CodeMistake, Deadlock, RealIOError
from sim.engine.life import Life
from sim.engine.loop import VirtualLoop


def loop_with(seed: int | None = None) -> VirtualLoop:
    return VirtualLoop(Environment(), shuffle=None if seed is None else Random(seed))  # type: ignore[abstract]


def test_time_passes_only_by_waiting() -> None:
    """A day of sleeping costs nothing, and ends at the second."""

    async def main() -> float:
        await asyncio.gather(asyncio.sleep(86_400), asyncio.sleep(5))
        async with asyncio.timeout(10):
            await asyncio.sleep(1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.sleep(3)
        return asyncio.get_running_loop().time()

    assert loop_with().run_until_complete(main()) == 86_403


def test_processes_and_coroutines_wait_for_one_another() -> None:
    """Vehicles are SimPy processes, nodes are coroutines."""
    loop = loop_with()
    environment = loop.environment

    async def double(number: int) -> int:
        await asyncio.sleep(1)
        return 2 * number

    def process() -> Generator[Event, int, int]:
        found = yield loop.event_of(double(21))
        yield environment.timeout(1)
        return found

    async def main() -> int:
        found: int = await loop.future_of(environment.process(process()))
        return found

    assert loop.run_until_complete(main()) == 42
    assert loop.time() == 2


def test_a_deadlock_says_who_waits_where() -> None:
    """Live it would hang."""

    async def waits_for_nobody() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match=r"waits_for_nobody waits at .*test_loop.py:\d+"):
        loop_with().run_until_complete(waits_for_nobody())


def test_what_nobody_handles_ends_the_run_and_names_its_place() -> None:
    """A mistake in a callback must not pass."""

    def fails() -> None:
        raise ZeroDivisionError("ours")

    async def main() -> None:
        asyncio.get_running_loop().call_later(1, fails)
        await asyncio.sleep(2)

    with pytest.raises(CodeMistake, match="ZeroDivisionError: ours") as caught:
        loop_with().run_until_complete(main())
    assert caught.value.place.endswith("in fails")


@pytest.mark.parametrize(
    ("reach", "name"),
    [
        (socket.socket, "socket"),
        (lambda: time.sleep(0.01), "time.sleep"),
        (lambda: threading.Thread(target=print).start(), "threading.Thread.start"),
        (lambda: asyncio.get_running_loop().add_reader(0, print), "loop.add_reader"),
    ],
)
def test_the_real_world_is_fenced_off(reach: object, name: str) -> None:
    """Whatever is not deterministic must be loud."""

    async def main() -> None:
        assert callable(reach)
        reach()

    with pytest.raises(RealIOError, match=name):
        loop_with().run_until_complete(main())
    time.sleep(0)  # free again


def test_a_killed_life_does_nothing_more() -> None:
    """A process that was killed gets no chance, also not to clean up."""
    done: list[str] = []

    async def lives() -> None:
        try:
            while True:
                await asyncio.sleep(1)
                done.append("lived")
        finally:
            asyncio.get_running_loop().call_soon(done.append, "haunted")

    async def main() -> None:
        loop, life = asyncio.get_running_loop(), Life("node")
        assert isinstance(loop, VirtualLoop)
        life.run(loop.create_task, lives())
        await asyncio.sleep(2.5)
        loop.kill(life)
        await asyncio.sleep(10)

    loop_with().run_until_complete(main())
    assert done == ["lived", "lived"]


def test_what_is_held_runs_in_order_when_it_is_released() -> None:
    """SIGSTOP and SIGCONT."""
    done: list[tuple[int, float]] = []

    async def main() -> None:
        loop, life = asyncio.get_running_loop(), Life("node")
        assert isinstance(loop, VirtualLoop)
        for number in range(3):
            life.run(loop.call_later, number + 1, lambda number=number: done.append((number, loop.time())))
        loop.hold(life)
        await asyncio.sleep(10)
        assert done == []
        loop.release(life)
        await asyncio.sleep(0)

    loop_with().run_until_complete(main())
    assert done == [(0, 10), (1, 10), (2, 10)]


def test_a_seed_chooses_the_order_and_repeats_it() -> None:
    """Every order that a scheduler may choose can happen; the hash says which did."""

    def order(seed: int) -> tuple[str, str]:
        loop, done = loop_with(seed), []

        async def main() -> None:
            for name in "abc":
                loop.call_soon(done.append, name)
            await asyncio.sleep(1)

        loop.run_until_complete(main())
        return "".join(done), loop.trace.digest()

    found = {order(seed)[0] for seed in range(100)}
    assert found == {"abc", "acb", "bac", "bca", "cab", "cba"}
    assert order(7) == order(7)
