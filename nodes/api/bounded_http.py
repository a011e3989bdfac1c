"""HTTP on a connection, with a bound on the head of a request. (The body has one in ``body_limit``.)"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 65_536
"""Request line and headers together; browsers and proxies send a few thousand."""

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol; it takes heads of any length, and keeps every header of them."""

    _head_bytes: int | None = None
    """Bytes of the head that is being read; None between heads."""

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``. A chunk counts when the head is not complete after it."""
        super().data_received(data)
        if self._head_bytes is None:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """See ``httptools.HttpRequestParser``."""
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """See ``httptools.HttpRequestParser``."""
        self._head_bytes = None
        super().on_headers_complete()
