"""Programs that write down what happened, in which order and when: to be run on different loops, and compared.

Each uses a part of asyncio that nodes rest on.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

VARIABLE: ContextVar[str] = ContextVar("variable", default="unset")


@dataclass
class Log:
    """What happened."""

    entries: list[tuple[float, str]] = field(default_factory=list)

    def __call__(self, what: str) -> None:
        self.entries.append((round(asyncio.get_running_loop().time(), 6), what))


Program = Callable[[Log], Coroutine[Any, Any, None]]


async def work(log: Log, name: str, *steps_s: float) -> str:
    """Do something in steps, and say how it ended."""
    try:
        for number, step_s in enumerate(steps_s):
            log(f"{name} {number}")
            await asyncio.sleep(step_s)
    except asyncio.CancelledError:
        log(f"{name} cancelled")
        raise
    log(f"{name} done")
    return name


async def fail(log: Log, after_s: float) -> None:
    await asyncio.sleep(after_s)
    log("fails")
    raise ZeroDivisionError("ours")


async def callbacks(log: Log) -> None:
    loop = asyncio.get_running_loop()
    loop.call_soon(log, "soon 1")
    loop.call_soon(lambda: (log("soon 2"), loop.call_soon(log, "soon from soon")))
    cancelled = loop.call_soon(log, "never")
    cancelled.cancel()
    for _ in range(4):
        log("turn")
        await asyncio.sleep(0)


async def timers_that_are_due(log: Log) -> None:
    """They take their turn, though somebody is always busy; in which one is the loop's own."""
    loop, called = asyncio.get_running_loop(), []
    loop.call_later(0, called.append, "later 0")
    loop.call_later(-1, called.append, "later -1")
    loop.call_at(loop.time() - 5, called.append, "past")
    loop.call_later(0, called.append, "never").cancel()
    assert not called
    for _ in range(100):
        await asyncio.sleep(0)
    log(repr(sorted(called)))


async def timers(log: Log) -> None:
    loop = asyncio.get_running_loop()
    for delay_s in (3, 1, 2, 1, 2.5):
        loop.call_later(
            delay_s, lambda delay_s=delay_s: (log(f"timer {delay_s}"), loop.call_soon(log, f"after {delay_s}"))
        )  # type: ignore[misc]
    dropped = loop.call_later(1.5, log, "never")
    loop.call_later(1, dropped.cancel)
    assert dropped.when() == loop.time() + 1.5
    await asyncio.sleep(4)
    log(f"cancelled: {dropped.cancelled()}")


async def simultaneous(log: Log) -> None:
    await asyncio.gather(*(work(log, name, 1, 1) for name in "abc"))


async def tasks_in_turns(log: Log) -> None:
    tasks = [asyncio.create_task(work(log, name, 0, 0, 0)) for name in "abc"]
    log("made")
    log(",".join(await asyncio.gather(*tasks)))


async def gather_fails(log: Log) -> None:
    other = asyncio.create_task(work(log, "other", 1, 1, 1))
    try:
        await asyncio.gather(other, fail(log, 1.5))
    except ZeroDivisionError:
        log("gather raised")
    log(f"other goes on: {not other.done()}")
    log(repr(await asyncio.gather(other, fail(log, 0.25), return_exceptions=True)))


async def gather_is_cancelled(log: Log) -> None:
    whole = asyncio.gather(work(log, "a", 5), work(log, "b", 5))
    asyncio.get_running_loop().call_later(1, whole.cancel)
    try:
        await whole
    except asyncio.CancelledError:
        log("gather cancelled")


async def cancelled_before_it_began(log: Log) -> None:
    task = asyncio.create_task(work(log, "never", 1))
    task.cancel("why")
    log(repr(await asyncio.gather(task, return_exceptions=True)))


async def cancellation_refused(log: Log) -> None:
    async def stubborn() -> str:
        for _ in range(2):
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                log("no")
        await asyncio.sleep(1)
        return "ended by itself"

    task = asyncio.create_task(stubborn())
    for _ in range(2):
        await asyncio.sleep(1)
        task.cancel()
    log(await task)
    log(f"{task.cancelled()} {task.cancelling()}")


async def cancel_meets_a_result(log: Log) -> None:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def waits() -> int:
        return await future

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    future.set_result(1)
    task.cancel()
    log(repr(await asyncio.gather(task, return_exceptions=True)))


async def finally_awaits(log: Log) -> None:
    async def careful() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            log("cleaning")
            await asyncio.sleep(1)
            log("clean")

    task = asyncio.create_task(careful())
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait([task])
    log(f"cancelled: {task.cancelled()}")


async def timeouts(log: Log) -> None:
    try:
        async with asyncio.timeout(1):
            await work(log, "slow", 2)
    except TimeoutError:
        log("timeout")
    async with asyncio.timeout(2) as bound:
        await work(log, "fast", 1)
        bound.reschedule(asyncio.get_running_loop().time() + 5)
        await work(log, "longer", 4)
    log(f"expired: {bound.expired()}")
    try:
        async with asyncio.timeout(1):
            async with asyncio.timeout(3):
                await asyncio.sleep(9)
    except TimeoutError:
        log("outer timeout")


async def timeouts_of_nothing(log: Log) -> None:
    try:
        async with asyncio.timeout(0):
            await asyncio.sleep(0)
            log("not reached")
    except TimeoutError:
        log("at once")
    try:
        async with asyncio.timeout(-1):
            await asyncio.sleep(0)
    except TimeoutError:
        log("before at once")


async def wait_for(log: Log) -> None:
    log(await asyncio.wait_for(work(log, "fast", 1), 2))
    try:
        await asyncio.wait_for(work(log, "slow", 3), 2)
    except TimeoutError:
        log("timeout")
    done = asyncio.get_running_loop().create_future()
    done.set_result("there already")
    log(await asyncio.wait_for(done, 0))
    try:
        await asyncio.wait_for(work(log, "no time", 1), 0)
    except TimeoutError:
        log("timeout at once")
    try:
        await asyncio.wait_for(fail(log, 1), 2)
    except ZeroDivisionError:
        log("its own error")


async def waits(log: Log) -> None:
    tasks = [asyncio.create_task(work(log, name, step_s)) for name, step_s in (("a", 3), ("b", 1), ("c", 2))]
    for when in (asyncio.FIRST_COMPLETED, asyncio.ALL_COMPLETED):
        done, pending = await asyncio.wait(tasks, return_when=when)
        log(f"{when}: {sorted(task.result() for task in done)}, {len(pending)} pending")
    done, pending = await asyncio.wait([asyncio.create_task(work(log, "d", 5))], timeout=1)
    log(f"{len(done)} done, {len(pending)} pending")
    pending.pop().cancel()
    await asyncio.sleep(0)


async def groups(log: Log) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work(log, "a", 1, 1, 1))
            group.create_task(fail(log, 1.5))
            group.create_task(work(log, "b", 1))
    except* ZeroDivisionError as errors:
        log(f"{len(errors.exceptions)} failed")


async def shields(log: Log) -> None:
    inner = asyncio.create_task(work(log, "inner", 2))
    try:
        async with asyncio.timeout(1):
            await asyncio.shield(inner)
    except TimeoutError:
        log("gave up")
    log(await inner)


async def locks(log: Log) -> None:
    lock, event, slots = asyncio.Lock(), asyncio.Event(), asyncio.Semaphore(2)

    async def use(name: str, for_s: float) -> None:
        async with lock:
            log(f"{name} has the lock")
            await asyncio.sleep(for_s)
        async with slots:
            log(f"{name} has a slot")
            await asyncio.sleep(for_s)
        await event.wait()
        log(f"{name} saw the event")

    users = [asyncio.create_task(use(name, for_s)) for name, for_s in (("a", 1), ("b", 2), ("c", 1))]
    await asyncio.sleep(1.5)
    users[1].cancel()
    await asyncio.sleep(3)
    event.set()
    log(repr([type(each).__name__ for each in await asyncio.gather(*users, return_exceptions=True)]))


async def queues(log: Log) -> None:
    queue: asyncio.Queue[int] = asyncio.Queue(2)

    async def produce() -> None:
        for number in range(5):
            await queue.put(number)
            log(f"put {number}")

    async def consume() -> None:
        while True:
            number = await queue.get()
            log(f"got {number}")
            await asyncio.sleep(1)
            queue.task_done()

    consumer = asyncio.create_task(consume())
    await produce()
    await queue.join()
    consumer.cancel()
    log("all done")


async def conditions(log: Log) -> None:
    condition, ready = asyncio.Condition(), []

    async def waiter(name: str) -> None:
        async with condition:
            await condition.wait_for(lambda: name in ready)
            log(f"{name} goes on")

    tasks = [asyncio.create_task(waiter(name)) for name in "ab"]
    for name in "ba":
        await asyncio.sleep(1)
        async with condition:
            ready.append(name)
            condition.notify_all()
    await asyncio.gather(*tasks)


async def done_callbacks(log: Log) -> None:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for name in "abc":
        future.add_done_callback(lambda _, name=name: log(name))  # type: ignore[misc]
    future.set_result(1)
    log("set")
    await asyncio.sleep(0)
    future.add_done_callback(lambda _: log("late"))
    log("added late")
    await asyncio.sleep(0)


async def generators(log: Log) -> None:
    async def numbers() -> Any:
        try:
            for number in range(5):
                await asyncio.sleep(1)
                yield number
        finally:
            log("generator closed")

    running = numbers()
    async for number in running:
        log(f"number {number}")
        if number == 2:
            break
    await running.aclose()


async def contexts(log: Log) -> None:
    loop = asyncio.get_running_loop()

    async def child() -> None:
        log(f"child sees {VARIABLE.get()}")
        VARIABLE.set("child")

    VARIABLE.set("parent")
    loop.call_soon(lambda: log(f"soon sees {VARIABLE.get()}"))
    loop.call_later(1, lambda: log(f"later sees {VARIABLE.get()}"))
    task = asyncio.create_task(child())
    VARIABLE.set("changed")
    task.add_done_callback(lambda _: log(f"done sees {VARIABLE.get()}"))
    await task
    log(f"parent sees {VARIABLE.get()}")
    await asyncio.sleep(2)


async def executors(log: Log) -> None:
    loop = asyncio.get_running_loop()
    log(str(await loop.run_in_executor(None, lambda: 21 * 2)))
    try:
        await loop.run_in_executor(None, lambda: 1 // 0)
    except ZeroDivisionError:
        log("its error")


ALL: dict[str, Program] = {
    program.__name__: program
    for program in (
        callbacks, timers_that_are_due, timers, simultaneous, tasks_in_turns, gather_fails, gather_is_cancelled, cancelled_before_it_began,
        cancellation_refused, cancel_meets_a_result, finally_awaits, timeouts,
        timeouts_of_nothing, wait_for, waits, groups, shields, locks,
        queues, conditions, done_callbacks, generators, contexts,
    )
}  # fmt: skip
"""All that take the same turns on every loop."""
