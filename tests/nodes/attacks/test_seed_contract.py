"""The seed contract where there are keys: open, with a token, or not at all; over two nodes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nodes.auth.permissions import SeedContract
from tests.nodes.attacks.network import Caller, Network, network

POINT = "/?nome=Praia&localizacao=Recife&potencia_maxima=22&tipo_conector=CCS2&preco_kwh=1.89"


async def reserve(who: Caller, name: str, server: str = "server2", **headers: str) -> tuple[int, str]:
    wish = {"server_id": server, "nome_posto": "Centro 1", "nome_cliente": name}
    answer = await who.send("POST", "/reservar", wish, **headers)
    return answer.status, answer.body.get("message") or answer.problem


@pytest.fixture(params=list(SeedContract))
async def net(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Network]:
    async with network(tmp_path, "server1", "server2", seed_contract=request.param) as made:
        yield made


async def test_who_may_speak_it(net: Network) -> None:
    """Seed clients know of no tokens; where they are let in, they are let in everywhere, other nodes' points included."""
    mode: SeedContract = net.settings["seed_contract"]
    guest, driver, operator = net.guest(), net.caller("driver", "ana"), net.caller("operator", "root")
    if mode is SeedContract.OFF:
        for who in (guest, driver, operator):
            assert (await who.get("/")).status == 404
            assert (await who.send("POST", POINT)).status == 404
            assert (await who.send("POST", "/reservar", {})).status == 404
        return
    is_open = mode is SeedContract.OPEN
    assert (await guest.get("/")).status == (200 if is_open else 401)
    assert (await guest.send("POST", POINT)).status == (200 if is_open else 401)
    assert (await driver.send("POST", POINT.replace("Praia", "B"))).status == (200 if is_open else 403)
    assert (await operator.send("POST", POINT.replace("Praia", "C"))).status == 200
    assert (await driver.get("/")).status == 200
    assert (await reserve(guest, "Bia"))[0] == (200 if is_open else 401)
    assert (await reserve(driver, "Bia")) == (403, "forbidden")
    if not is_open:
        assert (await reserve(driver, "ana"))[0] == 200
    assert (await reserve(operator, "Carlos", "server1"))[0] == 200
    assert (await guest.get("/v1/points")).status == 401
