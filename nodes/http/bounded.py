"""HTTP on a connection, with bounds on what surrounds a body, on how slowly a request is sent, and on connections.

(The body's size has its bound in ``body_limit``.)
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from nodes.config import Limits
from nodes.http.joined_writes import JoinedWrites
from nodes.http.visitors import Visitors


def _refusal(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


_LOOK_S = 1.0
"""How often connections are looked after: none of the times that they are held to is that short."""
_TOO_LARGE = _refusal("431 Request Header Fields Too Large")
_TOO_SLOW = _refusal("408 Request Timeout")
_TOO_MANY = _refusal("503 Service Unavailable")


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol; it takes heads of any length, keeps every header of them and behind the body, keeps every request
    that comes before the answer to the one before it, and waits for ever.
    """

    limits = Limits()
    visitors: Visitors
    address: str | None = None
    """What this connection is counted under; None: it is not, yet."""

    _framing_bytes = 0
    """Bytes of the request that is being read which are no body: of the head; then of chunk sizes and trailers."""
    _trailers = 0
    _awaited_s: float | None = None
    """Since when the rest of a head or a body is awaited; None: nothing is."""
    _in_head = False
    _in_body = False
    _unread: tuple[int, float] | None = None
    """How much the client has not taken, and since when it has taken nothing of it."""

    @classmethod
    def with_limits(cls, limits: Limits) -> type["BoundedHttp"]:
        """Return the protocol of one server."""
        return type("BoundedHttp", (cls,), {"limits": limits, "visitors": Visitors(limits)})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """See ``asyncio.BaseProtocol``. One connection too many is told so and closed."""
        super().connection_made(JoinedWrites(transport, self.loop))
        self._awaited_s = self.loop.time()
        if self.address is None:
            self.address, fits = self.visitors.enter(transport.get_extra_info("peername"))
            if not fits:
                self._close(_TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.BaseProtocol``."""
        if self.address is not None:
            self.visitors.leave(self.address)
            self.address = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``. A chunk counts when the head, or the body, is not complete after it."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._in_head or self._in_body:
            self._framing_bytes += len(data)
            if self._framing_bytes > self.limits.head_bytes_max:
                self._close(_TOO_LARGE)

    def send_400_response(self, msg: str) -> None:
        """See ``HttpToolsProtocol``. What is no HTTP is told so, but not in place of the answer to the request before."""
        if self._may_answer():
            super().send_400_response(msg)
        else:
            self.transport.close()

    def on_message_begin(self) -> None:
        """See ``httptools.HttpRequestParser``."""
        self._framing_bytes, self._trailers, self._in_head = 0, 0, True
        self._awaited_s = self.loop.time()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """See ``httptools.HttpRequestParser``. What comes behind the body is nobody's: who asks was found out by the head."""
        if self._in_head:
            super().on_header(name, value)
            return
        self._trailers += 1
        if self._trailers > self.limits.headers_max:
            self._close(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """See ``httptools.HttpRequestParser``."""
        if len(self.headers) > self.limits.headers_max:
            self._close(_TOO_LARGE)
        elif len(self.pipeline) >= self.limits.pipelined_max:
            self._close(b"")
        self._framing_bytes, self._in_head, self._in_body = 0, False, True
        if not self.transport.is_closing():
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """See ``httptools.HttpRequestParser``."""
        self._framing_bytes -= len(body)
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """See ``httptools.HttpRequestParser``."""
        self._awaited_s, self._in_body = None, False
        if not self.transport.is_closing():
            super().on_message_complete()

    def look_after(self, now_s: float) -> None:
        """Close the connection of a client that sends too slowly, or does not take what it has asked for.

        Called now and then, so that a request costs no timer.
        """
        if self._awaited_s is not None and not self.flow.read_paused and not self.transport.is_closing():
            patience_s = self.limits.body_timeout_s if self._in_body else self.limits.head_timeout_s
            if now_s - self._awaited_s > patience_s:
                self._close(
                    _TOO_SLOW if self._in_head or self._in_body else b""
                )  # browsers connect before they have anything to ask
        unread = self.transport.get_write_buffer_size()
        if not unread:
            self._unread = None
        elif self._unread is None or unread < self._unread[0]:
            self._unread = unread, now_s
        elif now_s - self._unread[1] > self.limits.stalled_timeout_s:
            self.transport.abort()

    def _close(self, answer: bytes) -> None:
        """Say why, where nobody can take that for another request's answer, and end the connection."""
        if not self.transport.is_closing():
            if self._may_answer():
                self.transport.write(answer)
            self.transport.close()

    def _may_answer(self) -> bool:
        """Whether what is written now is understood as the answer to the request that is being read."""
        cycle: Any = self.cycle  # uvicorn has none before the first request
        if cycle is None:
            return True
        return not self.pipeline and (not cycle.response_started if self._in_body else cycle.response_complete)


async def look_after_connections(connections: set[Any]) -> None:
    """Look after a server's connections, each of which is a ``BoundedHttp``, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_LOOK_S)
        now_s = loop.time()
        for connection in list(connections):
            connection.look_after(now_s)
