"""Connections as weapons: thousands of headers, slow heads, slow bodies, answers that nobody reads, and too many of all."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import aiohttp
import pytest

from nodes.config import Limits
from tests.nodes.attacks.network import Network, network

LIMITS = Limits(
    head_timeout_s=0.5, body_timeout_s=0.5, stalled_timeout_s=0.5, connections_max=20, connections_per_address_max=12
)
SLACK_S = 20.0
"""Until a busy machine has come round to it."""


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Network]:
    async with network(tmp_path, limits=LIMITS) as made:
        yield made


async def connect(net: Network, host: str | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(net.nodes["server1"].url.rpartition(":")[2])
    return await asyncio.open_connection("127.0.0.1", port, local_addr=None if host is None else (host, 0))


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Return what comes until the node ends the connection."""
    said = b""
    async with asyncio.timeout(SLACK_S):
        with suppress(ConnectionResetError):
            while data := await reader.read(65_536):
                said += data
    return said


async def test_ten_thousand_header_lines_are_refused(net: Network) -> None:
    """Each header becomes objects; 10,000 short ones fit into 64 kB. The node answers 431 and goes on."""
    for lines, status in ((50, b"200"), (10_000, b"431")):
        reader, writer = await connect(net)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + b"X: y\r\n" * lines + b"\r\n")
        assert (await rest(reader)).startswith(b"HTTP/1.1 " + status)
        writer.close()
    assert (await net.guest().get("/healthz")).status == 200


async def test_one_header_of_a_megabyte_is_refused(net: Network) -> None:
    """And not kept while more of it comes."""
    reader, writer = await connect(net)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ")
    with suppress(ConnectionError):
        for _ in range(16):
            writer.write(b"y" * 65_536)
            await writer.drain()
    said = await rest(reader)
    assert said == b"" or said.startswith(b"HTTP/1.1 431")
    writer.close()


async def test_what_comes_behind_a_body_is_bounded_and_nobodys(net: Network) -> None:
    """Trailers are headers that come when it was settled who asks: none may say what only a node's head says."""
    reader, writer = await connect(net)
    token = net.ring.token("driver", "ana").encode()
    start_ms = int(time.time() * 1000) + 3_600_000
    body = f'{{"point_id":"server1.a","start_ms":{start_ms},"end_ms":{start_ms + 1_800_000}}}'.encode()
    head = b"POST /v1/reservations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token
    head += b"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    writer.write(head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n")
    await writer.drain()
    writer.write(b"Recarga-Forwarded-By: server2\r\nIdempotency-Key: k\r\n\r\n")
    assert b"idempotency-key-missing" in await rest(reader)
    writer.close()
    for trailers in (b"a:b\r\n" * (LIMITS.headers_max + 1), b"a: " + b"b" * (LIMITS.head_bytes_max + 65_536)):
        reader, writer = await connect(net)
        writer.write(b"POST /v1/points HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n")
        writer.write(trailers)
        said = await rest(reader)  # the node ends the connection
        assert said == b"" or said.startswith((b"HTTP/1.1 401", b"HTTP/1.1 431"))
        writer.close()


async def test_requests_that_wait_for_the_answer_before_them_are_few(net: Network) -> None:
    """Each is kept before anybody knows who asks. A few are answered, in their order; with too many nothing is."""
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for waiting, answered in ((LIMITS.pipelined_max, LIMITS.pipelined_max + 1), (LIMITS.pipelined_max + 1, 0)):
        reader, writer = await connect(net)
        writer.write(one * waiting + last)
        assert (await rest(reader)).count(b"HTTP/1.1 200") == answered
        writer.close()
    assert (await net.guest().get("/healthz")).status == 200


async def test_a_refusal_is_not_taken_for_the_answer_to_the_request_before(net: Network) -> None:
    """Who sends rubbish behind a reservation hears nothing rather than that the reservation was rubbish."""
    for rubbish in (b"?\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n", b"GET /" + b"x" * 70_000):
        reader, writer = await connect(net)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + rubbish)
        said = await rest(reader)
        assert said == b"" or said.startswith(b"HTTP/1.1 200")
        writer.close()


@pytest.mark.parametrize(
    "begin",
    [b"", b"GET ", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\n{"],
    ids=["silent", "in the line", "in the head", "in the body"],
)
async def test_a_slow_client_loses_its_connection(net: Network, begin: bytes) -> None:
    """Slowloris: a byte now and then keeps a connection alive for ever, and a few hundred of them a server busy."""
    reader, writer = await connect(net)
    writer.write(begin)

    async def drip() -> None:
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(0.1)
                if begin:
                    writer.write(b"X" if begin.endswith(b"{") else b"X: y\r\n" if b"\r\n" in begin else b"/")
                    await writer.drain()

    dripping, started_s = asyncio.create_task(drip()), time.monotonic()
    said = await rest(reader)
    dripping.cancel()
    assert time.monotonic() - started_s >= LIMITS.head_timeout_s
    assert said == b"" or said.startswith((b"HTTP/1.1 408", b"HTTP/1.1 401"))
    assert (await net.guest().get("/healthz")).status == 200
    writer.close()


async def test_who_waits_for_an_answer_or_watches_is_not_slow(net: Network) -> None:
    """Times are for sending: a stream stays open, and so does a connection between two requests."""
    reader, writer = await connect(net)
    token = net.ring.token("reader", "display").encode()
    head = b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + b"\r\n"
    writer.write(b"GET /healthz" + head + b"\r\n")
    await reader.readuntil(b"}")
    await asyncio.sleep(2.5)  # more than every time above, and two looks
    writer.write(b"GET /v1/events" + head + b"\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await asyncio.sleep(2.5)
    assert (await net.caller("driver", "ana").reserve()).status == 201
    async with asyncio.timeout(SLACK_S):
        await reader.readuntil(b"reservation.reserved")
    writer.close()


async def test_an_answer_that_nobody_reads_is_not_kept(net: Network) -> None:
    """What waits for a client is this node's memory."""
    _, writer = await connect(net)
    token = net.ring.token("reader", "display").encode()
    writer.transport.pause_reading()
    document = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + b"\r\n\r\n"
    with suppress(ConnectionError):
        for _ in range(200):  # some 60 MB of answers: more than two sockets' buffers
            writer.write(document)
    async with asyncio.timeout(SLACK_S):
        while not writer.transport.is_closing():
            with suppress(ConnectionError):
                writer.write(document)
                await writer.drain()
            await asyncio.sleep(0.1)


async def test_one_address_does_not_take_all_connections(net: Network) -> None:
    """P10: over the bound it is 503 at once; others get in, and so does this one when it has let go."""
    held = [await connect(net, "127.0.0.9") for _ in range(LIMITS.connections_per_address_max)]
    reader, writer = await connect(net, "127.0.0.9")
    assert (await rest(reader)).startswith(b"HTTP/1.1 503")
    writer.close()
    assert (await net.guest().get("/healthz")).status == 200
    for _, each in held:
        each.close()
    async with asyncio.timeout(SLACK_S):
        while True:
            reader, writer = await connect(net, "127.0.0.9")
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            said = await rest(reader)
            writer.close()
            if said.startswith(b"HTTP/1.1 200"):
                break
            await asyncio.sleep(0.05)


async def test_every_answer_says_how_a_browser_is_to_take_it(net: Network) -> None:
    """Errors too."""
    for path in ("/healthz", "/v1/points", "/nowhere", "/docs", "/openapi.json"):
        headers = (await net.guest().get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in headers
        assert "Server" not in headers


async def test_one_caller_does_not_take_all_event_streams(tmp_path: Path) -> None:
    """A driver who opened 256 shut everybody else out; whoever closes one may open another."""
    limits = Limits(streams_max=11, streams_driver_max=3, streams_caller_max=5)
    async with network(tmp_path, limits=limits) as net, AsyncExitStack() as stack:
        url = f"{net.nodes['server1'].url}/v1/events"

        async def watch(role: str, sub: str) -> aiohttp.ClientResponse:
            session = await stack.enter_async_context(aiohttp.ClientSession())
            return await session.get(url, headers=net.ring.bearer(role, sub))

        for role, most in (("driver", 3), ("reader", 5)):
            eves = [await watch(role, "eve") for _ in range(most)]
            assert {stream.status for stream in eves} == {200}
            refused = await watch(role, "eve")
            assert (refused.status, int(refused.headers["Retry-After"]) > 0) == (429, True)
            assert b"too-many-requests" in await refused.read()
            assert (await watch(role, "ana")).status == 200, "others go on"
            eves[0].close()
            async with asyncio.timeout(SLACK_S):
                while (again := await watch(role, "eve")).status != 200:
                    assert again.status == 429
                    await asyncio.sleep(0.01)
        assert (await watch("driver", "rui")).status == 200
        assert (await watch("driver", "zed")).status == 503, "and of all together there is a bound still"
