"""What is looked at again although events tell of much: they do not tell of everything."""

import asyncio
from contextlib import suppress

import pytest
from aiohttp import web

from nodes.clients.http_client import HttpClient
from nodes.clients.network import Network
from nodes.clients.terminal import live
from nodes.clients.terminal.board import Board
from nodes.tasks import end
from tests.nodes.clients.terminal.examples import point
from tests.nodes.clients.terminal.screens import WAIT_S
from tests.nodes.clients.test_http_client import Server, server


async def _busy(request: web.Request) -> web.StreamResponse:
    """A node at which something happens all the time."""
    if request.path == "/v1/events":
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        with suppress(ConnectionError):
            while True:
                await stream.write(b'event: reservation.reserved\ndata: {"point_id": "server1.a"}\n\n')
                await asyncio.sleep(0.01)
        return stream
    if request.path == "/v1/points/server1.a":
        return web.json_response(point().told)
    return web.json_response({"items": [], "next_cursor": None})


def _times(node: Server, path: str) -> int:
    return sum(1 for request in node.asked if request.path == path)


async def test_nodes_and_all_points_are_looked_at_while_much_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window begins, and a node falls silent, without an event of that point."""
    monkeypatch.setattr(live, "_NODES_EVERY_S", 0.02)
    monkeypatch.setattr(live, "_LOOK_EVERY_S", 0.3)
    monkeypatch.setattr(live, "_GATHER_S", 0.01)
    async with server(_busy) as node, HttpClient([node.url]) as client:
        task = asyncio.create_task(live.Live(Network(client), Board(), lambda _: None).run())
        try:
            async with asyncio.timeout(WAIT_S):
                while _times(node, "/v1/points") < 3 or _times(node, "/v1/nodes") < 10:
                    await asyncio.sleep(0.01)
        finally:
            await end(task)
        assert _times(node, "/v1/points/server1.a") > 0
        assert _times(node, "/v1/nodes") > _times(node, "/v1/points")
