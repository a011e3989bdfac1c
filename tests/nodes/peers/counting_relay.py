"""A door before a server, which counts who comes in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class CountingRelay:
    """Carries bytes both ways, whatever they say."""

    behind: int
    """The port of the server behind it."""
    port: int = 0
    connections: int = 0
    tasks: list["asyncio.Task[None] | None"] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        self.connections += 1
        back, forth = await asyncio.open_connection("127.0.0.1", self.behind)
        try:
            await asyncio.gather(_pump(reader, forth), _pump(back, writer))
        finally:
            writer.close()
            forth.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def counting_relay(url: str) -> AsyncIterator[CountingRelay]:
    relay = CountingRelay(urlsplit(url).port or 0)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        for task in relay.tasks:
            assert task is not None
            task.cancel()
        await asyncio.gather(*(task for task in relay.tasks if task is not None), return_exceptions=True)
