"""The running hash of a run: every step in time, every callback and every choice goes into it.

Two runs with the same hash did the same things at the same times in the same order. Labels are the names that the code
has in its source, so that they are alike in every process and every Python.
"""

from asyncio import Task
from collections.abc import Callable
from hashlib import blake2b
from struct import Struct
from types import CodeType
from typing import Any

_AT_ONCE = 512
"""Entries hashed together."""
_double = Struct("<d").pack


class Trace:
    """A hash that grows. ``digest`` may be asked at any time."""

    def __init__(self) -> None:
        self.entries = 0
        self._hash = blake2b(digest_size=16)
        self._waiting: list[bytes] = []
        self._labels: dict[Any, bytes] = {}

    def step(self, now_s: float) -> None:
        """Note that time has come to ``now_s``."""
        waiting = self._waiting
        waiting.append(_double(now_s))
        if len(waiting) >= _AT_ONCE:
            self._flush()

    def callback(self, callback: Callable[..., object], choice: int) -> None:
        """Note that a callback runs, which was the ``choice``-th of those that were ready."""
        key: CodeType | str | None = getattr(callback, "__code__", None)
        if key is None:
            key = _key(callback)
        label = self._labels.get(key)
        if label is None:
            label = self._labels[key] = (key if isinstance(key, str) else key.co_qualname).encode()
        self._waiting.append(b"%b/%d" % (label, choice) if choice else label)

    def note(self, entry: bytes) -> None:
        """Note anything."""
        self._waiting.append(entry)

    def digest(self) -> str:
        """Return the hash of everything so far, 32 hexadecimal digits."""
        self._flush()
        return self._hash.hexdigest()

    def _flush(self) -> None:
        self.entries += len(self._waiting)
        self._hash.update(b"\n".join(self._waiting) + b"\n" if self._waiting else b"")
        self._waiting.clear()


def _key(callback: Callable[..., object]) -> CodeType | str:
    """Return what a callback's label is kept under: the code of a coroutine or method, or else a type's name."""
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, Task):
        coroutine = owner.get_coro()
        code: CodeType | None = getattr(coroutine, "cr_code", None)
        return code if code is not None else type(coroutine).__qualname__
    code = getattr(getattr(callback, "__func__", None), "__code__", None)
    return code if code is not None else getattr(callback, "__qualname__", type(callback).__qualname__)
