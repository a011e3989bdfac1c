"""The loop in virtual time: callbacks, timers, SimPy, the fences, and what ends a run."""

import asyncio
import gc
import re
from collections.abc import Callable, Generator
from random import Random

import pytest
from simpy import Environment
from simpy.events import Event

from sim.engine.errors import CodeMistake, Deadlock, Livelock
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


def test_a_deadlock_lists_all_who_wait_up_to_a_bound() -> None:
    """The first thing that one wants to know is who, and through which calls."""

    async def inner(event: asyncio.Event) -> None:
        await event.wait()

    async def outer(event: asyncio.Event) -> None:
        await inner(event)

    async def main(number: int) -> None:
        event = asyncio.Event()
        await asyncio.gather(*(outer(event) for _ in range(number)))

    loop = loop_with()
    loop.call_later(3, lambda: None)
    with pytest.raises(Deadlock) as few:
        loop.run_until_complete(main(2))
    text = str(few.value)
    assert text.startswith("at 3.000 s nothing will ever happen")
    waiting = re.findall(
        r"  .*outer waits at \S*test_loop.py:\d+ in outer > \S*test_loop.py:\d+ in inner > \S+ in wait for a", text
    )
    assert len(waiting) == 2
    assert len(re.findall(r"main waits at", text)) == 1
    with pytest.raises(Deadlock, match="and 31 more"):
        loop_with().run_until_complete(main(50))


def test_a_future_that_nobody_sets_is_a_deadlock_too() -> None:
    """Without any task there is nobody to name."""
    loop = loop_with()
    with pytest.raises(Deadlock, match="no task: the main future is set by nobody"):
        loop.run_until_complete(loop.create_future())


def test_a_timer_that_was_cancelled_keeps_no_deadlock_away() -> None:
    """And does not let time go on."""
    loop = loop_with()

    async def main() -> None:
        asyncio.get_running_loop().call_later(100, print).cancel()
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match=r"at 0\.000 s"):
        loop.run_until_complete(main())


def _circle_of_callbacks(loop: VirtualLoop) -> None:
    loop.call_soon(_circle_of_callbacks, loop)


def _circle_of_timers(loop: VirtualLoop) -> None:
    loop.call_later(0, _circle_of_timers, loop)


def _circle_of_arrivals(loop: VirtualLoop) -> None:
    loop.schedule(0, _circle_of_arrivals, loop)


def _circle_of_a_process(loop: VirtualLoop) -> None:
    def process() -> Generator[Event, object, None]:
        while True:
            yield loop.environment.timeout(0)

    loop.environment.process(process())


@pytest.mark.parametrize("circle", [_circle_of_callbacks, _circle_of_timers, _circle_of_arrivals, _circle_of_a_process])
def test_time_that_stands_still_ends_the_run(
    circle: Callable[[VirtualLoop], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Live it would burn a core; here it would never end."""
    monkeypatch.setattr("sim.engine.loop._AT_ONE_TIME", 1_000)
    loop = loop_with()

    async def main() -> None:
        await asyncio.sleep(5)
        circle(loop)
        await asyncio.sleep(1)

    with pytest.raises(Livelock, match=r"at 5\.000 s more than 1000"):
        loop.run_until_complete(main())


def test_much_work_at_one_time_is_no_livelock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is on one moment, not on the run."""
    monkeypatch.setattr("sim.engine.loop._AT_ONE_TIME", 1_000)

    async def main() -> None:
        for _ in range(20):
            for _ in range(400):
                await asyncio.sleep(0)
            await asyncio.sleep(1)

    loop = loop_with()
    loop.run_until_complete(main())
    assert loop.callbacks > 8_000


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


def test_a_failure_of_a_process_or_an_arrival_ends_the_run_too() -> None:
    """Whoever runs in virtual time is code under test."""

    def fails() -> None:
        raise ZeroDivisionError("ours")

    def process(environment: Environment) -> Generator[Event, object, None]:
        yield environment.timeout(1)
        fails()

    for begin in (
        lambda loop: loop.environment.process(process(loop.environment)),
        lambda loop: loop.schedule(1, fails),
    ):
        loop = loop_with()
        begin(loop)
        with pytest.raises(CodeMistake, match=r"at 1\.000 s.*ZeroDivisionError: ours") as caught:
            loop.run_until_complete(asyncio.sleep(2))
        assert caught.value.place.endswith("in fails")


def test_a_task_that_failed_unheard_is_a_mistake() -> None:
    """A background task that dies silently is how servers stop doing things."""

    async def fails() -> None:
        raise ZeroDivisionError("ours")

    async def main() -> None:
        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        del task
        gc.collect()
        await asyncio.sleep(1)

    with pytest.raises(CodeMistake, match="never retrieved: ZeroDivisionError"):
        loop_with().run_until_complete(main())


def test_a_process_hears_of_what_a_coroutine_failed_with() -> None:
    """And of its cancellation; a coroutine hears of a process's failure, and of an event that has happened already."""
    loop, heard = loop_with(), []

    async def fails(error: BaseException) -> None:
        await asyncio.sleep(1)
        raise error

    def process() -> Generator[Event, object, str]:
        for error in (ZeroDivisionError("ours"), asyncio.CancelledError()):
            try:
                yield loop.event_of(fails(error))
            except (ZeroDivisionError, RuntimeError) as caught:
                heard.append(str(caught))
        raise KeyError("process")

    async def main() -> None:
        with pytest.raises(KeyError, match="process"):
            await loop.future_of(loop.environment.process(process()))
        happened = loop.environment.timeout(1, "value")
        await asyncio.sleep(2)
        assert await loop.future_of(happened) == "value"
        given_up = loop.future_of(loop.environment.timeout(1))
        given_up.cancel()
        await asyncio.sleep(2)

    loop.run_until_complete(main())
    assert heard == ["ours", "what a process waited for was cancelled"]


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


def test_everything_that_a_life_began_dies_with_it() -> None:
    """Tasks, timers and callbacks, and those that these began; what others do goes on. A paused life can be killed."""
    done: list[str] = []

    async def child() -> None:
        await asyncio.sleep(1)
        done.append("grandchild")

    async def lives() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1, done.append, "timer")
        loop.call_soon(lambda: asyncio.ensure_future(child()))
        await asyncio.sleep(1)
        done.append("task")

    async def main(*, is_paused: bool) -> None:
        loop, life, other = asyncio.get_running_loop(), Life("node"), Life("other")
        assert isinstance(loop, VirtualLoop)
        life.run(loop.create_task, lives())
        other.run(loop.call_later, 1, done.append, "other")
        loop.call_later(1, done.append, "nobody's")
        await asyncio.sleep(0.5)
        if is_paused:
            loop.hold(life)
            await asyncio.sleep(3)
        loop.kill(life)
        loop.release(life)
        await asyncio.sleep(10)

    for is_paused in (False, True):
        done.clear()
        loop_with().run_until_complete(main(is_paused=is_paused))
        assert done == ["other", "nobody's"]


def test_the_dead_are_not_reported() -> None:
    """A coroutine that is torn down in the middle may do anything; nobody speaks of it."""

    async def lives() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            raise ZeroDivisionError("while it was torn down")

    async def main() -> None:
        loop, life = asyncio.get_running_loop(), Life("node")
        assert isinstance(loop, VirtualLoop)
        life.run(loop.create_task, lives())
        await asyncio.sleep(1)
        loop.kill(life)
        gc.collect()
        await asyncio.sleep(1)

    loop_with().run_until_complete(main())


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

    plays = {order(seed) for seed in range(100)}
    found = {names for names, _ in plays}
    assert len({digest for _, digest in plays}) >= len(found), "the choice itself goes into the hash"
    assert found == {"abc", "acb", "bac", "bca", "cab", "cba"}
    assert order(7) == order(7)


def test_timers_of_one_moment_are_shuffled_too() -> None:
    """They are ready together, as on the standard loop: who is first is anybody's choice."""

    def order(seed: int) -> str:
        done: list[str] = []

        async def main() -> None:
            loop = asyncio.get_running_loop()
            for name in "abc":
                loop.call_later(1, done.append, name)
            await asyncio.sleep(2)

        loop_with(seed).run_until_complete(main())
        return "".join(done)

    assert {order(seed) for seed in range(100)} == {"abc", "acb", "bac", "bca", "cab", "cba"}


def test_the_hash_tells_orders_times_and_callbacks_apart() -> None:
    """What differs in any of them is another run; what is alike in all is the same."""

    def first() -> None: ...

    def second() -> None: ...

    def digest(*calls: tuple[float, Callable[[], None]]) -> str:
        loop = loop_with()
        for delay_s, callback in calls:
            loop.call_later(delay_s, callback)
        loop.run_until_complete(asyncio.sleep(5))
        return loop.trace.digest()

    plays = [
        ((1, first), (2, second)),
        ((1, second), (2, first)),
        ((1, first), (2.5, second)),
        ((1, first), (1, second)),
        ((1, first),),
        ((1, first), (2, second), (3, second)),
    ]
    digests = [digest(*calls) for calls in plays]
    assert len(set(digests)) == len(plays)
    assert digests == [digest(*calls) for calls in plays]
