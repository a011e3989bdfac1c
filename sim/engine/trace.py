"""The running hash of a run: every step in time, every callback and every choice goes into it.

Two runs with the same hash did the same things at the same times in the same order. Labels are the names that the code
has in its source, so that they are alike in every process and every Python.
"""

from asyncio import Task
from collections.abc import Callable
from hashlib import blake2b
from struct import pack
from types import CodeType
from typing import Any

_AT_ONCE = 512
"""Entries hashed together."""


class Trace:
    """A hash that grows. ``digest`` may be asked at any time."""

    def __init__(self) -> None:
        self.entries = 0
        self._hash = blake2b(digest_size=16)
        self._waiting: list[bytes] = []
        self._labels: dict[Any, bytes] = {}

    def step(self, now_s: float) -> None:
        """Note that time has come to ``now_s``."""
        self.note(pack("<d", now_s))

    def callback(self, callback: Callable[..., object], choice: int) -> None:
        """Note that a callback runs, which was the ``choice``-th of those that were ready."""
        self.note(self._label(callback) if not choice else b"%b/%d" % (self._label(callback), choice))

    def note(self, entry: bytes) -> None:
        """Note anything."""
        waiting = self._waiting
        waiting.append(entry)
        if len(waiting) >= _AT_ONCE:
            self._flush()

    def digest(self) -> str:
        """Return the hash of everything so far, 32 hexadecimal digits."""
        self._flush()
        return self._hash.hexdigest()

    def _flush(self) -> None:
        self.entries += len(self._waiting)
        self._hash.update(b"\n".join(self._waiting) + b"\n" if self._waiting else b"")
        self._waiting.clear()

    def _label(self, callback: Callable[..., object]) -> bytes:
        owner = getattr(callback, "__self__", None)
        if isinstance(owner, Task):
            coroutine = owner.get_coro()
            code: CodeType | None = getattr(coroutine, "cr_code", None)
            return self._known(code, code.co_qualname if code is not None else type(coroutine).__qualname__)
        function = getattr(callback, "__func__", callback)
        name = getattr(function, "__qualname__", None)
        return (
            self._known(name, name)
            if isinstance(name, str)
            else self._known(type(function), type(function).__qualname__)
        )

    def _known(self, key: object, name: str) -> bytes:
        label = self._labels.get(key)
        if label is None:
            label = self._labels[key] = name.encode()
        return label
