"""Finding out that a database's connection has ended, though nothing is being written.

Whoever ends the connection frees the lock, and another process may take over. It would be met at the next write; until
then the node would answer reads from a memory that may be the past. The socket tells it at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from nodes.errors import StoreError

_LOOK_S = 5.0
"""Least often: what the socket does not tell (a server whose ``fsync`` was turned off) is found within this."""


class SessionWatch:
    """Watches from ``start`` to ``stop``, except between ``pause`` and ``resume``, while the connection is in use."""

    def __init__(self, socket: int, look: Callable[[], Awaitable[None]], on_lost: Callable[[StoreError], None]) -> None:
        self._socket = socket
        self._look = look
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._stirred = asyncio.Event()
        self._users = 0
        self._is_listening = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._listen()
        self._task = self._loop.create_task(self._watch())

    def pause(self) -> None:
        """What comes now is an answer."""
        self._users += 1
        self._ignore()

    def resume(self) -> None:
        """What comes now was not asked for, unless somebody else still uses the connection."""
        self._users -= 1
        if self._users == 0:
            self._listen()

    def stop(self) -> None:
        """End, before the connection is closed."""
        self._ignore()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _listen(self) -> None:
        if not self._is_listening:
            self._loop.add_reader(self._socket, self._stir)
            self._is_listening = True

    def _ignore(self) -> None:
        if self._is_listening:
            self._loop.remove_reader(self._socket)
            self._is_listening = False

    def _stir(self) -> None:
        self._ignore()
        self._stirred.set()

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._stirred.wait()
            self._stirred.clear()
            try:
                await self._look()
            except StoreError as error:
                return self._on_lost(error)
