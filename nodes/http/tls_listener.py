"""Accepts TLS connections, each of which counts from the moment that it is accepted.

asyncio tells a protocol of a connection when its handshake is over. Until then whoever says nothing would be counted nowhere.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Coroutine

from nodes.http.bounded import BoundedHttp

_BREATH_S = 1.0
"""How long nothing is accepted after the machine would not let us: as asyncio waits."""

_log = logging.getLogger(__name__)


class TlsListener:
    """Shakes hands, within ``head_timeout_s``, and then lets HTTP in. A connection too many is closed before."""

    def __init__(
        self, listener: socket.socket, context: ssl.SSLContext, make_http: Callable[[], BoundedHttp], backlog: int
    ) -> None:
        """Begin. The socket stays its owner's."""
        self._listener = listener
        self._context = context
        self._make_http = make_http
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        listener.listen(backlog)
        listener.setblocking(False)
        self._begin(self._accept())

    def close(self) -> None:
        """Accept nothing more, and end handshakes under way."""
        for task in self._tasks:
            task.cancel()

    async def wait_closed(self) -> None:
        """Wait until all that was under way has ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        while True:
            try:
                connection, peer = await self._loop.sock_accept(self._listener)
            except OSError as error:
                _log.error("no connection can be accepted: %s", error)
                await asyncio.sleep(_BREATH_S)
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            http = self._make_http()
            http.address, fits = http.visitors.enter(peer)
            if fits:
                self._begin(self._shake_hands(connection, http))
            else:
                connection.close()
                http.visitors.leave(http.address)

    async def _shake_hands(self, connection: socket.socket, http: BoundedHttp) -> None:
        try:
            await self._loop.connect_accepted_socket(
                lambda: http, connection, ssl=self._context, ssl_handshake_timeout=http.limits.head_timeout_s
            )
        except (OSError, TimeoutError) as error:
            _log.debug("no TLS with %s: %s", http.address, error)
        finally:
            if http.transport is None and http.address is not None:  # HTTP never heard of it
                http.visitors.leave(http.address)
                connection.close()
