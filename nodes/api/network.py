"""``/v1/nodes``, ``/v1/ping`` and ``/v1/events``: who is there, and what happens."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Response
from fastapi import Request as HttpRequest
from fastapi.sse import EventSourceResponse, ServerSentEvent

from nodes.api.bodies import PingBody
from nodes.api.documentation import EPOCH_HEADER, FORWARDED_HEADER, problems, success
from nodes.api.exchange import Exchange
from nodes.api.fields import NodeId, PointId
from nodes.api.node_answers import NodeList, RemovedAnswer
from nodes.api.visit import check_node, visit_of
from nodes.config import Limits
from nodes.feed import Item, NextItem, own_item
from nodes.node import Node
from nodes.node_list import known_nodes
from nodes.principal import Role
from nodes.records import Answer
from nodes.removal import remove_node
from nodes.request import Ping
from nodes.tidings import Tidings

_REPLAY_AT_ONCE = 500
_LOOK_AGAIN_S = 1.0
"""How often it is looked whether who watches still may: as often as the keys are."""


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
        """Itself first, then the others in order of id: what it believes of them, since when, and why."""

        async def answer() -> Answer:
            return Answer(200, orjson.dumps({"items": known_nodes(node)}))

        return await exchange.run("listNodes", answer)

    @router.delete(
        "/nodes/{id}",
        operation_id="removeNode",
        summary="Remove a node that has died or left",
        responses=success(RemovedAnswer, point=False) | problems("unknown-node", "node-alive", forwarded=False),
    )
    async def remove(id: Annotated[NodeId, Path()]) -> Response:  # noqa: A002 - the path's name
        """Its points are gone from every list, and from what the broker retains (`cleared` says whether that was
        heard of). The other nodes hear of it from this one. Should it come back, it is simply known again.
        """
        return await exchange.run("removeNode", lambda: remove_node(node, id))

    @router.post(
        "/ping",
        operation_id="ping",
        summary="Ask a node whether it is there (nodes ask each other)",
        openapi_extra={"parameters": [FORWARDED_HEADER, EPOCH_HEADER]},
        responses=success(Tidings, point=False) | problems("stale-epoch", "body-too-large", forwarded=False),
    )
    async def ping(body: PingBody, http: HttpRequest) -> Response:
        """What the one who asks tells of itself and of others, for the same of this node. With `reach`, this node asks
        another one first, for somebody who does not reach it.
        """
        check_node(http, body.tidings.sender.node)
        return await exchange.ask(http, "ping", node.id, Ping(body.tidings, body.reach))

    async def watching(http: HttpRequest) -> AsyncIterator[NextItem]:
        """Let a watcher in for as long as the request lasts, however it ends: the stream's generator may be left behind.

        One too many, and everybody on an old history, is refused while a status can still be given.
        """
        node.check_history()
        with node.feed.joined(*_share(http, node.config.limits)) as next_item:
            yield next_item

    @router.get(
        "/events",
        operation_id="watchEvents",
        summary="Watch what happens (server-sent events)",
        response_class=EventSourceResponse,
        responses=problems(forwarded=False),
    )
    async def watch_events(
        http: HttpRequest,
        next_item: Annotated[NextItem, Depends(watching)],
        point_id: Annotated[PointId | None, Query(description="only this point")] = None,
        node_id: Annotated[NodeId | None, Query(alias="node", description="only this node and its points")] = None,
        after_ver: Annotated[int | None, Query(ge=0, description="this node's events above this `ver` first")] = None,
        last_event_id: Annotated[int | None, Header(ge=0, description="as `after_ver`; browsers send it")] = None,
    ) -> AsyncIterator[ServerSentEvent]:
        """This node's events once they are durable, with their `ver` as id, and what other nodes tell. Who drives is
        not told. A reader that is too slow loses its stream, and goes on from the last id it saw. A stream ends with the
        token that it was opened with, at the next second at the latest: when that expires, or is taken back. So many of one driver,
        operator, reader or node: then 429.
        """
        after = last_event_id if last_event_id is not None else after_ver
        async with aclosing(_items(node, after, _while_signed_in(exchange, http, next_item))) as items:
            async for item in items:
                if (point_id is None or item.subject == point_id) and (node_id is None or item.node == node_id):
                    ident = None if item.ver is None else str(item.ver)
                    yield ServerSentEvent(event=item.type, id=ident, raw_data=item.data.decode())

    return router


def _share(http: HttpRequest, limits: Limits) -> tuple[str | None, int]:
    """Return whose a stream is, and how many they may have."""
    visit = visit_of(http)
    if visit is None:
        return None, 0
    principal = visit.principal
    most = limits.streams_driver_max if principal.role is Role.DRIVER else limits.streams_caller_max
    return f"{principal.role} {principal.sub}", most


def _while_signed_in(exchange: Exchange, http: HttpRequest, next_item: NextItem) -> NextItem:
    """Return what waits for the next item, and returns None once the token that was shown no longer counts."""
    authenticator, visit = exchange.authenticator, visit_of(http)
    token = None if visit is None else visit.token
    if authenticator is None or token is None:
        return next_item

    async def next_one() -> Item | None:
        while authenticator.counts(token):
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN_S):
                    item = await next_item()
                return item if authenticator.counts(token) else None
        return None

    return next_one


async def _items(node: Node, after_ver: int | None, next_item: NextItem) -> AsyncGenerator[Item, None]:
    """Yield what happened after ``after_ver``, then what happens, without a gap and without a repetition."""
    told = after_ver
    while told is not None and told < node.server.journal.durable_ver:
        past = await node.store.read_journal(told, _REPLAY_AT_ONCE)
        for stamped in past:
            yield own_item(node.id, stamped)
        if not past:
            break
        told = past[-1].ver
    while (item := await next_item()) is not None:
        if item.ver is None or told is None or item.ver > told:
            yield item
