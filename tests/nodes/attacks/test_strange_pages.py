"""Another site's page in the browser of somebody who reaches a node that asks for no token: it changes nothing there."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from nodes.auth.permissions import SeedContract
from tests.nodes.attacks.network import Network, network
from tests.nodes.running import Client, free_port, running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVIL = "http://evil.example"
CREATE = "/?nome={}&localizacao=Recife&potencia_maxima=22&tipo_conector=CCS2&preco_kwh=1.89"
STRANGE: list[dict[str, str]] = [
    {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": "http://localhost:1", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://127.0.0.1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Recarga-Client": "app"},
]
"""What browsers say of such a page. A script of it cannot leave that out, nor add what it would have to ask for first."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("open"), seed_contract=SeedContract.OPEN) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with running_node(tmp_path_factory.mktemp("keyless")) as client:
        yield client


async def ask(url: str, method: str, path: str, headers: dict[str, str], data: Any = None) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url + path, headers=headers, data=data) as got,
    ):
        return got.status, (await got.text())


@pytest.mark.parametrize("headers", STRANGE, ids=str)
async def test_an_open_seed_contract_is_not_open_to_every_web_page(net: Network, headers: dict[str, str]) -> None:
    """A form of any page the operator looks at could create points and reserve: no browser asks before it sends one."""
    server1 = net.nodes["server1"]
    before = server1.server.journal.ver
    assert (await ask(server1.url, "POST", CREATE.format("Mal"), headers))[0] == 403
    plain = {"Content-Type": "text/plain", **headers}
    wish = '{"server_id": "server1", "nome_posto": "Centro 1", "nome_cliente": "Eva"}'
    assert (await ask(server1.url, "POST", "/reservar", plain, wish))[0] == 403
    token = f'{{"token": "{net.ring.token()}"}}'
    assert (await ask(server1.url, "POST", "/v1/session", plain, token))[0] == 403, "nor is anybody signed in unasked"
    assert server1.server.journal.ver == before
    assert (await ask(server1.url, "GET", "/", headers))[0] == 200, "what it reads its browser keeps from it"


@pytest.mark.parametrize("headers", STRANGE, ids=str)
async def test_a_node_without_keys_is_not_there_for_web_pages(alone: Client, headers: dict[str, str]) -> None:
    """It listens on this machine only; but so does this machine's browser ask."""
    before = alone.node.server.journal.ver
    for path, sent, body in (
        (CREATE.format("Mal"), {}, None),
        ("/v1/points", {"Content-Type": "text/plain"}, '{"id": "x"}'),
        ("/v1/points/server1.centro-01/start", {}, None),
    ):
        status, said = await ask(alone.url, "POST", path, {**headers, **sent}, body)
        assert status == 403, (path, said)
        assert "urn:recarga:problem:forbidden" in said
    assert alone.node.server.journal.ver == before


async def test_our_own_pages_and_everybody_who_is_no_page_go_on(net: Network, alone: Client) -> None:
    """Programs say nothing of an origin; pages of the node, or of a proxy before it, say that they are its own."""
    host = alone.url.partition("://")[2]
    bearer = net.ring.bearer("operator", "root")
    ours: list[dict[str, str]] = [
        {},
        {"Sec-Fetch-Site": "none"},
        {"Origin": alone.url, "Sec-Fetch-Site": "same-origin"},
        {"Origin": alone.url},
        {"Origin": f"http://{host.upper()}"},
        {"Origin": "http://localhost:8001", "X-Forwarded-Host": "localhost:8001"},
        {"Origin": "https://outer.localhost", "X-Forwarded-Host": "outer.localhost, inner:8001"},
        {"Origin": "http://outer", "Recarga-Client": "web"},
    ]
    for number, headers in enumerate(ours):
        assert (await ask(alone.url, "POST", CREATE.format(f"Bem {number}"), headers))[0] == 200, headers
    with_a_token = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", **bearer}
    assert (await ask(net.nodes["server1"].url, "POST", CREATE.format("Token"), with_a_token))[0] == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_strange_name_that_leads_here_leads_nowhere(alone: Client, method: str) -> None:
    """DNS rebinding: the browser takes the node for the page's own site, and the page reads and changes all there is."""
    port = alone.url.rpartition(":")[2]
    for number, (host, status) in enumerate(
        [
            ("evil.example", 403),
            (f"evil.example:{port}", 403),
            ("EVIL.example.", 403),
            ("127.0.0.1.evil.example", 403),
            ("localhost.evil.example", 403),
            (f"localhost:{port}", 200),
            ("recarga.localhost", 200),
            ("server_1:9000", 200),
            ("127.0.0.1", 200),
            ("127.9.9.9:80", 200),
            ("[::1]:9000", 200),
        ]
    ):
        page = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        assert (await ask(alone.url, method, CREATE.format(f"{method} {number}"), page))[0] == status, host
    for forwarded in ("evil.example:8001", "localhost, evil.example", "evil.example, localhost"):
        assert (await ask(alone.url, method, CREATE.format("Mal"), {"X-Forwarded-Host": forwarded}))[0] == 403


async def test_a_node_may_have_a_name_of_its_own(tmp_path: Path) -> None:
    """The one that it tells the others."""
    port = free_port()
    async with running_node(tmp_path, url="http://node-1.company.example:9000", port=port):
        for host, status in (("node-1.company.example:9000", 200), ("node-2.company.example:9000", 403)):
            assert (await ask(f"http://127.0.0.1:{port}", "GET", "/healthz", {"Host": host}))[0] == status
