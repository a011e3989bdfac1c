"""Who has no name at a real Mosquitto, with the configuration that is deployed, is in no node's way."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import aiomqtt
import pytest

from nodes.access.folder import AccessFolder
from tests.nodes.access.mosquitto import Mosquitto, mosquitto
from tests.nodes.running import running_node

STRANGERS_MAX = 4


pytestmark = pytest.mark.usefixtures("access")


@pytest.fixture
def access(tmp_path: Path) -> None:
    folder = AccessFolder(tmp_path / "access", "recarga")
    folder.write_passwords(["server1", "server2"])
    folder.write_acl({"server1": {"server1.centro-01"}, "server2": set()})


async def test_nobody_throws_a_node_off_by_taking_its_name(tmp_path: Path) -> None:
    """A broker ends the connection of whoever had a client id before, and tells the network that they died."""
    async with mosquitto(tmp_path) as broker, AsyncExitStack() as stack:
        password = broker.access / "server1" / "password"
        url = broker.url("server1")
        ear = await stack.enter_async_context(broker.client("server2"))
        await ear.subscribe([("recarga/recarga/server1/death", 1), ("pontos/server1.centro-01/disponibilidade", 1)])
        node = await stack.enter_async_context(
            running_node(tmp_path / "data", broker=url, broker_password_file=password)
        )
        async with asyncio.timeout(60):
            while not (await node.get("/healthz")).body["broker_connected"]:
                await asyncio.sleep(0.05)
            for name in ("recarga-server1", "server1", "recarga-server1-") * 3:
                await _connect_as(broker, name)
            await node.create()
            async for message in ear.messages:
                assert message.topic.value.startswith("pontos/"), "the network was told that the node has died"
                break


async def test_strangers_leave_room_for_nodes(tmp_path: Path) -> None:
    """However many of them hold connections, at the address that they have."""
    async with mosquitto(tmp_path, strangers_max=STRANGERS_MAX) as broker, AsyncExitStack() as stack:

        def stranger() -> aiomqtt.Client:
            return aiomqtt.Client("127.0.0.1", broker.strangers_port, timeout=20)

        with pytest.raises(aiomqtt.MqttError):
            for _ in range(2 * STRANGERS_MAX):  # Mosquitto 2.0.11 counts one too few for who leaves without a word
                await stack.enter_async_context(stranger())
        await stack.enter_async_context(broker.client("server1"))


async def _connect_as(broker: Mosquitto, name: str) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port, identifier=name):
        pass
