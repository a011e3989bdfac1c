"""Requests as weapons: too many, too large, with paths that lead elsewhere, with names that are programs."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import orjson
import pytest
import pytest_asyncio

from nodes.config import Limits
from tests.nodes.attacks.network import Network, network
from tests.nodes.running import POINT

pytestmark = pytest.mark.asyncio(loop_scope="module")
MEGABYTES_10 = 10 * 1024 * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("requests")) as made:
        yield made


@pytest.mark.parametrize("told", [True, False], ids=["length told", "chunked"])
@pytest.mark.parametrize("role", ["driver", "operator", None])
async def test_ten_megabytes_are_no_request(net: Network, told: bool, role: str | None) -> None:
    """413, or 401 before that; nothing is kept, and nothing is done."""
    before = net.nodes["server1"].server.journal.ver
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    headers |= {} if role is None else net.ring.bearer(role)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"[" * 65_536

    for path in ("/v1/reservations", "/v1/trips", "/v1/points", "/v1/session", "/reservar"):
        data = io.BytesIO(b"[" * MEGABYTES_10) if told else chunks()
        try:
            async with net.session.post(net.nodes["server1"].url + path, data=data, headers=headers) as response:
                assert response.status in (401, 403, 413), path
                assert response.status == 413 or role is None or path in ("/v1/points", "/reservar")
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
            pass  # it closed the connection while we were still talking
    assert net.nodes["server1"].server.journal.ver == before


PATHS = [
    "/v1/points/..%2f..%2fetc%2fpasswd",
    "/v1/points/%2e%2e/%2e%2e/metrics",
    "/v1/points/../../metrics",
    "/v1/points/server1.a%2f..%2f..%2f..%2fmetrics",
    "/v1/points/server1.a%00",
    "/v1/points/server1.a%0d%0aSet-Cookie:%20a=b",
    "/v1/points/server1.a;admin=1",
    "/v1/points/server1.a%3fdriver_id=ana",
    "/v1/points/SERVER1.A",
    "/v1/points/server1.%D0%B0",
    "/v1/points/" + "a" * 5_000,
    "/v1/reservations/server1.a.r1-2%2f..%2fserver1.a.r1-3",
    "/v1/reservations/server1.a.r1-2%20",
    "/v1/reservations/*",
    "/v1/sessions/server1.a.s1-1%27%20or%201=1",
    "/v1/trips/server1.trip.t1-1/../../../metrics",
    "/v1/trips/server1.trip.t%D9%A1-1",
    "/docs/..%2f..%2fpyproject.toml",
    "/docs/../metrics",
    "//metrics",
    "/./metrics",
    "/metrics/",
    "/metrics%20",
    "/METRICS",
    "/v1/../metrics",
    "/healthz/../metrics",
    "/%6detrics/x",
]


@pytest.mark.parametrize("path", PATHS)
async def test_a_path_leads_nowhere_else(net: Network, path: str) -> None:
    """Raw, as no well-behaved client sends it: neither past the gate, nor to a file, nor to another's things."""
    port = int(net.nodes["server1"].url.rpartition(":")[2])
    for token in (None, net.ring.token("driver", "eve")):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        shown = "" if token is None else f"Authorization: Bearer {token}\r\n"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n{shown}Connection: close\r\n\r\n".encode())
        async with asyncio.timeout(30):
            said = await reader.read()
        writer.close()
        assert said[9:12] in (b"400", b"401", b"403", b"404", b"422"), (path, said[:200])
        assert b"recarga_epoch" not in said
        assert b"[project]" not in said
        assert b"set-cookie" not in said.lower().partition(b"\r\n\r\n")[0]


HTML = "<img src=x onerror=alert(1)><script>alert('ó')</script>"


async def test_a_name_that_is_a_program_is_told_as_text(net: Network) -> None:
    """It is a name like any other to a node: kept and told as it came, as JSON that no browser takes for a page."""
    root = net.caller("operator", "root")
    made = await root.send("POST", "/v1/points", {**POINT, "id": "html", "name": HTML, "location": {"address": HTML}})
    assert made.status == 201
    seed = await root.send("GET", "/")
    for told in (await root.get("/v1/points/server1.html"), await root.get("/v1/points"), seed):
        assert told.headers["Content-Type"] == "application/json"
        assert told.headers["X-Content-Type-Options"] == "nosniff"
        assert HTML in orjson.dumps(told.body).decode().replace('\\"', '"')
    refused = await net.guest().get(f"/nowhere/{HTML}")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert HTML not in (await net.guest().get("/docs")).body
    assert HTML not in (await root.get("/metrics")).body
    reserved = await net.caller("operator", "root").reserve(driver_id=HTML)
    assert (reserved.status, reserved.body["driver_id"]) == (201, HTML)
    assert (await net.caller("driver", HTML).get(f"/v1/reservations/{reserved.body['id']}")).status == 200


@pytest.mark.parametrize("name", ["a\nb", "a\x00b", "\u202eevil", "a" * 201, ""])
async def test_a_name_that_would_break_a_line_is_none(net: Network, name: str) -> None:
    """Terminals and logs are read by people."""
    root = net.caller("operator", "root")
    assert (await root.send("POST", "/v1/points", {**POINT, "id": "n", "name": name})).problem == "invalid-request"
    assert (await root.reserve(driver_id=name)).status == 422


async def test_who_asks_too_often_is_held_to_the_rate_and_the_others_are_not(tmp_path: Path) -> None:
    """429 with Retry-After: each driver has a bucket, guests have one for each address, health is always told."""
    limits = Limits(rate_driver=(0.5, 5), rate_guest=(0.5, 8), rate_operator=(1_000.0, 1_000))
    async with network(tmp_path, limits=limits) as net:
        eve, ana = net.caller("driver", "eve"), net.caller("driver", "ana")
        statuses = [(await eve.get("/v1/points")).status for _ in range(8)]
        assert statuses[:5] == [200] * 5
        assert 429 in statuses
        refused = await eve.reserve(key="refused")
        while refused.status != 429:
            refused = await eve.reserve(key="refused")
        assert refused.problem == "too-many-requests"
        assert (refused.body["outcome"], int(refused.headers["Retry-After"]) >= 1) == ("none", True)
        another = net.guest(Authorization=f"Bearer {net.ring.token('driver', 'eve', lifetime_s=99)}")
        assert 429 in [(await another.get("/v1/points")).status for _ in range(3)], "a new token is the same driver"
        assert (await ana.get("/v1/points")).status == 200
        guest = [(await net.guest(Authorization="Bearer x").get("/nowhere")).status for _ in range(16)]
        assert guest[0] == 404
        assert 429 in guest
        assert (await net.guest().get("/healthz")).status == 200
        assert (await ana.get("/v1/points")).status == 200, "who is known does not pay for the address"
        assert (await net.caller("driver", "ben").send("POST", "/v1/session")).status == 204, "nor who signs in"
        metrics = (await net.caller("operator", "root").get("/metrics")).body
        assert 'recarga_refused_total{reason="TooManyRequests"}' in metrics


async def test_a_token_is_nowhere_to_be_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in a log, whatever its level, nor in the database, in metrics, in gossip or in an answer."""
    with caplog.at_level(logging.DEBUG):
        async with network(tmp_path, "server1", "server2") as net:
            ana = net.caller("driver", "ana")
            secret = ana.headers["Authorization"].removeprefix("Bearer ")
            answers = [
                await ana.reserve("server2.a"),
                await ana.trip("server1.a", "server2.a"),
                await ana.send("POST", "/v1/session"),
                await net.guest(Authorization=f"Bearer {secret}x").get("/v1/points"),
                await net.guest().send("POST", "/v1/session", {"token": secret + "x"}),
                await net.guest().send("POST", "/v1/session", {"token": [secret]}),
                await net.guest(Recarga_On_Behalf_Of=secret).get("/v1/points"),
                await net.browser(f"{secret}x").get("/v1/session"),
                await net.caller("operator", "root").get("/metrics"),
                await ana.get("/v1/nodes"),
            ]
    signature = secret.rpartition(".")[2]
    for answer in answers:
        assert signature not in str(answer.body)
    assert signature not in caplog.text
    for file in await asyncio.to_thread(lambda: list(tmp_path.glob("*.db*"))):
        assert signature.encode() not in file.read_bytes(), file.name
    private = net.ring.jwks[0]["d"]
    assert private not in caplog.text


async def test_forged_tokens_are_not_looked_at_without_end(tmp_path: Path) -> None:
    """To look at a signature costs more than most requests: an address that shows nothing else has no more looked at.

    Whoever was seen before goes on, at that address too, and who has only no token costs nobody there their signing in.
    """
    limits = Limits(rate_guest=(0.01, 8))
    async with network(tmp_path, limits=limits) as net:
        ana, ben = net.caller("driver", "ana"), net.caller("driver", "ben")
        assert (await ana.get("/v1/points")).status == 200
        while (await net.guest().get("/v1/points")).status != 429:
            pass
        assert (await ben.get("/v1/points")).status == 200, "the address is over its rate, but none of it was forged"
        for number in range(8):
            claims, signature = net.ring.token("driver", f"eve-{number}"), net.ring.token("driver", "eve")
            token = ".".join((*claims.split(".")[:2], signature.split(".")[2]))
            forged = net.guest(Authorization=f"Bearer {token}")
            assert (await forged.get("/healthz")).status == 200, "nobody's token is looked at there"
            assert (await forged.get("/v1/points")).status in (401, 429)
        refused = await net.caller("driver", "zoe").get("/v1/points")
        assert (refused.status, refused.problem) == (429, "too-many-requests")
        for known in (ana, ben):
            assert (await known.get("/v1/points")).status == 200
        elsewhere = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
        async with aiohttp.ClientSession(connector=elsewhere, headers=net.ring.bearer("driver", "zoe")) as zoe:
            assert (await zoe.get(net.nodes["server1"].url + "/v1/points")).status == 200
