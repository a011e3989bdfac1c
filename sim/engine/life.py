"""One life of something that can die: all callbacks and tasks that it began, so that they can be held, or never run again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

T = TypeVar("T")

LIFE: ContextVar["Life | None"] = ContextVar("life", default=None)
"""Whose code runs. Tasks, timers and callbacks inherit it."""

_TASKS_KEPT = 64


class Life:
    """From birth to death. What was begun inside ``run`` belongs to it, and everything begun by that.

    After ``die`` nothing of it runs again: like a process that was killed, it gets no chance to do anything about it.
    While it is ``paused``, what would run waits.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_dead = False
        self.is_paused = False
        self.held: list[asyncio.Handle] = []
        """What would have run while it was paused, in order."""
        self.tasks: list[asyncio.Task[Any]] = []
        self.context: Context = copy_context()
        self.context.run(LIFE.set, self)
        self._prune_at = _TASKS_KEPT

    def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function as part of this life."""
        return self.context.copy().run(function, *arguments)

    def add(self, task: asyncio.Task[Any]) -> None:
        """Take note of a task."""
        self.tasks.append(task)
        if len(self.tasks) >= self._prune_at:
            self.tasks = [each for each in self.tasks if not each.done()]
            self._prune_at = max(_TASKS_KEPT, 2 * len(self.tasks))

    def die(self) -> None:
        """End it. Its coroutines are unwound, so that nothing is left to be collected later; nothing that they begin
        while they unwind will ever run.
        """
        self.is_dead = True
        self.held.clear()
        tasks, self.tasks = self.tasks, []
        for task in tasks:
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]  # it will never be done
                self.context.copy().run(_unwind, task)


def _unwind(task: asyncio.Task[Any]) -> None:
    coroutine = task.get_coro()
    with suppress(Exception):  # whatever it does while it is unwound, waiting included: the process it was is gone
        coroutine.close()
