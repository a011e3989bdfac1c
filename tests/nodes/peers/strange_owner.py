"""Something at a peer's address that is no good node: it answers as the test says, byte for byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class StrangeOwner:
    """Listens; ``seen`` holds the head of every request that came (pings, which come by themselves, left out);
    ``behave`` says what happens then.
    """

    behave: Behaviour
    port: int = 0
    seen: list[str] = field(default_factory=list)
    tasks: list["asyncio.Task[None] | None"] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def header(self, name: str, request: int = -1) -> str | None:
        lines = [line.partition(": ") for line in self.seen[request].split("\r\n")[1:]]
        return next((value for found, _, value in lines if found.lower() == name.lower()), None)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                if head.startswith("GET /v1/attested"):  # what a node asks before it serves is not what is tried here
                    await _NOTHING_KNOWN(writer)
                    continue
                self.seen.append(head)
                await reader.readexactly(int(self.header("content-length") or 0))
                if head.startswith("POST /v1/ping "):
                    self.seen.pop()
                await self.behave(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def strange_owner(behave: Behaviour) -> AsyncIterator[StrangeOwner]:
    owner = StrangeOwner(behave)
    server = await asyncio.start_server(owner.serve, "127.0.0.1", 0)
    owner.port = server.sockets[0].getsockname()[1]
    try:
        yield owner
    finally:
        server.close()
        for task in owner.tasks:
            assert task is not None
            task.cancel()
        await asyncio.gather(*(task for task in owner.tasks if task is not None), return_exceptions=True)


def says(data: bytes, *, then_close: bool = False) -> Behaviour:
    """Return the behaviour of saying this."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if then_close:
            writer.close()

    return behave


def answers(status: str, body: bytes, *headers: str, content_type: str = "application/json") -> Behaviour:
    """Return the behaviour of a well-formed HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers, "", ""]
    return says("\r\n".join(lines).encode() + body)


PROBLEM = b'{"type":"urn:recarga:problem:not-found","title":"","status":404,"detail":""}'
"""A body that states a problem."""
_NOTHING_KNOWN = answers("404 Not Found", PROBLEM)


async def hang(_: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def drop(writer: asyncio.StreamWriter) -> None:
    """Close the connection instead of answering, as a killed process does."""
    writer.transport.abort()
