"""A network is at rest when no stop is in doubt and every view is its owner's; who says so too early proves nothing."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sim.worlds.calm import calm

Item = dict[str, Any]


@dataclass
class FakeNode:
    """Says of points and of stops in doubt what it was told to; ``asked`` counts how often it was asked for the latter."""

    items: list[Item]
    in_doubt: int = 0
    asked: int = 0
    then: Callable[["FakeNode"], None] = field(default=lambda _: None)

    def app(self) -> web.Application:
        """Return it as a server."""
        app = web.Application()
        app.add_routes([web.get("/metrics", self._metrics), web.get("/v1/points", self._points)])
        return app

    async def _metrics(self, _: web.Request) -> web.Response:
        self.asked += 1
        text = f"# HELP x\nrecarga_stops_in_doubt {self.in_doubt}.0\n"
        self.then(self)
        return web.Response(text=text)

    async def _points(self, request: web.Request) -> web.Response:
        """Two pages, as a large network has."""
        node, cursor = request.query.get("node"), request.query.get("cursor")
        items = [item for item in self.items if node is None or item["id"].startswith(f"{node}.")]
        first, rest = items[:1], items[1:]
        page = {"items": rest} if cursor else {"items": first, "next_cursor": first[0]["id"] if rest else None}
        return web.json_response(page)


def item(point_id: str, seq: int, *, stale: bool = False) -> Item:
    """Return what matters of a point here."""
    return {"id": point_id, "witness": [1, seq], "stale": stale}


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    """Start nodes; return their URLs."""
    async with AsyncExitStack() as stack:

        async def start(**nodes: FakeNode) -> dict[str, str]:
            servers = {name: await stack.enter_async_context(TestServer(node.app())) for name, node in nodes.items()}
            return {name: str(server.make_url("")).rstrip("/") for name, server in servers.items()}

        yield start


async def test_it_is_at_rest_when_nothing_is_in_doubt_and_all_agree(serve: Callable[..., Any]) -> None:
    """At once, here."""
    told = [item("a.p", 3), item("b.p", 5)]
    found = await calm(await serve(a=FakeNode(told), b=FakeNode(told)), within_s=60)
    assert (found["views"], found["late"], found["in_doubt"]) == (2, [], 0)
    assert found["agreed_ms"] is not None
    assert found["decided_ms"] is not None


async def test_it_waits_for_a_stop_in_doubt(serve: Callable[..., Any]) -> None:
    """Until the node says that none is left."""

    def decide(node: FakeNode) -> None:
        node.in_doubt = 0 if node.asked >= 2 else 1

    node = FakeNode([item("a.p", 3)], in_doubt=1, then=decide)
    found = await calm(await serve(a=node), within_s=60)
    assert (node.asked, found["in_doubt"]) == (3, 0)
    assert found["decided_ms"] > found["agreed_ms"]


@pytest.mark.parametrize("seen", [[item("b.p", 4)], [item("b.p", 5, stale=True)], []])
async def test_a_view_that_is_behind_stale_or_missing_is_told(serve: Callable[..., Any], seen: list[Item]) -> None:
    """By point and node, when time is over."""
    urls = await serve(a=FakeNode([item("a.p", 3), *seen]), b=FakeNode([item("b.p", 5), item("a.p", 3)]))
    found = await calm(urls, within_s=0)
    assert (found["agreed_ms"], found["late"]) == (None, ["b.p at a"])


async def test_a_node_that_does_not_answer_is_not_at_rest() -> None:
    """Nothing heard is not nothing in doubt."""
    found = await calm({"a": "http://127.0.0.1:9"}, within_s=0)
    assert (found["in_doubt"], found["decided_ms"]) == (None, None)
    assert found["late"] == ["no points of a"]
