"""How requests enter a node: straight, or through its HTTP API."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol
from urllib.parse import unquote

import orjson
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import Message as AsgiMessage
from starlette.types import Scope

from nodes.api.app import create_app
from nodes.catalogue import Filters, Near
from nodes.domain.refusals import UnknownPoint
from nodes.domain.window import Window
from nodes.node import Node
from nodes.node_list import known_nodes
from nodes.peers.wire import TIMING_HEADER, HttpRequest, answer_from, http_request
from nodes.problems import refusal_answer
from nodes.records import Answer
from nodes.request import Request
from sim.fleet.target import Look
from sim.worlds.look_path import look_path


class Door(Protocol):
    """One node's door. Nothing comes out of it but answers; what else is raised is a mistake of the node."""

    async def ask(self, request: Request, timeout_ms: int, forwarded_by: str | None) -> Answer:
        """Hand in a request."""

    async def look(self, look: Look) -> Answer:
        """List points."""

    async def view(self, point_id: str) -> Answer:
        """Tell what the node believes of another's point, and nothing else: who knows nothing of it says so."""

    async def nodes(self) -> Answer:
        """List the nodes that this one knows."""


class DirectDoor:
    """Straight to the node, with what the API would have read from the wire."""

    def __init__(self, node: Node, on_request: Callable[[str], None]) -> None:
        """``on_request`` hears which point a request is for, before it is handed in."""
        self._node = node
        self._on_request = on_request

    async def ask(self, request: Request, timeout_ms: int, forwarded_by: str | None) -> Answer:
        """See ``Door.ask``."""
        self._on_request(request.point_id)
        timed = replace(request, timeout_ms=timeout_ms)
        return await self._node.settle(self._node.handle(timed, forwarded_by=forwarded_by))

    async def look(self, look: Look) -> Answer:
        """See ``Door.look``."""
        free = None
        if look.free_from_ms is not None and look.free_until_ms is not None:
            free = Window(look.free_from_ms, look.free_until_ms)
        filters = Filters(connector=look.connector, near=Near(look.lat, look.lon, look.radius_m), free=free)
        return await self._node.settle(self._node.list_points(filters, "", look.limit, is_timed=True))

    async def view(self, point_id: str) -> Answer:
        """See ``Door.view``."""
        view = self._node.tell_view(point_id)
        return _nothing_known(point_id) if view is None else view

    async def nodes(self) -> Answer:
        """See ``Door.nodes``."""
        return Answer(200, orjson.dumps({"items": known_nodes(self._node)}))


class ApiDoor:
    """Through the node's FastAPI application, as bytes."""

    def __init__(self, node: Node, on_request: Callable[[str], None]) -> None:
        """``on_request`` hears which point a request is for, before it is handed in."""
        self._node = node
        self._app: FastAPI = create_app(node)
        self._on_request = on_request

    async def ask(self, request: Request, timeout_ms: int, forwarded_by: str | None) -> Answer:
        """See ``Door.ask``."""
        self._on_request(request.point_id)
        return await self._send(http_request(request, timeout_ms, forwarded_by))

    async def look(self, look: Look) -> Answer:
        """See ``Door.look``."""
        return await self._send(HttpRequest("GET", look_path(look), {TIMING_HEADER: "?1"}, b""))

    async def view(self, point_id: str) -> Answer:
        """See ``Door.view``. The API would ask the owner for what the node does not know: that is no view."""
        if self._node.tell_view(point_id) is None:
            return _nothing_known(point_id)
        return await self._send(HttpRequest("GET", f"/v1/points/{point_id}", {}, b""))

    async def nodes(self) -> Answer:
        """See ``Door.nodes``."""
        return await self._send(HttpRequest("GET", "/v1/nodes", {}, b""))

    async def _send(self, http: HttpRequest) -> Answer:
        """Make one ASGI call (ASGI 3.0, HTTP protocol 2.3)."""
        incoming: list[AsgiMessage] = [{"type": "http.request", "body": http.body, "more_body": False}]
        sent: list[AsgiMessage] = []

        async def receive() -> AsgiMessage:
            return incoming.pop(0) if incoming else {"type": "http.disconnect"}

        async def send(message: AsgiMessage) -> None:
            sent.append(message)

        await self._app(_scope(http), receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        return answer_from(start["status"], Headers(raw=list(start["headers"])), body)


def _nothing_known(point_id: str) -> Answer:
    return refusal_answer(UnknownPoint(point_id), None)


def _scope(http: HttpRequest) -> Scope:
    path, _, query = http.path.partition("?")
    headers = [(name.lower().encode(), value.encode()) for name, value in http.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": http.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"node"), (b"content-length", b"%d" % len(http.body)), *headers],
        "client": ("vehicle", 0),
        "server": ("node", 80),
    }
