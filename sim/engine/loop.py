"""An asyncio event loop in virtual time: its only clock and timer heap are a SimPy environment.

A timer lies among SimPy's events. After every step of the environment all ready callbacks run, until none is left; so SimPy
processes and coroutines live side by side, and time passes only when nobody has anything to do. Which of several ready
callbacks runs next is the first (as in the standard loop), or drawn: then every order that a scheduler could choose
can happen.
"""

import asyncio
from asyncio import events
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import Context
from heapq import heappop, heappush
from random import Random
from typing import Any, NoReturn, TypeVar, TypeVarTuple, Unpack

from simpy import Environment
from simpy.events import NORMAL, Event

from sim.engine.errors import CodeMistake, Deadlock, Livelock
from sim.engine.fences import Fences
from sim.engine.handles import Arrival, Ready, Timer
from sim.engine.interrupts import noting_ctrl_c
from sim.engine.life import LIFE, Life
from sim.engine.trace import Trace
from sim.engine.waiting import who_waits
from sim.errors import LaboratoryError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_AT_ONE_TIME = 1_000_000
"""Callbacks at one moment of virtual time; more are no work but a circle."""


class VirtualLoop(Fences):
    """The loop. ``shuffle`` draws which ready callback is next; without, they run in order."""

    def __init__(self, environment: Environment, *, shuffle: Random | None = None, trace: Trace | None = None) -> None:
        self.environment = environment
        self.callbacks = 0
        """How many have run."""
        self.trace = trace or Trace()
        self._shuffle = shuffle
        self._ready: deque[asyncio.Handle] = deque()
        self._lives_differ = False
        self._moved_s = -1.0
        self._steps_at_one_time = 0
        self._mistakes: list[dict[str, Any]] = []
        self._is_running = False
        self._is_interrupted = False
        self._is_closed = False

    def time(self) -> float:
        """Return the virtual time in seconds."""
        now: float = self.environment.now
        return now

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """See ``asyncio``."""
        handle = Ready(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """See ``asyncio``."""
        now: float = self.environment._now
        return self.call_at(now + delay if delay > 0 else now, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """See ``asyncio``."""
        environment = self.environment
        now: float = environment._now
        if when <= now:  # due: it takes its turn with what is ready, as on the standard loop
            timer = Timer(now, callback, args, self, context)
            self._ready.append(timer)
            return timer
        timer = Timer(when, callback, args, self, context)
        heappush(environment._queue, (when, NORMAL, next(environment._eid), timer))  # type: ignore[misc] # among its events
        return timer

    def schedule(self, delay_s: float, function: Callable[[Unpack[Ts]], object], *arguments: *Ts) -> None:
        """Call a function at that time, from outside of every life and without a turn among what is ready.

        It cannot be taken back. It costs a third of ``call_later``: meant for what a network delivers.
        """
        environment = self.environment
        arrival: Any = Arrival(function, arguments)
        heappush(environment._queue, (environment._now + delay_s, NORMAL, next(environment._eid), arrival))

    def create_future(self) -> "asyncio.Future[Any]":
        """See ``asyncio``."""
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, T], *, name: str | None = None, context: Context | None = None, **_: Any
    ) -> "asyncio.Task[T]":
        """See ``asyncio``. The task belongs to the life that creates it."""
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        life = LIFE.get() if context is None else context.get(LIFE)
        if life is not None:
            life.add(task)
        return task

    def event_of(self, coroutine: Coroutine[Any, Any, T]) -> Event:
        """Run a coroutine; return a SimPy event that has its result, or fails with its exception."""
        event = Event(self.environment)

        def finish(task: "asyncio.Task[T]") -> None:
            if task.cancelled():
                event.fail(RuntimeError("what a process waited for was cancelled"))
            elif (error := task.exception()) is not None:
                event.fail(error if isinstance(error, Exception) else RuntimeError(repr(error)))
            else:
                event.succeed(task.result())

        self.create_task(coroutine).add_done_callback(finish)
        return event

    def future_of(self, event: Event) -> "asyncio.Future[Any]":
        """Return a future that has a SimPy event's value, or its exception."""
        future = self.create_future()

        def finish(done: Event) -> None:
            if future.done():
                return
            if done.ok:
                future.set_result(done.value)
            else:
                done.defused = True
                error: Any = done.value
                future.set_exception(error)

        if event.callbacks is None:
            finish(event)
        else:
            event.callbacks.append(finish)
        return future

    def run_until_complete(self, future: "Generator[Any, None, T] | Awaitable[T]") -> T:
        """Run until the future is done. Raises ``Deadlock``, ``Livelock`` or ``CodeMistake``, or what the future raises."""
        assert not self._is_running
        before = events._get_running_loop()
        events._set_running_loop(self)
        self._is_running = True
        try:
            with noting_ctrl_c(self._interrupt), self.fenced():
                main = asyncio.ensure_future(future, loop=self)  # type: ignore[arg-type] # no generator comes here
                self._run(main)
        finally:
            self._is_running = False
            events._set_running_loop(before)
        return main.result()

    def hold(self, life: Life) -> None:
        """Let nothing of that life run until ``release``."""
        life.is_paused, self._lives_differ = True, True

    def release(self, life: Life) -> None:
        """Let go on what was held."""
        life.is_paused = False
        self._ready.extend(life.held)
        life.held.clear()

    def kill(self, life: Life) -> None:
        """End a life. Nothing of it will run again."""
        self._lives_differ = True
        life.die()

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Take note of what nobody handled; the run ends with it. Of the dead nobody speaks."""
        life = LIFE.get()
        if life is None or not life.is_dead:
            self._mistakes.append(context)

    default_exception_handler = call_exception_handler

    def get_debug(self) -> bool:
        """Return False."""
        return False

    def is_running(self) -> bool:
        """Whether it runs."""
        return self._is_running

    def is_closed(self) -> bool:
        """Whether it is closed."""
        return self._is_closed

    def close(self) -> None:
        """Drop everything that waits."""
        self._is_closed = True
        self._ready.clear()
        self.environment._queue.clear()

    def _interrupt(self) -> None:
        self._is_interrupted = True

    def _run(self, main: "asyncio.Future[Any]") -> None:
        try:
            self._drain()
            while not main.done():
                self._go_on()
        except LaboratoryError:
            raise
        except Exception as error:
            raise self._mistake("a mistake", error) from error

    def _go_on(self) -> None:
        """Let time go on to what is next, and let that happen."""
        if self._is_interrupted:
            raise KeyboardInterrupt
        environment = self.environment
        queue: list[Any] = environment._queue
        if not queue:
            raise Deadlock(f"at {self.time():.3f} s nothing will ever happen, and somebody waits:\n{who_waits(self)}")
        event = queue[0][3]
        kind = type(event)
        if kind is Arrival:
            environment._now = heappop(queue)[0]
            event.function(*event.arguments)
        elif kind is Timer:
            now = heappop(queue)[0]
            if event._cancelled:
                return
            environment._now = now
            self._ready.append(event)
            while queue and queue[0][0] == now and type(queue[0][3]) is Timer:  # all that are due are ready
                self._ready.append(heappop(queue)[3])
        else:
            environment.step()
        now = environment._now
        self.trace.step(now)
        if now > self._moved_s:
            self._moved_s, self._steps_at_one_time = now, 0
        else:
            self._steps_at_one_time += 1
            if self._steps_at_one_time > _AT_ONE_TIME:
                self._raise_livelock()
        if self._ready:
            self._drain()

    def _drain(self) -> None:
        """Run what is ready, and what becomes ready by that."""
        ready, trace, shuffle = self._ready, self.trace, self._shuffle
        done = choice = 0
        while ready:
            if shuffle is not None and len(ready) > 1:
                choice = int(shuffle.random() * len(ready))
                ready[0], ready[choice] = ready[choice], ready[0]
            handle: Any = ready.popleft()
            if handle._cancelled or (self._lives_differ and not self._may_run(handle)):
                continue
            done += 1
            trace.callback(handle._callback, choice)
            try:
                handle._context.run(handle._callback, *handle._args)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001 - as the standard loop does
                handle._context.run(self.call_exception_handler, {"message": "a callback failed", "exception": error})
            if self._mistakes:
                self._raise_mistake()
            if done > _AT_ONE_TIME:
                self._raise_livelock()
        self.callbacks += done

    def _may_run(self, handle: asyncio.Handle) -> bool:
        life = handle._context.get(LIFE)  # type: ignore[attr-defined]
        if life is None:
            return True
        if life.is_paused and not life.is_dead:
            life.held.append(handle)
            return False
        return not life.is_dead

    def _raise_livelock(self) -> NoReturn:
        raise Livelock(f"at {self.time():.3f} s more than {_AT_ONE_TIME} callbacks ran without time going on")

    def _raise_mistake(self) -> None:
        error = self._mistakes[0].get("exception")
        raise self._mistake(self._mistakes[0].get("message", "a mistake"), error) from error

    def _mistake(self, message: str, error: BaseException | None) -> CodeMistake:
        return CodeMistake.of(f"at {self.time():.3f} s: {message}", error)
