"""A transport that sends at once what is written in one go."""

import asyncio
from typing import Any


class JoinedWrites(asyncio.Transport):
    """Holds what is written until something more is, or until the loop comes round: uvicorn writes the head of an answer and
    its body one after the other, which would be two system calls and two packets for each.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._call_soon = loop.call_soon
        self._held: bytes | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """See ``asyncio.WriteTransport.write``."""
        if self._held is None:
            self._held = bytes(data)
            self._call_soon(self._send)
        else:
            held, self._held = self._held, b""
            self._transport.write(held + data)

    def close(self) -> None:
        """See ``asyncio.BaseTransport.close``: what was written is still sent."""
        self._send()
        self._transport.close()

    def get_write_buffer_size(self) -> int:
        """See ``asyncio.WriteTransport.get_write_buffer_size``."""
        return self._transport.get_write_buffer_size() + len(self._held or b"")

    def is_closing(self) -> bool:
        """See ``asyncio.BaseTransport.is_closing``."""
        return self._transport.is_closing()

    def abort(self) -> None:
        """See ``asyncio.WriteTransport.abort``."""
        self._transport.abort()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See ``asyncio.BaseTransport.get_extra_info``."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """See ``asyncio.ReadTransport.pause_reading``."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """See ``asyncio.ReadTransport.resume_reading``."""
        self._transport.resume_reading()

    def _send(self) -> None:
        held, self._held = self._held, None
        if held and not self._transport.is_closing():
            self._transport.write(held)
