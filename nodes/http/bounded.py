"""HTTP on a connection, with bounds on the head of a request, on how slowly one is sent, and on connections.

(The body's size has its bound in ``body_limit``.)
"""

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from nodes.auth.rates import address_name
from nodes.config import Limits


def _refusal(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


_LOOK_S = 1.0
"""How often connections are looked after: none of the times that they are held to is that short."""
_TOO_LARGE = _refusal("431 Request Header Fields Too Large")
_TOO_SLOW = _refusal("408 Request Timeout")
_TOO_MANY = _refusal("503 Service Unavailable")


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol; it takes heads of any length, keeps every header of them, and waits for ever."""

    limits = Limits()
    connected: Counter[str]
    """Connections by source address."""

    _head_bytes: int | None = None
    """Bytes of the head that is being read; None between heads."""
    _awaited_s: float | None = None
    """Since when the rest of a head or a body is awaited; None: nothing is."""
    _in_body = False
    _unread: tuple[int, float] | None = None
    """How much the client has not taken, and since when it has taken nothing of it."""
    _address: str | None = None

    @classmethod
    def with_limits(cls, limits: Limits) -> type["BoundedHttp"]:
        """Return the protocol of one server."""
        return type("BoundedHttp", (cls,), {"limits": limits, "connected": Counter()})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """See ``asyncio.BaseProtocol``. One connection too many is told so and closed."""
        super().connection_made(transport)
        self._awaited_s = self.loop.time()
        self._address = address_name(self.client[0]) if self.client else "somewhere"
        self.connected[self._address] += 1
        limits = self.limits
        if len(self.connections) > limits.connections_max or (
            self.connected[self._address] > limits.connections_per_address_max
        ):
            self._close(_TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.BaseProtocol``."""
        if self._address is not None:
            self.connected[self._address] -= 1
            if not self.connected[self._address]:
                del self.connected[self._address]
            self._address = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``. A chunk counts when the head is not complete after it."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._head_bytes is None:
            return
        self._head_bytes += len(data)
        if self._head_bytes > self.limits.head_bytes_max:
            self._close(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """See ``httptools.HttpRequestParser``."""
        self._head_bytes, self._in_body = 0, False
        self._awaited_s = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """See ``httptools.HttpRequestParser``."""
        self._head_bytes, self._in_body = None, True
        if len(self.headers) > self.limits.headers_max:
            self._close(_TOO_LARGE)
        if not self.transport.is_closing():
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """See ``httptools.HttpRequestParser``."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """See ``httptools.HttpRequestParser``."""
        self._awaited_s = None
        if not self.transport.is_closing():
            super().on_message_complete()

    def look_after(self, now_s: float) -> None:
        """Close the connection of a client that sends too slowly, or does not take what it has asked for.

        Called now and then, so that a request costs no timer.
        """
        if self._awaited_s is not None and not self.flow.read_paused and not self.transport.is_closing():
            patience_s = self.limits.body_timeout_s if self._in_body else self.limits.head_timeout_s
            if now_s - self._awaited_s > patience_s:
                has_begun = self._in_body or self._head_bytes is not None
                self._close(_TOO_SLOW if has_begun else b"")  # browsers connect before they have anything to ask
        unread = self.transport.get_write_buffer_size()
        if not unread:
            self._unread = None
        elif self._unread is None or unread < self._unread[0]:
            self._unread = unread, now_s
        elif now_s - self._unread[1] > self.limits.stalled_timeout_s:
            self.transport.abort()

    def _close(self, answer: bytes) -> None:
        """Say why, unless an answer to this request is under way already, and end the connection."""
        if not self.transport.is_closing():
            cycle: Any = self.cycle  # uvicorn has none before the first request
            is_answering = cycle is not None and cycle.response_started and not cycle.response_complete
            if not is_answering:
                self.transport.write(answer)
            self.transport.close()


async def look_after_connections(connections: set[Any]) -> None:
    """Look after a server's connections, each of which is a ``BoundedHttp``, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_LOOK_S)
        now_s = loop.time()
        for connection in list(connections):
            connection.look_after(now_s)
