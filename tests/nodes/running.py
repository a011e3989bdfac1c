"""Nodes that really run: HTTP on a free port, SQLite on disk, in this process."""

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from nodes.config import Limits, NodeConfig
from nodes.node import Node
from nodes.serving import running
from nodes.settings import Settings

MINUTE = 60_000
POINT = {"name": "Centro 1", "max_power_w": 22_000, "price_per_kwh_minor": 189, "connector": "IEC_62196_T2"}


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: "aiohttp.typedefs.LooseHeaders | Any"
    body: Any

    @property
    def problem(self) -> str:
        """The problem's slug."""
        return str(self.body["type"]).removeprefix("urn:recarga:problem:")


class Client:
    """Talks to one node."""

    def __init__(self, session: aiohttp.ClientSession, node: Node) -> None:
        self.session = session
        self.node = node
        self.url = node.url
        self._serial = 0

    async def send(self, method: str, path: str, json: Any = None, **more: Any) -> Reply:
        async with self.session.request(method, self.url + path, json=json, **more) as response:
            is_json = "json" in response.headers.get("Content-Type", "")
            body = await response.json(content_type=None) if is_json else await response.text()
            return Reply(response.status, response.headers, body)

    async def get(self, path: str, **more: Any) -> Reply:
        return await self.send("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> Reply:
        return await self.send("POST", path, json, **more)

    async def create(self, slug: str = "centro-01", **more: Any) -> Reply:
        return await self.post("/v1/points", {"id": slug, **POINT, **more})

    async def reserve(self, minute: float = 60, minutes: float = 30, key: str | None = None, **more: Any) -> Reply:
        self._serial += 1
        start_ms = self.node.clock.now_ms() + int(minute * MINUTE)
        body = {
            "point_id": f"{self.node.id}.centro-01",
            "driver_id": "ana",
            "start_ms": start_ms,
            "end_ms": start_ms + int(minutes * MINUTE),
            **more,
        }
        body = {name: value for name, value in body.items() if value is not None}
        return await self.post("/v1/reservations", body, headers={"Idempotency-Key": key or f"key-{self._serial}"})


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running_node(
    folder: Path, node_id: str = "server1", *, limits: Limits | None = None, **settings: Any
) -> AsyncGenerator[Client, None]:
    """Have a node and a client for it."""
    config = NodeConfig(node_id, limits=limits or Limits())
    async with running(Settings(config, port=settings.pop("port", 0), data=folder, **settings)) as node:
        async with aiohttp.ClientSession() as session:
            yield Client(session, node)
