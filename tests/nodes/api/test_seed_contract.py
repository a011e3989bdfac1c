"""The contract of the systems our users come from, exactly."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.nodes.running import Client, running_node

POSTO = {
    "nome": "Posto Central",
    "localizacao": "Recife",
    "potencia_maxima": 22.0,
    "tipo_conector": "Tipo 2",
    "preco_kwh": 1.5,
}


def query(**change: Any) -> str:
    from urllib.parse import urlencode

    return urlencode(POSTO | change)


async def test_a_point_is_created_by_query_parameters(client: Client) -> None:
    """As the seed's own clients do it."""
    made = await client.post(f"/?{query()}")
    assert made.status == 200
    assert made.body == {
        "mensagem": "Ponto de carregamento criado com sucesso",
        "ponto": {
            "id": "server1.posto-central",
            "nome": "Posto Central",
            "localizacao": "Recife",
            "disponivel": True,
        },
    }


async def test_a_point_is_created_by_a_body(client: Client) -> None:
    """Accepted too."""
    made = await client.post("/", POSTO)
    assert made.body["ponto"]["nome"] == "Posto Central"


async def test_points_of_one_name_are_different_points(client: Client) -> None:
    """The seed gives each a row of its own."""
    ids = [(await client.post(f"/?{query()}")).body["ponto"]["id"] for _ in range(3)]
    assert ids == ["server1.posto-central", "server1.posto-central-2", "server1.posto-central-3"]


async def test_the_list_has_the_seeds_fields(client: Client) -> None:
    """And gives every value back as it came."""
    await client.post(f"/?{query()}")
    listed = await client.get("/")
    assert len(listed.body) == 1
    updated = listed.body[0].pop("ultima_atualizacao")
    assert datetime.fromisoformat(updated)
    assert listed.body[0] == {
        "id": "server1.posto-central",
        **POSTO,
        "disponivel": True,
        "em_manutencao": False,
    }


async def test_the_list_is_filtered(client: Client) -> None:
    """By availability and by maintenance."""
    for name in ("a", "b", "c"):
        await client.post(f"/?{query(nome=name)}")
    await client.post("/reservar", {"server_id": 1, "nome_posto": "a", "nome_cliente": "Ana"})
    await client.send("PATCH", "/v1/points/server1.b", {"maintenance": True})

    async def names(question: str) -> list[str]:
        return [item["nome"] for item in (await client.get(f"/?{question}")).body]

    assert await names("disponivel=true") == ["c"]
    assert await names("disponivel=false") == ["a", "b"]
    assert await names("em_manutencao=true") == ["b"]
    assert await names("disponivel=false&em_manutencao=false") == ["a"]


async def test_a_reservation_begins_now_and_lasts_a_day(client: Client) -> None:
    """As the seed's does."""
    await client.post(f"/?{query()}")
    made = await client.post("/reservar", {"server_id": 1, "nome_posto": "Posto Central", "nome_cliente": "Ana"})
    assert made.status == 200
    assert made.body["message"] == "Reserva realizada com sucesso"
    data = made.body["dados_reserva"]
    assert set(data) == {"posto", "cliente", "inicio", "fim"}
    assert (data["posto"], data["cliente"]) == ("Posto Central", "Ana")
    assert datetime.fromisoformat(data["fim"]) - datetime.fromisoformat(data["inicio"]) == timedelta(days=1)


async def test_of_many_at_once_one_gets_the_point_and_nobody_waits(client: Client) -> None:
    """What the seed's row lock is for."""
    await client.post(f"/?{query()}")
    body = {"server_id": "server1", "nome_posto": "Posto Central", "nome_cliente": "Ana"}
    replies = await asyncio.gather(*(client.post("/reservar", body) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 19
    assert {reply.body["detail"] for reply in replies if reply.status == 409} == {"Posto já está ocupado"}


async def test_a_second_point_of_that_name_is_used_when_the_first_is_taken(client: Client) -> None:
    """A name is not an id."""
    for _ in range(2):
        await client.post(f"/?{query()}")
    body = {"server_id": 1, "nome_posto": "Posto Central", "nome_cliente": "Ana"}
    assert [(await client.post("/reservar", body)).status for _ in range(3)] == [200, 200, 409]


async def test_refusals_are_the_seeds(client: Client) -> None:
    """404 unknown, 409 taken or under maintenance, each with a clear ``detail``."""
    await client.post(f"/?{query()}")
    body = {"server_id": 1, "nome_posto": "Posto Central", "nome_cliente": "Ana"}
    unknown = await client.post("/reservar", body | {"nome_posto": "x"})
    assert (unknown.status, unknown.body["detail"]) == (404, "Posto não encontrado")
    stranger = await client.post("/reservar", body | {"server_id": 77})
    assert (stranger.status, stranger.body["detail"]) == (404, "Servidor 77 não encontrado")
    await client.send("PATCH", "/v1/points/server1.posto-central", {"maintenance": True})
    blocked = await client.post("/reservar", body)
    assert (blocked.status, blocked.body["detail"]) == (409, "Posto está em manutenção")


async def test_a_retry_with_a_key_has_one_effect(client: Client) -> None:
    """The seed has no keys; clients that learn to send one are safe."""
    await client.post(f"/?{query()}", headers={"Idempotency-Key": "p"})
    await client.post(f"/?{query()}", headers={"Idempotency-Key": "p"})
    assert len((await client.get("/")).body) == 1
    body = {"server_id": 1, "nome_posto": "Posto Central", "nome_cliente": "Ana"}
    replies = [await client.post("/reservar", body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert replies[0].status == 200
    assert replies[0].body == replies[1].body


async def test_a_reservation_at_another_server_is_forwarded(tmp_path: Path) -> None:
    """Also without a broker, so that the view knows nothing of its points."""
    async with running_node(tmp_path, "server2") as owner:
        await owner.post(f"/?{query()}")
        async with running_node(tmp_path, "server1", peers={"server2": owner.url}) as other:
            body = {"server_id": 2, "nome_posto": "Posto Central", "nome_cliente": "Ana"}
            made = await other.post("/reservar", body)
            assert made.status == 200
            assert (await owner.get("/?disponivel=false")).body[0]["nome"] == "Posto Central"
            assert (await other.post("/reservar", body)).status == 409


@pytest.mark.parametrize(
    "change",
    [
        {"potencia_maxima": "muita"},
        {"potencia_maxima": -1},
        {"potencia_maxima": "nan"},
        {"preco_kwh": -0.5},
        {"nome": ""},
        {"nome": "x" * 10_000},
        {"tipo_conector": ""},
    ],
)
async def test_a_point_that_makes_no_sense_is_refused(client: Client, change: dict[str, Any]) -> None:
    """With 422, as FastAPI answers in the seed; nothing is created."""
    refused = await client.post(f"/?{query(**change)}")
    assert refused.status == 422
    assert next(iter(change)) in refused.body["detail"]
    assert (await client.get("/")).body == []


async def test_a_price_is_rounded_to_the_minor_unit_and_told_as_stored(client: Client) -> None:
    """Money is whole centavos; what is billed is what is shown."""
    await client.post(f"/?{query(preco_kwh=1.999)}")
    assert (await client.get("/")).body[0]["preco_kwh"] == 2.0
