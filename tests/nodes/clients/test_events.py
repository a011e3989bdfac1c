"""The event stream, over every interruption, from nodes that really run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from nodes.clients.errors import NotAllowed
from nodes.clients.events import Away, Connected, EventStream, Happened
from nodes.clients.following import follow
from nodes.clients.http_client import HttpClient
from nodes.clients.network import Network
from tests.nodes.clients.processes import free_port
from tests.nodes.clients.test_http_client import problem, server
from tests.nodes.running import Client, running_node


class Heard:
    """Everything a stream yields, as it comes."""

    def __init__(self, stream: EventStream) -> None:
        self.items: list[Happened | Connected | Away] = []
        self._stream = stream
        self._more = asyncio.Condition()

    async def listen(self) -> None:
        async with aclosing(self._stream.read()) as items:
            async for item in items:
                async with self._more:
                    self.items.append(item)
                    self._more.notify_all()

    @property
    def types(self) -> list[str]:
        return [item.type for item in self.items if isinstance(item, Happened)]

    async def until(self, *types: str) -> None:
        async with asyncio.timeout(60), self._more:
            await self._more.wait_for(lambda: self.types[-len(types) :] == list(types))

    async def until_is(self, kind: type) -> None:
        async with asyncio.timeout(60), self._more:
            await self._more.wait_for(lambda: bool(self.items) and isinstance(self.items[-1], kind))


@asynccontextmanager
async def hearing(client: HttpClient, **which: str) -> AsyncIterator[Heard]:
    heard = Heard(EventStream(client, **which))
    task = asyncio.create_task(heard.listen())
    try:
        await heard.until_is(Connected)
        yield heard
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_what_happens_is_told_once_over_a_restart(tmp_path: Path) -> None:
    """The node was away, and something happened before the stream was back: it resumes from the last id."""
    port = free_port()
    async with HttpClient([f"http://127.0.0.1:{port}"]) as client:
        async with running_node(tmp_path, port=port) as node:
            await node.create()
            listening = hearing(client)
            heard = await listening.__aenter__()
            await node.reserve(key="a")
            await heard.until("reservation.reserved")
        try:
            await heard.until_is(Away)
            async with running_node(tmp_path, port=port) as node:
                await node.reserve(minute=200, key="b")
                await node.reserve(minute=300, key="c")
                await heard.until("reservation.reserved", "reservation.reserved", "reservation.reserved")
                assert isinstance(heard.items[-3], Connected)
                assert heard.items[-3].resumed
        finally:
            await listening.__aexit__(None, None, None)


async def test_another_node_knows_nothing_of_what_was_heard(tmp_path: Path) -> None:
    """So it is not asked to resume, and whoever listens is told to look anew."""
    async with running_node(tmp_path / "2", "server2") as second, running_node(tmp_path / "1") as first:
        await first.create()
        await second.create()
        async with HttpClient([first.url, second.url]) as client, hearing(client) as heard:
            await first.reserve()
            await heard.until("reservation.reserved")
            await first.node.stop()
            await heard.until_is(Connected)
            last = heard.items[-1]
            assert isinstance(last, Connected)
            assert (last.url, last.resumed) == (second.url, False)
            await second.reserve()
            await heard.until("reservation.reserved")


async def test_only_one_points_events_are_told_if_only_those_are_wanted(tmp_path: Path) -> None:
    """The others' stay away."""
    async with running_node(tmp_path) as node, HttpClient([node.url]) as client:
        await node.create()
        await node.create("b")
        async with hearing(client, point_id="server1.b") as heard:
            await node.reserve()
            await node.reserve(point_id="server1.b")
            await heard.until("reservation.reserved")
            assert [item.subject for item in heard.items if isinstance(item, Happened)] == ["server1.b"]


async def test_who_is_not_allowed_to_listen_is_told_so() -> None:
    """Instead of asking with the same token for ever."""
    async with server(problem(401, "unauthenticated")) as node, HttpClient([node.url], token="old") as client:
        with pytest.raises(NotAllowed):
            async with asyncio.timeout(30):
                await anext(EventStream(client).read())
        assert len(node.asked) == 1


async def test_an_event_that_is_no_json_ends_the_stream_and_it_is_tried_again() -> None:
    """And a line without end is not kept."""

    async def strange(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b': hello\r\nevent: x\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata: {\n\n')
        return response

    async with server(strange) as node, HttpClient([node.url]) as client:
        async with asyncio.timeout(30), aclosing(EventStream(client).read()) as items:
            found = [await anext(items) for _ in range(4)]
    assert found[1] == Happened("x", "", {"a": 1})
    assert isinstance(found[2], Away)
    assert isinstance(found[3], Connected)


async def _told(node: Client, network: Network, session_id: str, statuses: list[str]) -> None:
    stream = network.events(point_id="server1.centro-01")
    async with aclosing(follow(stream, lambda: network.session(session_id), lambda _: None)) as told:
        async for session in told:
            statuses.append(f"{session.status} {session.energy_wh}")
            if not session.is_open:
                return
            if len(statuses) == 1:
                await node.post(f"/v1/sessions/{session_id}/stop", {"energy_wh": 0})


async def test_following_tells_each_change_and_no_other(tmp_path: Path) -> None:
    """A charge, from what it is now to its end."""
    async with running_node(tmp_path) as node, HttpClient([node.url]) as client:
        await node.create()
        session = (await node.post("/v1/points/server1.centro-01/start", {"driver_id": "ana"})).body
        statuses: list[str] = []
        async with asyncio.timeout(60):
            await _told(node, Network(client), session["id"], statuses)
        assert statuses == ["ACTIVE 0", "COMPLETED 0"]
