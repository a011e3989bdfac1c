"""How a client asks: again, elsewhere, under the same key; and what it takes for an answer.

Real nodes behave; these do not, so they are small servers that answer what a test says.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from nodes.clients.errors import BadInput, Mistake, NotAllowed, Passing, Refused, StrangeAnswer, Unreachable
from nodes.clients.http_client import HttpClient, Patience
from nodes.clients.network import Network
from nodes.clients.token import Token
from tests.nodes.clients.processes import free_port
from tests.nodes.running import running_node

_SHORT = Patience(deadline_s=3, attempt_s=1.5, pause_first_s=0.01, pause_max_s=0.02)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers each request with the next of ``answers``, the last one for ever, and keeps what it was asked."""

    def __init__(self, *answers: Handler) -> None:
        self._answers = list(answers)
        self.asked: list[web.Request] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.asked.append(request)
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.pop(0)
        return await answer(request)

    @property
    def keys(self) -> set[str | None]:
        return {request.headers.get("Idempotency-Key") for request in self.asked}


@asynccontextmanager
async def server(*answers: Handler) -> AsyncIterator[Server]:
    made = Server(*answers)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", free_port())
        await site.start()
        made.url = site.name
        yield made
    finally:
        await runner.cleanup()


def problem(status: int, slug: str, *, outcome: str = "none", retry_after: str | None = None) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        body = {"type": f"urn:recarga:problem:{slug}", "detail": slug, "outcome": outcome}
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")

    return answer


async def fine(_: web.Request) -> web.Response:
    return web.json_response({"items": [], "next_cursor": None})


async def cut(request: web.Request) -> web.Response:
    """Take the request, and break the connection instead of answering."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def silent(_: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


async def test_a_wish_has_one_key_however_often_it_is_asked() -> None:
    """After a broken connection, a silence, and answers that say not now."""
    async with server(
        cut, silent, problem(503, "draining"), problem(504, "owner-timeout", outcome="unknown"), fine
    ) as node:
        async with HttpClient([node.url], patience=_SHORT) as client:
            reply = await client.ask("POST", "/v1/reservations", body={}, key="one")
        assert reply.status == 200
        assert len(node.asked) == 5
        assert node.keys == {"one"}


async def test_the_next_node_is_asked_and_stayed_with() -> None:
    """Without waiting: only when all were asked is there a pause."""
    async with server(problem(503, "draining", retry_after="3600")) as first, server(fine) as second:
        async with HttpClient([first.url, second.url], patience=_SHORT) as client:
            for _ in range(3):
                await client.ask("GET", "/v1/points")
            assert client.url == second.url
        assert (len(first.asked), len(second.asked)) == (1, 3)


async def test_a_node_that_says_when_to_come_again_is_not_asked_before() -> None:
    """And if that is too late, its answer is the end of it."""
    loop = asyncio.get_running_loop()
    async with server(problem(429, "point-busy", retry_after="1"), fine) as node:
        async with HttpClient([node.url], patience=_SHORT) as client:
            began_s = loop.time()
            await client.ask("GET", "/v1/points")
            assert loop.time() - began_s >= 0.99
    async with server(problem(503, "superseded", retry_after="30")) as node:
        async with HttpClient([node.url], patience=_SHORT) as client:
            with pytest.raises(Passing) as caught:
                await client.ask("POST", "/v1/reservations", body={}, key="one")
        assert (caught.value.kind, caught.value.outcome, len(node.asked)) == ("superseded", "none", 1)


async def test_what_may_have_been_done_is_said_to_be_unknown() -> None:
    """A later answer that nothing was done does not speak for an earlier attempt."""
    async with server(cut, problem(503, "draining")) as node:
        async with HttpClient([node.url], patience=_SHORT) as client:
            with pytest.raises(Passing) as caught:
                await client.ask("POST", "/v1/reservations", body={}, key="one")
            assert (caught.value.outcome, caught.value.key) == ("unknown", "one")
    async with HttpClient(["http://127.0.0.1:9"], patience=Patience(deadline_s=0.1)) as client:
        with pytest.raises(Unreachable) as nobody:
            await client.ask("POST", "/v1/reservations", body={}, key="one")
        assert nobody.value.outcome == "none"


@pytest.mark.parametrize(
    ("status", "slug", "error"),
    [
        (409, "window-taken", Refused),
        (401, "unauthenticated", NotAllowed),
        (403, "forbidden", NotAllowed),
        (500, "internal-error", Mistake),
    ],
)
async def test_what_was_decided_is_not_asked_again(status: int, slug: str, error: type[Exception]) -> None:
    """Nor where asking again is of no use."""
    async with server(problem(status, slug)) as node:
        async with HttpClient([node.url], patience=_SHORT) as client:
            with pytest.raises(error):
                await client.ask("POST", "/v1/reservations", body={}, key="one")
        assert len(node.asked) == 1


async def test_the_token_goes_to_the_named_nodes_and_nowhere_else() -> None:
    """A redirection is no node's answer, and is not followed: the token would go along."""

    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("http://127.0.0.1:9/steal")

    async with server(elsewhere) as node:
        async with HttpClient([node.url], token="t0ken", patience=_SHORT) as client:
            with pytest.raises(StrangeAnswer):
                await client.ask("GET", "/v1/points")
            assert "t0ken" not in repr(client)
        assert node.asked[0].headers["Authorization"] == "Bearer t0ken"


async def test_a_token_that_has_expired_is_read_anew(tmp_path: Path) -> None:
    """A client that is open for days has a file in which somebody renews it; one that is not renewed is asked with once."""
    file = tmp_path / "token"

    async def guarded(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer second":
            return await problem(401, "unauthenticated")(request)
        if "text/event-stream" not in request.headers["Accept"]:
            return await fine(request)
        return web.Response(text="", content_type="text/event-stream")

    async with server(guarded) as node:
        for ask in (
            lambda client: client.ask("GET", "/v1/points"),
            lambda client: client.ask_at(node.url, "/v1/points"),
            lambda client: client.stream(node.url, "/v1/events", {}, 5),
        ):
            file.write_text("first")
            token = Token("first", file.read_text)
            async with HttpClient([node.url], token=token, patience=_SHORT) as client:
                node.asked.clear()
                with pytest.raises(NotAllowed):
                    await ask(client)
                assert len(node.asked) == 1
                file.write_text("second")
                assert (await ask(client)).status == 200


@pytest.mark.parametrize("text", ["<html>", "{", ""])
async def test_what_no_node_says_is_no_answer(text: str) -> None:
    """A captive portal acknowledges nothing."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html" if text == "<html>" else "application/json")

    async with server(answer) as node, HttpClient([node.url], patience=_SHORT) as client:
        with pytest.raises(StrangeAnswer):
            await client.ask("GET", "/v1/points")


async def test_an_object_that_lacks_what_it_must_have_is_no_answer() -> None:
    """Said by name, not by a traceback."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"id": "server1.a"})

    async with server(answer) as node, HttpClient([node.url], patience=_SHORT) as client:
        with pytest.raises(StrangeAnswer, match="that is no point: node"):
            await Network(client).point("server1.a")


@pytest.mark.parametrize("data", [[], {}, {"items": None}, 1, {"items": [1]}])
async def test_a_page_without_items_is_no_answer(data: object) -> None:
    """Nor is one of something else."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(data)

    async with server(answer) as node, HttpClient([node.url], patience=_SHORT) as client:
        with pytest.raises(StrangeAnswer):
            await Network(client).nodes()
        with pytest.raises(StrangeAnswer):
            await anext(Network(client).points())
        with pytest.raises(StrangeAnswer):
            await Network(client).sessions("ana")


async def test_an_answer_without_end_is_cut() -> None:
    """Memory is bounded, whoever answers."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" " * 1_000_000)

    async with (
        server(endless) as node,
        HttpClient([node.url], patience=Patience(deadline_s=30, attempt_s=30)) as client,
    ):
        with pytest.raises(StrangeAnswer, match="longer than"):
            await client.ask("GET", "/v1/points")


@pytest.mark.parametrize(
    "url", ["", "localhost:9000", "ftp://x", "http://", "http://ana:secret@x", "http://x/?a=b", "http://x:port"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """A password in an address would end in somebody's log."""
    with pytest.raises(BadInput):
        HttpClient([url])


async def test_a_trip_that_is_not_decided_yet_is_waited_for() -> None:
    """202, looked at again until it is CONFIRMED."""
    trip = {
        "id": "server1.trip.t1-1",
        "driver_id": "ana",
        "coordinator": "server1",
        "stops": [],
        "reason": None,
        "failed_stop": None,
        "created_ms": 1,
        "decided_ms": None,
    }

    def told(status: str, code: int) -> Handler:
        async def answer(_: web.Request) -> web.Response:
            return web.json_response(trip | {"status": status}, status=code)

        return answer

    async with server(told("PENDING", 202), told("PENDING", 200), told("CONFIRMED", 200)) as node:
        async with HttpClient([node.url], patience=_SHORT) as client:
            found = await Network(client).plan_trip([], "ana")
        assert (found.status, [request.method for request in node.asked]) == ("CONFIRMED", ["POST", "GET", "GET"])
    async with server(told("PENDING", 202), told("PENDING", 200)) as node:
        async with HttpClient([node.url], patience=Patience(deadline_s=0.5)) as client:
            assert (await Network(client).plan_trip([], "ana")).status == "PENDING"


async def test_before_there_was_authentication_everybody_may_do_all(tmp_path: Path) -> None:
    """A node without ``/v1/session``, or without keys, needs no token."""
    async with running_node(tmp_path) as node, HttpClient([node.url]) as client:
        assert (await Network(client).identity()).authentication is False
