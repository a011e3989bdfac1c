"""A real Prometheus beside the duo, with the configuration and the token that its service is given: it sees what the dashboard asks for.

Grafana is not started.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.engine import Project
from tests.deploy.http import Server, session
from tests.deploy.test_monitoring import EXPRESSIONS
from tests.deploy.watcher import prometheus_beside, values

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

SERVERS = {"server-1": 8000, "server-2": 8003}
_PATIENCE_S = 120


@pytest.fixture(scope="module")
def prometheus(duo: Project) -> Iterator[int]:
    """Have a Prometheus; its port."""
    with prometheus_beside(duo, "docker/compose.duo.yaml") as port:
        yield port


async def test_all_targets_are_up_and_every_panel_has_data(duo: Project, prometheus: int) -> None:
    """While somebody reserves, is refused, and travels, at both servers."""
    async with session() as http:
        watcher = Server(http, prometheus)
        ops = [Server(http, port, duo.token("operator", "ops")) for port in SERVERS.values()]
        for server in ops:
            await server.post("/v1/points", _point(), Idempotency_Key="panels")
        until_s = time.monotonic() + _PATIENCE_S
        number = 0
        while missing := [expression for expression in EXPRESSIONS if not await values(watcher, expression)]:
            assert time.monotonic() < until_s, missing
            for server in ops:
                number += 1
                await _travel(server, number)
            await asyncio.sleep(0.5)
        told = (await watcher.get("/api/v1/targets")).body["data"]["activeTargets"]
        assert {each["labels"]["instance"]: each["health"] for each in told} == {
            f"{node}:9000": "up" for node in SERVERS
        }
        assert await values(watcher, 'sum(up{job="recarga"})') == [len(SERVERS)]


def _point() -> dict[str, Any]:
    return {"id": "panels", "name": "Painel", "max_power_w": 22_000, "price_per_kwh_minor": 189}


async def _travel(server: Server, number: int) -> None:
    """Ask for a trip over both, and for what it has taken."""
    start_ms = time.time_ns() // 1_000_000 + number * 600_000
    window = {"start_ms": start_ms, "end_ms": start_ms + 600_000}
    stops = [{"point_id": f"{node}.panels", **window} for node in SERVERS]
    await server.post("/v1/trips", {"stops": stops, "driver_id": "ana"}, Idempotency_Key=f"trip-{number}")
    for node in SERVERS:
        wish = {"point_id": f"{node}.panels", "driver_id": "bia", **window}
        await server.post("/v1/reservations", wish, Idempotency_Key=f"{node}-{number}")
