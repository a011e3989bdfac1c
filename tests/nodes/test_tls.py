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

from nodes.auth.algorithm import Algorithm
from nodes.auth.key_file import signing_key, write_key_file
from nodes.auth.keys import new_key
from nodes.auth.tokens import Grant, sign
from nodes.clients.moments import now_ms
from nodes.config import Limits
from nodes.principal import Role
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
    arguments = ["--id", name, "--port", str(port), "--data", str(folder), "--url", f"https://localhost:{port}"]
    async with serving(folder / "tls", name, "node", *arguments, *more):
        yield


@asynccontextmanager
async def serving(tls: Path, name: str, *arguments: str) -> AsyncIterator[None]:
    """Have a process that serves HTTPS with the certificate of that name, and trusts our authority only."""
    certified = ["--tls-cert", f"{tls}/{name}/cert.pem", "--tls-key", f"{tls}/{name}/key.pem"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "nodes", *arguments, *certified, stdout=asyncio.subprocess.PIPE,
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


async def test_the_web_client_is_served_over_https(tmp_path: Path, certificates: Path) -> None:
    """So that no token of whoever signs in there goes in the clear, nor their cookie later."""
    keys, ports = tmp_path / "keys.json", (free_port(), free_port())
    write_key_file(keys, [new_key(Algorithm.EDDSA)], is_new=True)
    token = sign(signing_key(keys, (Role.DRIVER, "ana")), Grant("recarga", Role.DRIVER, "ana"), now_ms(), 3_600)
    asking = ["--node", f"https://localhost:{ports[0]}", "--port", str(ports[1])]
    trusting = ssl.create_default_context(cafile=str(certificates / "ca" / "ca.pem"))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(node(tmp_path, "server1", ports[0], "--auth-keys", str(keys)))
        await stack.enter_async_context(serving(certificates, "server2", "web", *asking))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        url = f"https://localhost:{ports[1]}"
        async with http.get(f"{url}/", ssl=trusting) as response:
            assert "<html" in (await response.text()).lower()
            assert "Strict-Transport-Security" not in response.headers, "localhost is all programs' name"
        async with http.get(f"{url}/", headers={"Host": "charging.example"}, ssl=trusting) as response:
            assert "Strict-Transport-Security" in response.headers
        async with http.post(
            f"{url}/v1/session", headers={"Authorization": f"Bearer {token}"}, ssl=trusting
        ) as response:
            assert response.status < 300, await response.text()
            assert "Secure" in response.headers["Set-Cookie"]
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"http://localhost:{ports[1]}/")


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


@pytest.mark.parametrize("served", [["node", "--id", "a"], ["web", "--node", "http://127.0.0.1:9"]])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--tls-cert", "x.pem"], "expected both or neither"),
        (["--tls-key", "x.pem"], "expected both or neither"),
        (["--tls-cert", "x.pem", "--tls-key", "x.pem"], "No such file"),
        (["--tls-cert", __file__, "--tls-key", __file__], "PEM"),
    ],
)
async def test_what_is_no_certificate_is_refused(
    tmp_path: Path, served: list[str], given: list[str], said: str
) -> None:
    """Rather than served without TLS, or not at all by a process that runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "nodes", *served, *given, stderr=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert said in errors.decode()
