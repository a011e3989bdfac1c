"""What waits in a virtual loop: callbacks that are ready, timers, and what comes from outside.

The last two lie in the heap of a SimPy environment, among its events; only the loop takes things off that heap.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any


class Ready(asyncio.Handle):
    """A callback. Made for every one that runs, so it does without what the standard handle does for debugging."""

    __slots__ = ()

    def __init__(
        self,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
    ) -> None:
        self._context = copy_context() if context is None else context
        self._loop = loop
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._repr = None
        self._source_traceback = None


class Timer(asyncio.TimerHandle):
    """A callback that is due at a time."""

    __slots__ = ()

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: asyncio.AbstractEventLoop,
        context: Context | None,
    ) -> None:
        self._context = copy_context() if context is None else context
        self._loop = loop
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._repr = None
        self._source_traceback = None
        self._when = when
        self._scheduled = True

    def cancel(self) -> None:
        """Let nothing happen at that time. What lies in the heap is skipped when it comes up."""
        self._cancelled = True
        self._callback, self._args = _nothing, ()


def _nothing() -> None:
    pass


class Arrival:
    """Something that comes from outside of every life and runs when it happens, without a turn among what is ready."""

    __slots__ = ("arguments", "function")

    def __init__(self, function: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        self.function = function
        self.arguments = arguments
