"""Nodes and broker over TLS, with an authority of `recarga dev-ca`: as it is documented, with real sockets."""

import asyncio
import os
import ssl
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from nodes.config import Limits
from sim.worlds.ports import free_port
from tests.nodes.access.mosquitto import mosquitto
from tests.nodes.running import running_node

POINT = {"id": "a", "name": "A", "max_power_w": 22_000, "price_per_kwh_minor": 189}


@pytest.fixture
async def certificates(tmp_path: Path) -> Path:
    folder = tmp_path / "tls"
    command = [sys.executable, "-m", "sim", "dev-ca", str(folder), "server1", "server2", "broker"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0
    return folder


@asynccontextmanager
async def node(folder: Path, name: str, port: int, *more: str) -> AsyncIterator[None]:
    """Have a node process that serves HTTPS and trusts our authority only."""
    tls = folder / "tls"
    arguments = ["node", "--id", name, "--port", str(port), "--data", str(folder), "--url", f"https://localhost:{port}"]
    arguments += ["--tls-cert", f"{tls}/{name}/cert.pem", "--tls-key", f"{tls}/{name}/key.pem", *more]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "nodes", *arguments, stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"SSL_CERT_FILE": str(tls / "ca" / "ca.pem")},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        assert b"is ready" in await asyncio.wait_for(process.stdout.readline(), 60)
        yield
    finally:
        process.terminate()
        await process.communicate()


async def test_nodes_ask_each_other_over_https(tmp_path: Path, certificates: Path) -> None:
    """What server 1 owns is reserved over server 2; who does not speak TLS, or trusts others, gets nothing."""
    ports = free_port(), free_port()
    trusting = ssl.create_default_context(cafile=str(certificates / "ca" / "ca.pem"))
    async with AsyncExitStack() as stack:
        for number, name in enumerate(("server1", "server2")):
            other = f"server{2 - number}=https://localhost:{ports[1 - number]}"
            await stack.enter_async_context(node(tmp_path, name, ports[number], "--peer", other))
        http = await stack.enter_async_context(aiohttp.ClientSession())

        async def post(port: int, path: str, json: Any, context: ssl.SSLContext | bool = trusting) -> Any:
            headers = {"Idempotency-Key": path}
            url = f"https://localhost:{port}{path}"
            async with http.post(url, json=json, headers=headers, ssl=context) as response:
                return response.status, await response.json(content_type=None)

        assert (await post(ports[0], "/v1/points", POINT))[0] == 201
        wish = {"point_id": "server1.a", "driver_id": "ana", "duration_s": 1_800}
        assert (await post(ports[1], "/v1/reservations", wish))[0] == 201
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await post(ports[0], "/v1/points", POINT, context=True)
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"http://localhost:{ports[0]}/healthz")


async def test_silent_connections_count_before_their_handshake_and_lose_their_place(
    tmp_path: Path, certificates: Path
) -> None:
    """Each holds a file of the node's: one address has no more of them than of others, and has each for the time of a head."""
    server1 = certificates / "server1"
    limits = Limits(head_timeout_s=3.0, connections_per_address_max=8)
    trusting = ssl.create_default_context(cafile=str(certificates / "ca" / "ca.pem"))
    async with running_node(tmp_path, limits=limits, tls=(server1 / "cert.pem", server1 / "key.pem")) as client:
        port = int(client.url.rpartition(":")[2])

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            return await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.9", 0))

        silent = [await connect() for _ in range(8)]
        one_more, writer = await connect()
        async with asyncio.timeout(2.5):  # at once, and not when its handshake has taken too long
            with suppress(ConnectionResetError):
                assert await one_more.read() == b""
        writer.close()
        async with aiohttp.ClientSession() as http:
            async with http.get(f"https://localhost:{port}/healthz", ssl=trusting) as response:
                assert response.status == 200
        async with asyncio.timeout(20):
            for reader, each in silent:
                with suppress(ConnectionResetError):
                    assert await reader.read() == b""
                each.close()
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=("127.0.0.9", 0), ssl=trusting, server_hostname="localhost"
        )
        writer.close()


async def test_nodes_gossip_over_tls(tmp_path: Path, certificates: Path) -> None:
    """With the broker's password in a file, as deployed."""
    from nodes.access.folder import AccessFolder

    folder = AccessFolder(tmp_path / "access", "recarga")
    folder.write_passwords(["server1"])
    folder.write_acl({"server1": {"server1.a"}})
    more = f"certfile {certificates}/broker/cert.pem\nkeyfile {certificates}/broker/key.pem\n"
    port = free_port()
    trusting = ssl.create_default_context(cafile=str(certificates / "ca" / "ca.pem"))
    async with mosquitto(tmp_path, tls=more) as broker:
        password = str(broker.access / "server1" / "password")
        url = f"mqtts://server1@localhost:{broker.port}"
        async with node(tmp_path, "server1", port, "--broker", url, "--broker-password-file", password):
            async with aiohttp.ClientSession() as http, asyncio.timeout(60):
                connected = False
                while not connected:
                    async with http.get(f"https://localhost:{port}/healthz", ssl=trusting) as response:
                        connected = (await response.json())["broker_connected"]
                    await asyncio.sleep(0.05)


def test_keys_are_for_their_owner_only_and_are_kept(certificates: Path) -> None:
    """Made once: a second run keeps what is there, and adds what is missing."""
    keys = sorted(certificates.glob("*/key.pem"))
    assert len(keys) == 4
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


@pytest.mark.parametrize("option", ["--tls-cert", "--tls-key"])
async def test_half_of_a_certificate_is_refused(tmp_path: Path, option: str) -> None:
    """Rather than served without TLS."""
    command = [sys.executable, "-m", "nodes", "node", "--id", "a", "--data", str(tmp_path), option, "x.pem"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert b"expected both or neither" in errors
