"""``/v1/nodes`` and ``/v1/events``: who is there, and what happens."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from nodes.api.answers import NodeList
from nodes.api.documentation import problems, success
from nodes.api.exchange import Exchange
from nodes.api.fields import NodeId, PointId
from nodes.feed import Item, own_item
from nodes.gossip.view import NodeState, NodeView
from nodes.node import Node
from nodes.records import Answer
from nodes.representation import Json

_REPLAY_AT_ONCE = 500


def network_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["network"])
    node = exchange.node

    @router.get(
        "/nodes",
        operation_id="listNodes",
        summary="List the nodes this node knows",
        responses=success(NodeList, point=False) | problems(forwarded=False),
    )
    async def list_nodes() -> Response:
        """Itself first, then the others in order of id, as they were last heard of."""
        others = [_node_json(node, view) for _, view in sorted(node.view.nodes.items())]

        async def answer() -> Answer:
            return Answer(200, orjson.dumps({"items": [_self_json(node), *others]}))

        return await exchange.run("listNodes", answer)

    async def has_room() -> None:
        """Refuse one watcher too many, and everybody on an old history, while a status can still be given."""
        node.check_history()
        node.feed.check_room()

    @router.get(
        "/events",
        operation_id="watchEvents",
        summary="Watch what happens (server-sent events)",
        response_class=EventSourceResponse,
        dependencies=[Depends(has_room)],
        responses=problems(forwarded=False),
    )
    async def watch_events(
        point_id: Annotated[PointId | None, Query(description="only this point")] = None,
        node_id: Annotated[NodeId | None, Query(alias="node", description="only this node and its points")] = None,
        after_ver: Annotated[int | None, Query(ge=0, description="this node's events above this `ver` first")] = None,
        last_event_id: Annotated[int | None, Header(ge=0, description="as `after_ver`; browsers send it")] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        """This node's events once they are durable, with their `ver` as id, and what other nodes tell. Who drives is
        not told. A reader that is too slow loses its stream, and goes on from the last id it saw.
        """
        after = last_event_id if last_event_id is not None else after_ver
        async with aclosing(_items(node, after)) as items:
            async for item in items:
                if (point_id is None or item.subject == point_id) and (node_id is None or item.node == node_id):
                    ident = None if item.ver is None else str(item.ver)
                    yield ServerSentEvent(event=item.type, id=ident, raw_data=item.data.decode())

    return router


async def _items(node: Node, after_ver: int | None) -> AsyncGenerator[Item, None]:
    """Yield what happened after ``after_ver``, then what happens, without a gap and without a repetition."""
    live = node.feed.read()
    first = asyncio.ensure_future(anext(live, None))  # begins to listen before the past is read
    try:
        await asyncio.sleep(0)
        told = after_ver
        while told is not None and told < node.server.journal.durable_ver:
            past = await node.store.read_journal(told, _REPLAY_AT_ONCE)
            for stamped in past:
                yield own_item(node.id, stamped)
            if not past:
                break
            told = past[-1].ver
        item = await first
        while item is not None:
            if item.ver is None or told is None or item.ver > told:
                yield item
            item = await anext(live, None)
    finally:
        first.cancel()
        await asyncio.wait([first])
        await live.aclose()


def _self_json(node: Node) -> Json:
    server, count = node.server, len(node.server.points())
    return {
        "id": node.id,
        "self": True,
        "state": NodeState.ALIVE if node.forked is None else NodeState.FORKED,
        "epoch": server.epoch,
        "url": node.url,
        "points": count,
        "points_seen": count,
        "ver": server.journal.durable_ver,
        "since_ms": node.started_ms,
        "heard_ms": node.clock.now_ms(),
        "stale": False,
        "reason": "it is this node" if node.forked is None else node.forked,
    }


def _node_json(node: Node, view: NodeView) -> Json:
    return {
        "id": view.node_id,
        "self": False,
        "state": view.state,
        "epoch": view.epoch,
        "url": view.url,
        "points": view.points,
        "points_seen": sum(1 for _ in node.view.points_of(view.node_id)),
        "ver": view.ver,
        "since_ms": view.since_ms,
        "heard_ms": view.heard_ms,
        "stale": not node.catalogue.connected or node.view.is_stale(view.node_id),
        "reason": view.reason,
    }
