"""What a browser is told with every answer: over TLS, that it is to insist on it."""

from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nodes.config import Limits
from nodes.http.server import uvicorn_config

TLS = (Path("chain.pem"), Path("key.pem"))


async def app(_: Scope, __: Receive, send: Send) -> None:
    """Answer."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": b""})


async def headers(tls: tuple[Path, Path] | None, host: str) -> dict[bytes, bytes]:
    """What is told to who calls this server so."""
    told: list[Message] = []

    async def send(message: Message) -> None:
        told.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    serving: ASGIApp = uvicorn_config(app, "0.0.0.0", 0, Limits(), tls).app  # type: ignore[assignment] # not a name
    await serving({"type": "http", "headers": [(b"host", host.encode("latin-1"))]}, receive, send)
    assert [message["type"] for message in told] == ["http.response.start", "http.response.body"]
    return dict(told[0]["headers"])


@pytest.mark.parametrize("tls", [None, TLS], ids=["HTTP", "HTTPS"])
async def test_only_over_tls_a_browser_is_told_to_insist_on_it(tls: tuple[Path, Path] | None) -> None:
    """Without, the promise would lock people out of a node that speaks no TLS."""
    told = await headers(tls, "recarga.example:9000")
    assert (b"strict-transport-security" in told) == (tls is not None)
    assert told[b"x-own"] == b"1"
    always = dict(uvicorn_config(app, "127.0.0.1", 0, Limits(), tls).headers)
    assert always["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "LOCALHOST", "node.localhost:1", "localhost."])
async def test_a_name_that_is_everybodys_is_not_insisted_on(host: str) -> None:
    """What else runs on that machine, at any port, would be asked for over TLS, for a year."""
    assert b"strict-transport-security" not in await headers(TLS, host)


@pytest.mark.parametrize("host", ["", "[", "[::1", "localhost.example", "notlocalhost", "\xff"])
async def test_whatever_host_is_named_there_is_an_answer(host: str) -> None:
    """Clients send anything."""
    assert b"strict-transport-security" in await headers(TLS, host)
