"""The trio with TLS, as docs/deploy.md switches it on."""

import asyncio
import ssl
from collections.abc import Iterator

import aiohttp
import aiomqtt
import pytest

from tests.deploy.engine import Project, project
from tests.deploy.http import Server, session
from tests.deploy.watcher import prometheus_beside, values

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

FILES = ("docker/compose.trio.yaml", "docker/compose.tls.yaml")
PORTS = {"server1": 9007, "server2": 9002, "server3": 9003}


@pytest.fixture(scope="module")
def tls(image: None) -> Iterator[Project]:
    with project("recarga-test-tls", *FILES) as tls:
        tls.compose("up", "-d")
        tls.wait_until_healthy(but=("ca",))
        yield tls


async def test_servers_speak_tls_and_nothing_else(tls: Project) -> None:
    """With certificates of the authority that was made; and the nodes find each other that way."""
    trusting = ssl.create_default_context(cadata=tls.execute("server1", "cat", "/tls/ca.pem"))
    async with session() as http:
        for port in PORTS.values():
            async with http.get(f"https://localhost:{port}/healthz", ssl=trusting) as response:
                assert (await response.json())["broker_connected"] is True
            async with http.get(f"https://localhost:{port}/ui/", ssl=trusting) as response:
                assert " wss://localhost:9006" in response.headers["Content-Security-Policy"]
            with pytest.raises(aiohttp.ClientError):
                await http.get(f"http://localhost:{port}/healthz")


@pytest.mark.parametrize(("port", "transport"), [(1889, "tcp"), (9006, "websockets")])
async def test_the_broker_speaks_tls_to_programs_and_to_browsers(tls: Project, port: int, transport: str) -> None:
    """At the addresses that they are told."""
    trusting = ssl.create_default_context(cadata=tls.execute("server1", "cat", "/tls/ca.pem"))
    async with aiomqtt.Client("localhost", port, transport=transport, tls_context=trusting) as ear:
        await ear.subscribe("pontos/+/disponibilidade")
        async for message in ear.messages:
            assert message.topic.value.startswith("pontos/server")
            break


async def test_prometheus_reads_over_tls(tls: Project) -> None:
    """With its own token, and no other trust than in the authority."""
    with prometheus_beside(tls, *FILES) as port:
        async with session() as http, asyncio.timeout(120):
            while await values(Server(http, port), 'sum(up{job="recarga"})') != [len(PORTS)]:
                await asyncio.sleep(0.5)


def test_keys_of_certificates_are_for_their_readers_only(tls: Project) -> None:
    """The authority's is for nobody in a container that runs."""
    for service in ("server1", "keeper", "client"):
        told = tls.execute(service, "sh", "-c", "cat /tls/ca/key.pem /tls/server2/key.pem 2>&1 || true")
        assert "PRIVATE KEY" not in told
