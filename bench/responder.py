"""The least an HTTP server can do: one fixed answer per read. Only there to show how fast the load generator is."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AbstractContextManager
from typing import cast

import uvloop

from bench import empty_post
from bench.contestant import Contestant, contestant
from bench.servers import free_port

BODY = b'{"id":"1","point_id":"server1.p-00","accepted":true}'
ANSWER = (f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n").encode() + BODY


class _Responder(asyncio.Protocol):
    """Takes every read for one whole request, which holds for small requests on a loopback with one in flight."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - the protocol's signature
        self._transport.write(ANSWER)


def responder() -> AbstractContextManager[Contestant]:
    """Start a responder that is asked what the yardstick is asked."""
    port = free_port()
    argv = [sys.executable, "-m", "bench.responder", str(port)]
    return contestant("trivial responder", argv, port, empty_post.new_requests)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Responder, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1])))
