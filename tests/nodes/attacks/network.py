"""Nodes with keys that really listen, and callers with tokens: what the attackers of these tests meet."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from nodes.config import Limits, NodeConfig
from nodes.node import Node
from nodes.principal import Role
from nodes.serving import running
from nodes.settings import Settings
from tests.nodes.auth.ring import Ring
from tests.nodes.running import MINUTE, POINT, Reply, free_port

_SERIAL = count()


class Caller:
    """Somebody who asks one node, with a token or without."""

    def __init__(self, session: aiohttp.ClientSession, node: Node, headers: dict[str, str]) -> None:
        self.node = node
        self.headers = headers
        self._session = session

    @property
    def cookie(self) -> str:
        """The name of a browser's cookie here."""
        return f"recarga_session_{self.node.url.rpartition(':')[2]}"

    async def send(self, method: str, path: str, json: Any = None, **headers: str) -> Reply:
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(
            method, self.node.url + path, json=json, headers=sent, allow_redirects=False
        ) as response:
            is_json = "json" in response.headers.get("Content-Type", "")
            body = await response.json(content_type=None) if is_json else await response.text()
            return Reply(response.status, response.headers, body)

    async def get(self, path: str, **headers: str) -> Reply:
        return await self.send("GET", path, **headers)

    async def reserve(
        self, point_id: str = "server1.a", minute: float = 60, key: str | None = None, **more: Any
    ) -> Reply:
        start_ms = self.node.clock.now_ms() + int(minute * MINUTE)
        body = {"point_id": point_id, "start_ms": start_ms, "end_ms": start_ms + 30 * MINUTE, **more}
        return await self.send("POST", "/v1/reservations", body, Idempotency_Key=key or f"key-{next(_SERIAL)}")

    async def trip(self, *points: str, key: str = "trip", minute: float = 600, **more: Any) -> Reply:
        at_ms = self.node.clock.now_ms() + int(minute * MINUTE)
        stops = [
            {"point_id": point, "start_ms": at_ms + n * 60 * MINUTE, "end_ms": at_ms + (n * 60 + 30) * MINUTE}
            for n, point in enumerate(points)
        ]
        return await self.send("POST", "/v1/trips", {"stops": stops, **more}, Idempotency_Key=key)


@dataclass
class Network:
    """Nodes that know each other, each with a point ``a``."""

    ring: Ring
    nodes: dict[str, Node]
    session: aiohttp.ClientSession
    settings: dict[str, Any]

    def caller(self, role: Role | str = Role.DRIVER, sub: str = "ana", *, at: str = "server1", **more: Any) -> Caller:
        return Caller(self.session, self.nodes[at], self.ring.bearer(role, sub, **more))

    def guest(self, at: str = "server1", **headers: str) -> Caller:
        return Caller(self.session, self.nodes[at], {name.replace("_", "-"): v for name, v in headers.items()})

    def browser(self, token: str, at: str = "server1", **headers: str) -> Caller:
        """Somebody whose browser holds a cookie with that token."""
        found = self.guest(at, **headers)
        found.headers["Cookie"] = f"{found.cookie}={token}"
        return found


@asynccontextmanager
async def network(
    folder: Path, *node_ids: str, limits: Limits | None = None, **settings: Any
) -> AsyncGenerator[Network, None]:
    """Have nodes with the same keys, ``server1`` if none is named."""
    node_ids = node_ids or ("server1",)
    ring = Ring(folder / "keys.json")
    ports = {node_id: free_port() for node_id in node_ids}
    async with AsyncExitStack() as stack:
        nodes = {}
        for node_id in node_ids:
            peers = {other: f"http://127.0.0.1:{port}" for other, port in ports.items() if other != node_id}
            config = NodeConfig(node_id, limits=limits or Limits())
            made = Settings(config, port=ports[node_id], data=folder, peers=peers, auth_keys=ring.path, **settings)
            nodes[node_id] = await stack.enter_async_context(running(made))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        here = Network(ring, nodes, session, settings)
        for node_id in node_ids:
            made_point = await here.caller(Role.OPERATOR, "root", at=node_id).send(
                "POST", "/v1/points", {"id": "a", **POINT}
            )
            assert made_point.status == 201, made_point.body
        yield here
