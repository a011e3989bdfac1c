"""The seed contract, as its clients use it, at one server for its own points and at another for the same."""

from tests.deploy.http import Server

POINT_MEMBERS = {
    "id",
    "nome",
    "localizacao",
    "potencia_maxima",
    "tipo_conector",
    "preco_kwh",
    "disponivel",
    "em_manutencao",
    "ultima_atualizacao",
}


async def create(server: Server, nome: str) -> None:
    """Create a point by query parameters."""
    query = f"nome={nome}&localizacao=Recife&potencia_maxima=22&tipo_conector=CCS2&preco_kwh=1.89"
    created = await server.post(f"/?{query}")
    assert created.status == 200, created
    assert set(created.body) == {"mensagem", "ponto"}
    assert created.body["ponto"]["nome"] == nome
    assert created.body["ponto"]["disponivel"] is True


async def walk(owner: Server, other: Server, server_id: int | str, nome: str) -> None:
    """See a point in lists and filters, have it reserved over ``other``, and refused to the next who asks."""
    listed = {point["nome"]: point for point in (await owner.get("/")).body}
    assert set(listed[nome]) == POINT_MEMBERS
    assert nome in {point["nome"] for point in (await owner.get("/?disponivel=true&em_manutencao=false")).body}
    wish = {"server_id": server_id, "nome_posto": nome, "nome_cliente": "Ana"}
    reserved = await other.post("/reservar", wish)
    assert reserved.status == 200, reserved
    assert reserved.body["dados_reserva"]["posto"] == nome
    assert reserved.body["dados_reserva"]["cliente"] == "Ana"
    refused = await owner.post("/reservar", wish | {"nome_cliente": "Rui"})
    assert refused.status == 409
    assert refused.body["detail"] == "Posto já está ocupado"
    assert nome not in {point["nome"] for point in (await owner.get("/?disponivel=true")).body}
    unknown = await other.post("/reservar", wish | {"nome_posto": "Nenhum"})
    assert unknown.status == 404
