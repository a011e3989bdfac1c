"""Hostile connections: cut off, slow, pipelined, smuggled, never read. The node serves on, and does nothing by halves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from nodes.config import Limits
from tests.nodes.api.hostile import P, Unchanged, besieged_node
from tests.nodes.running import Client, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")
BODY = b'{"point_id":"%s","driver_id":"eve","duration_s":600}' % P.encode()
HEAD = b"POST /v1/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: raw\r\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with besieged_node(tmp_path_factory.mktemp("hostile")) as client:
        yield client


async def connect(node: Client) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = node.url.removeprefix("http://").partition(":")
    return await asyncio.open_connection(host, int(port))


async def say(node: Client, data: bytes) -> bytes:
    """Send this, and return all that comes until the node closes the connection."""
    reader, writer = await connect(node)
    try:
        writer.write(data)
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0.005)


CUT: dict[str, bytes] = {
    "in the head": HEAD,
    "in a header": b"POST /v1/reservations HTTP/1.1\r\nHo",
    "before the body": HEAD + b"Content-Length: 70\r\n\r\n",
    "in the body": HEAD + b"Content-Length: 70\r\n\r\n" + BODY[:20],
    "one byte before the end": HEAD + b"Content-Length: %d\r\n\r\n" % (len(BODY) + 1) + BODY,
    "in a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n40\r\n" + BODY[:20],
    "between chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(BODY), BODY),
    "before the last chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n" % (len(BODY), BODY),
}


@pytest.mark.parametrize("data", CUT.values(), ids=CUT.keys())
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
async def test_a_request_that_is_cut_off_has_no_effect(node: Client, data: bytes, reset: bool) -> None:
    """A complete JSON object in an incomplete body is still no request."""
    with Unchanged(node):
        _, writer = await connect(node)
        writer.write(data)
        await writer.drain()
        assert (await node.get("/healthz")).status == 200  # by now the node has read what was sent
        if reset:
            writer.transport.abort()
        else:
            writer.close()
        assert (await node.get("/healthz")).status == 200
        assert node.node.server.in_flight == 0


async def test_clients_that_go_away_do_not_fill_the_log(node: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Phones lose their network in the middle of a body every day; an operator must still see real mistakes."""
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            _, writer = await connect(node)
            writer.write(CUT["in the body"])
            await writer.drain()
            await node.get("/healthz")
            writer.transport.abort()
            await node.get("/healthz")
    assert not caplog.records


MALFORMED: dict[str, bytes] = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50,
    "a length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 70\r\n\r\n" + BODY,
    "a length that is none": HEAD + b"Content-Length: x\r\n\r\n" + BODY,
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n" + BODY,
    "a chunk without a size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a header without a name": HEAD + b": x\r\n\r\n",
    "a space in a header's name": HEAD + b"Content-Length : 70\r\n\r\n" + BODY,
    "NUL in a header": HEAD + b"X: a\x00b\r\n\r\n",
    "no such version": b"GET / HTTP/9.9\r\n\r\n",
    "no method": b" / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_no_http_is_refused_and_the_connection_ends(node: Client, data: bytes) -> None:
    """Where two readers could disagree about where a request ends, the next one may be smuggled in."""
    with Unchanged(node):
        said = await say(node, data)
        assert said == b"" or said.startswith(b"HTTP/1.1 400 ")
        assert said.count(b"HTTP/1.1") <= 1
        assert (await node.get("/healthz")).status == 200


async def test_an_odd_host_is_no_mistake_of_the_node(node: Client) -> None:
    """Frameworks put URLs together from it."""
    for host in (b"[", b"a b", b"x:99999", b"\xff\xfe", b"", b"x" * 5_000, b"evil.example", b"a.b:x"):
        for path in (b"/healthz", b"/nowhere", b"/v1/points/"):
            said = await say(node, b"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (path, host))
            statuses = (b"200", b"307", b"400", b"403", b"404")
            assert said.startswith(tuple(b"HTTP/1.1 %s " % status for status in statuses)), (host, path)


async def test_pipelined_requests_are_answered_in_order_and_each_has_its_own_answer(node: Client) -> None:
    """Also when one of them is wrong: the next must not be read from inside its body."""
    inner = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    data = (
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        + HEAD + b"Content-Length: %d\r\n\r\n" % len(inner) + inner
        + b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
        + b"DELETE /v1/points HTTP/1.1\r\nHost: x\r\n\r\n"
        + b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )  # fmt: skip
    with Unchanged(node):
        said = await say(node, data)
    assert [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"200", b"422", b"404", b"405", b"200"]
    assert b"smuggled" not in said


async def test_the_same_reservation_pipelined_twice_is_one(tmp_path: Path) -> None:
    """P4 where both are read before either is answered."""
    async with running_node(tmp_path) as node:
        await node.create()
        request = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
        said = await say(node, request * 3 + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answers = [part.partition(b"\r\n\r\n") for part in said.split(b"HTTP/1.1 ")[1:4]]
        assert [head[:3] for head, _, _ in answers] == [b"201"] * 3
        assert len({body for _, _, body in answers}) == 1
        assert node.node.server.journal.ver == 2


async def test_a_body_without_end_is_refused_when_it_passes_the_bound(node: Client) -> None:
    """P10: chunk after chunk, and nobody waits for the last one."""
    reader, writer = await connect(node)
    with Unchanged(node):
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            writer.write(b"1000\r\n" + b"[" * 4_096 + b"\r\n")
        async with asyncio.timeout(10):
            assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.transport.abort()


async def test_a_head_without_end_is_refused_at_a_bound(node: Client) -> None:
    """P10: a few such connections would take all memory; 24 MB of short headers cost the node 376 MB."""
    _, writer = await connect(node)
    try:
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        with pytest.raises(ConnectionError):
            for _ in range(100):
                writer.write(b"X: y\r\n" * 2_000)
                await writer.drain()
                await node.get("/healthz")  # the node has had its turn
    finally:
        writer.transport.abort()


async def test_watchers_that_go_away_are_forgotten(node: Client) -> None:
    """P10: closed in order or reset, waiting or in the middle of an event."""
    feed = node.node.feed
    for reset in (False, True):
        for path in (b"/v1/events", b"/v1/events?after_ver=0"):
            reader, writer = await connect(node)
            writer.write(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            await until(lambda: _counts(feed, 1))
            writer.transport.abort() if reset else writer.close()
            await until(lambda: _counts(feed, 0))


async def _counts(feed: object, readers: int) -> bool:
    return len(feed) == readers  # type: ignore[arg-type]


async def test_more_watchers_than_allowed_are_refused_with_503(tmp_path: Path) -> None:
    """Documented: 503 with Retry-After; a browser would come back at once to a stream that breaks."""
    async with running_node(tmp_path, limits=Limits(streams_max=1)) as node:
        async with node.session.get(f"{node.url}/v1/events"):
            await until(lambda: _counts(node.node.feed, 1))
            said = await say(node, b"GET /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert said.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: " in said.lower()
            assert b"urn:recarga:problem:node-busy" in said
