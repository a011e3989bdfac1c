"""The web server in front of nodes: who is asked, what goes through, what does not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from nodes.peers.wire import BEHALF_HEADER
from nodes.web.hops import to_client, to_node
from nodes.web.upstream import Call, NoNodeAnswers, Upstream
from tests.nodes.running import free_port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CALL = Call("GET", "/v1/points?near=-1.5,2", [("Accept", "a/b")], b"")


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    """Have something that answers, on a port of its own."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield site.name
    finally:
        await runner.cleanup()


@asynccontextmanager
async def upstream(*urls: str, only_guarded: bool = False) -> AsyncIterator[Upstream]:
    one = Upstream(urls, only_guarded=only_guarded)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


def nobody() -> str:
    return f"http://127.0.0.1:{free_port()}"


def says(text: str, status: int = 200) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status)

    return handler


async def breaks_off(request: web.Request) -> web.Response:
    """Take the request, and die."""
    await request.read()
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def test_who_is_not_there_is_passed_over_and_who_answered_is_asked_first() -> None:
    """The first that answers serves; its address is remembered, so that only one request waits for the dead."""
    async with served(says("b")) as b, served(says("c")) as c, upstream(nobody(), b, c) as one:
        for _ in range(2):
            response = await one.send(CALL)
            assert await response.text() == "b"


async def test_a_read_and_a_request_with_a_key_are_asked_again_elsewhere() -> None:
    """Both have one effect, however often they are asked, of whichever node."""
    keyed = Call("POST", "/v1/reservations", [("Idempotency-Key", "k")], b"{}")
    async with served(breaks_off) as a, served(says("b")) as b:
        for call in (CALL, keyed):
            async with upstream(a, b) as one:
                assert await (await one.send(call)).text() == "b"


async def test_a_command_without_a_key_is_never_sent_twice() -> None:
    """It may have had its effect; only who asked may decide to ask again."""
    async with served(breaks_off) as a, served(says("b")) as b, upstream(a, b) as one:
        with pytest.raises(NoNodeAnswers) as raised:
            await one.send(Call("DELETE", "/v1/reservations/x", [], b""))
        assert raised.value.may_be_done


async def test_when_nobody_is_there_nothing_was_done() -> None:
    """A connection that was never made carries no request."""
    async with upstream(nobody(), nobody()) as one:
        with pytest.raises(NoNodeAnswers) as raised:
            await one.send(Call("POST", "/v1/points", [], b"{}"))
        assert not raised.value.may_be_done


async def test_a_node_that_stops_sends_callers_on_and_one_that_is_busy_does_not() -> None:
    """Load that one node refuses is not poured over the others."""
    draining = says('{"type": "urn:recarga:problem:draining"}', 503)
    busy = says('{"type": "urn:recarga:problem:node-busy"}', 503)
    async with served(draining) as a, served(says("b")) as b, upstream(a, b) as one:
        assert await (await one.send(CALL)).text() == "b"
    async with served(busy) as a, served(says("b")) as b, upstream(a, b) as one:
        assert (await one.send(CALL)).status == 503
    async with served(draining) as a, upstream(a) as one:
        response = await one.send(CALL)
        assert (response.status, "draining" in await response.text()) == (503, True)


async def test_path_and_query_arrive_as_they_were_sent() -> None:
    """What is escaped stays escaped: a node judges a path, not the proxy."""
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.Response()

    async with served(handler) as a, upstream(a) as one:
        for target in ("/v1/points/a%2Fb?x=%20&y=+", "/v1/points/%2e%2e/x"):
            await one.send(Call("GET", target, [], b""))
    assert seen == ["/v1/points/a%2Fb?x=%20&y=+", "/v1/points/%2e%2e/x"]


async def test_from_other_machines_only_nodes_that_ask_who_is_there_are_reached() -> None:
    """A node without keys listens on loopback only; a proxy must not undo that."""
    guarded = says('{"authentication": true}')
    unguarded = says('{"authentication": false}')
    async with served(says("who?", 401)) as a, served(guarded) as b, served(unguarded) as c, served(says("", 404)) as d:
        for url in (a, b):
            async with upstream(c, d, url, only_guarded=True) as one:
                assert str((await one.send(CALL)).url).startswith(url)
        async with upstream(c, d, only_guarded=True) as one:
            with pytest.raises(NoNodeAnswers):
                await one.send(CALL)


async def test_who_does_not_begin_to_answer_is_given_up() -> None:
    """A node that was cut off accepts and says nothing."""
    let_go = asyncio.Event()

    async def handler(_: web.Request) -> web.Response:
        await let_go.wait()
        return web.Response()

    async with served(handler) as a, served(says("b")) as b, upstream(a, b) as one:
        response = await one.send(Call("GET", "/", [], b"", patience_s=0.2))
        assert await response.text() == "b"
        let_go.set()


def test_headers_of_one_hop_and_those_between_nodes_end_at_the_proxy() -> None:
    """No client speaks as a node, or as somebody who connected from elsewhere; cookies and tokens go through."""
    sent = [
        ("Host", "x"),
        ("Connection", "close, X-Mine"),
        ("X-Mine", "1"),
        ("TE", "trailers"),
        ("Cookie", "recarga_session_80=t"),
        ("Authorization", "Bearer t"),
        ("Recarga-Client", "web"),
        ("Recarga-Forwarded-By", "server2"),
        ("recarga-epoch", "7"),
        (BEHALF_HEADER, "t"),
        ("X-Forwarded-For", "10.0.0.1"),
    ]
    assert to_node(sent, "127.0.0.1", "http") == [
        ("Cookie", "recarga_session_80=t"),
        ("Authorization", "Bearer t"),
        ("Recarga-Client", "web"),
        ("X-Forwarded-Host", "x"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Proto", "http"),
    ]
    behind_another = to_node([("Host", "inner"), ("X-Forwarded-Host", "outer:8443")], "::1", "http")
    assert behind_another[0] == ("X-Forwarded-Host", "outer:8443, inner"), "the browser's comes first, and none is lost"
    assert to_node([("X-Forwarded-Proto", "https")], "::1", "http")[-1] == ("X-Forwarded-Proto", "https")
    answered = [("Transfer-Encoding", "chunked"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Date", "now")]
    assert to_client(answered) == [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
