"""The trio with TLS, as docs/deploy.md switches it on."""

import ssl
from collections.abc import Iterator

import aiohttp
import aiomqtt
import pytest

from tests.deploy.engine import Project, project
from tests.deploy.http import session

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

PORTS = {"server1": 9007, "server2": 9002, "server3": 9003}


@pytest.fixture(scope="module")
def tls(image: None) -> Iterator[Project]:
    with project("recarga-test-tls", "docker/compose.trio.yaml", "docker/compose.tls.yaml") as tls:
        tls.compose("up", "-d")
        tls.wait_until_healthy(but=("ca",))
        yield tls


async def test_servers_and_broker_speak_tls_and_nothing_else(tls: Project) -> None:
    """With certificates of the authority that was made; and the nodes find each other that way."""
    trusting = ssl.create_default_context(cadata=tls.execute("server1", "cat", "/tls/ca.pem"))
    async with session() as http:
        for port in PORTS.values():
            async with http.get(f"https://localhost:{port}/healthz", ssl=trusting) as response:
                assert (await response.json())["broker_connected"] is True
            with pytest.raises(aiohttp.ClientError):
                await http.get(f"http://localhost:{port}/healthz")
    async with aiomqtt.Client("localhost", 1889, tls_context=trusting) as ear:
        await ear.subscribe("pontos/+/disponibilidade")
        async for message in ear.messages:
            assert message.topic.value.startswith("pontos/server")
            break


async def test_keys_of_certificates_are_for_their_readers_only(tls: Project) -> None:
    """The authority's is for nobody in a container that runs."""
    for service in ("server1", "keeper", "client"):
        told = tls.execute(service, "sh", "-c", "cat /tls/ca/key.pem /tls/server2/key.pem 2>&1 || true")
        assert "PRIVATE KEY" not in told
