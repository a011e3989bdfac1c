"""A real Mosquitto with an access list of ours, and clients for it."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import pytest

from nodes.access.folder import PASSWORD
from sim.worlds.ports import free_port

ROOT = Path(__file__).parents[3]


@dataclass
class Mosquitto:
    """Runs with the configuration that is deployed, by the script that is deployed, on ports of its own."""

    access: Path
    port: int
    strangers_port: int
    """Where everybody else finds it."""
    log: Path
    process: asyncio.subprocess.Process = field(repr=False)

    def password(self, user: str) -> str:
        return (self.access / user / PASSWORD).read_text()

    def url(self, user: str) -> str:
        return f"mqtt://{user}@127.0.0.1:{self.port}"

    def client(self, user: str | None = None, password: str | None = None) -> aiomqtt.Client:
        if user is not None and password is None:
            password = self.password(user)
        return aiomqtt.Client("127.0.0.1", self.port, username=user, password=password)

    async def publish_as(self, user: str | None, topic: str, payload: str) -> None:
        """Publish; MQTT 3.1.1 has no way for a broker to say that it threw it away."""
        async with self.client(user) as client:
            await client.publish(topic, payload, qos=1, retain=True)


@asynccontextmanager
async def mosquitto(folder: Path, *, tls: str = "", strangers_max: int = 1000) -> AsyncIterator[Mosquitto]:
    """Have Mosquitto with the list and passwords in ``folder/access`` (whoever wrote them), read anew as they change.

    ``tls``: lines for its first listener; ``strangers_max``: connections to each of the others.
    """
    if shutil.which("mosquitto") is None:
        pytest.skip("mosquitto is not installed")
    access, private, port, strangers_port = folder / "access", folder / "private", free_port(), free_port()
    config = (ROOT / "docker/mosquitto/mosquitto.conf").read_text()
    config = config.replace("/tmp/access", str(private)).replace("listener 1883", f"listener {port} 127.0.0.1\n{tls}")
    config = config.replace("listener 1884", f"listener {strangers_port} 127.0.0.1")
    config = config.replace("listener 9001", f"listener {free_port()} 127.0.0.1")
    config = config.replace("max_connections 1000", f"max_connections {strangers_max}")
    (folder / "mosquitto.conf").write_text(f"{config}\nuser root\n")
    log = folder / "mosquitto.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            ROOT / "docker/mosquitto/run",
            folder / "mosquitto.conf",
            access / "broker",
            private,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    broker = Mosquitto(access, port, strangers_port, log, process)
    try:
        async with asyncio.timeout(60):
            for each in (port, strangers_port):
                while not await _listens(each):
                    assert process.returncode is None, log.read_text()
                    await asyncio.sleep(0.05)
        yield broker
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _listens(port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
        return True
    return False
