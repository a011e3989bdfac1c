"""The running hash of a run: every step in time, every callback and every choice goes into it.

Two runs with the same hash did the same things at the same times in the same order. Callbacks are told by the names
that the code has in its source, so that they are alike in every process and every Python: a number for each name, given
at its first appearance, where the name itself goes in.
"""

from array import array
from asyncio import Task
from collections.abc import Callable
from hashlib import blake2b
from sys import intern
from types import CodeType, FunctionType
from typing import Any

_AT_ONCE = 4_096
"""Numbers hashed together."""
_CALLBACK = 1e12
"""What a callback's number is counted from: no time comes that far."""
_CHOICE = 1e6
"""What one place in a choice counts for: there are fewer names."""


class Trace:
    """A hash that grows. ``digest`` may be asked at any time."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)
        self._waiting: array[float] = array("d")
        self._labels: dict[int, float] = {}
        """By the identity of what has the name: to hash code would take longer than all the rest."""
        self._named: list[CodeType | str] = []
        """Keeps them, and so their identities."""

    def step(self, now_s: float) -> None:
        """Note that time has come to ``now_s``."""
        waiting = self._waiting
        waiting.append(now_s)
        if len(waiting) >= _AT_ONCE:
            self._flush()

    def callback(self, callback: Callable[..., object], choice: int) -> None:
        """Note that a callback runs, which was the ``choice``-th of those that were ready."""
        named = callback.__code__ if type(callback) is FunctionType else _named(callback)
        label = self._labels.get(id(named))
        if label is None:
            label = self._new_label(named)
        self._waiting.append(label + choice * _CHOICE if choice else label)

    def note(self, entry: bytes) -> None:
        """Note anything."""
        self._flush()
        self._hash.update(entry)

    def digest(self) -> str:
        """Return the hash of everything so far, 32 hexadecimal digits."""
        self._flush()
        return self._hash.hexdigest()

    def _new_label(self, named: CodeType | str) -> float:
        self.note((named if isinstance(named, str) else named.co_qualname).encode())
        label = self._labels[id(named)] = _CALLBACK + len(self._named)
        self._named.append(named)
        return label

    def _flush(self) -> None:
        if self._waiting:
            self._hash.update(self._waiting)
            del self._waiting[:]


def _named(callback: Any) -> CodeType | str:
    """Return what gives a callback its name: the code of a coroutine or method, or else the name of a type."""
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, Task):
        coroutine: Any = owner.get_coro()
        code: CodeType | None = getattr(coroutine, "cr_code", None)
        return code if code is not None else intern(type(coroutine).__qualname__)
    code = getattr(getattr(callback, "__func__", callback), "__code__", None)
    return code if code is not None else intern(getattr(callback, "__qualname__", type(callback).__qualname__))
