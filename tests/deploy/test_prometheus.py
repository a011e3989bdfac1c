"""A real Prometheus beside the duo, with the configuration and the token that its service is given: it sees what the dashboard asks for.

It is Debian's program in a container of the project's image, as the image of the service may be out of reach. Grafana is not started.
"""

import asyncio
import math
import shutil
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from tests.deploy.engine import ROOT, TAG, Project, run
from tests.deploy.http import Server, session
from tests.deploy.test_monitoring import EXPRESSIONS, read_yaml

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

SERVERS = {"server-1": 8000, "server-2": 8003}
_PATIENCE_S = 120
_NOBODY = "65534:65534"
"""Whom Prometheus' own image runs as: the token must be readable for that user."""


@pytest.fixture(scope="module")
def prometheus(duo: Project) -> Iterator[int]:
    """Have a Prometheus; its port."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus (Debian: prometheus) is not installed")
    service = read_yaml(ROOT / "docker" / "compose.duo.yaml")["services"]["prometheus"]
    config, token = (each for each in service["volumes"] if each.endswith(":ro"))
    mounts = (f"{ROOT}/docker/{config}", f"{duo.name}_{token}", f"{program}:/bin/prometheus:ro")
    started = ["docker", "run", "-d", "--rm", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--user", _NOBODY]
    started += [word for mount in mounts for word in ("-v", mount)]
    started += ["--network", f"{duo.name}_default", "-p", "127.0.0.1::9090", "--entrypoint", "/bin/prometheus"]
    started += [f"recarga:{TAG}", "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/tmp/metrics"]
    container = run(*started).strip()
    try:
        yield int(run("docker", "port", container, "9090").split(":")[1])
    finally:
        run("docker", "kill", container)


async def test_all_targets_are_up_and_every_panel_has_data(duo: Project, prometheus: int) -> None:
    """While somebody reserves, is refused, and travels, at both servers."""
    async with session() as http:
        watcher = Server(http, prometheus)
        ops = [Server(http, port, duo.token("operator", "ops")) for port in SERVERS.values()]
        for server in ops:
            await server.post("/v1/points", _point(), Idempotency_Key="panels")
        until_s = time.monotonic() + _PATIENCE_S
        number = 0
        while missing := [expression for expression in EXPRESSIONS if not await _data(watcher, expression)]:
            assert time.monotonic() < until_s, missing
            for server in ops:
                number += 1
                await _travel(server, number)
            await asyncio.sleep(0.5)
        told = (await watcher.get("/api/v1/targets")).body["data"]["activeTargets"]
        assert {each["labels"]["instance"]: each["health"] for each in told} == {
            f"{node}:9000": "up" for node in SERVERS
        }
        assert await _data(watcher, 'sum(up{job="recarga"})') == [len(SERVERS)]


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


async def _data(watcher: Server, expression: str) -> list[float]:
    """Return the values of an expression now, those that are numbers; none while Prometheus is not ready yet."""
    try:
        reply = await watcher.post(f"/api/v1/query?query={quote(expression)}")
    except aiohttp.ClientError:
        return []
    if reply.status == 503:
        return []
    assert reply.status == 200, reply
    values = (float(each["value"][1]) for each in reply.body["data"]["result"])
    return [value for value in values if not math.isnan(value)]  # nothing to divide by
