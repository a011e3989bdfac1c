"""The contract of the systems our users come from, at the root: its paths, its Portuguese names, its shapes.

A reservation names no window there; it begins now and lasts a day (``NodeConfig.seed_window_s``), or less where the
point's terms or the next reservation say so.
"""

import re
from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from fastapi import Request as HttpRequest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nodes.api.documentation import command_docs, problems, success
from nodes.api.exchange import Exchange, Headers, read_headers
from nodes.api.fields import Address, DriverId, Name, Text
from nodes.api.patience import Patience
from nodes.api.seed_names import connector_label, connector_of, iso, located, place, slug_candidates
from nodes.api.visit import caller_of, driver_who
from nodes.domain import ids, refusals
from nodes.domain.commands import CreatePoint, ReserveNow
from nodes.domain.point import MAX_POWER_W, MAX_PRICE_MINOR, Point, PointSpec, PointStatus
from nodes.domain.refusals import Refusal
from nodes.node import Node
from nodes.problems import NOT_FOUND, UNKNOWN_NODE, is_refusal, problem
from nodes.records import Answer
from nodes.request import FindPoints, Request


class PontoBody(BaseModel):
    """Um ponto de carregamento novo."""

    model_config = ConfigDict(extra="forbid")

    nome: Name
    localizacao: Address
    potencia_maxima: Annotated[
        float, Field(gt=0, le=MAX_POWER_W / 1000, allow_inf_nan=False, description="kW", examples=[22.0])
    ]
    tipo_conector: Annotated[Text, Field(min_length=1, max_length=100, examples=["CCS2"])]
    preco_kwh: Annotated[float, Field(ge=0, le=MAX_PRICE_MINOR / 100, allow_inf_nan=False, examples=[1.89])]


class ReservaBody(BaseModel):
    """Uma reserva, a partir de agora."""

    server_id: Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=1, max_length=32)] = Field(
        description="o servidor do posto: o seu id (`server2`) ou o número no fim dele (`2`)", examples=["server1", 1]
    )
    nome_posto: Name
    nome_cliente: DriverId


class PontoCriado(BaseModel):
    """O ponto criado."""

    mensagem: str
    ponto: dict[str, Any] = Field(
        examples=[{"id": "server1.centro", "nome": "Centro", "localizacao": "Recife", "disponivel": True}]
    )


class Ponto(BaseModel):
    """Um ponto deste servidor."""

    id: str
    nome: str
    localizacao: str
    potencia_maxima: float
    tipo_conector: str
    preco_kwh: float
    disponivel: bool
    em_manutencao: bool
    ultima_atualizacao: str


class ReservaFeita(BaseModel):
    """A reserva feita."""

    message: str
    dados_reserva: dict[str, str] = Field(
        examples=[
            {
                "posto": "Centro",
                "cliente": "Ana",
                "inicio": "2026-11-02T09:00:00.000+00:00",
                "fim": "2026-11-03T09:00:00.000+00:00",
            }
        ]
    )


def seed_router(exchange: Exchange) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["contrato original"])
    node = exchange.node

    @router.post(
        "/",
        operation_id="criarPonto",
        summary="Cria um ponto de carregamento",
        openapi_extra=command_docs(),
        responses=success(PontoCriado, description="Criado") | problems("point-exists", command=True, forwarded=False),
    )
    async def criar_ponto(
        http: HttpRequest,
        nome: Annotated[str | None, Query(description="ou tudo como parâmetros, ou tudo no corpo")] = None,
        localizacao: str | None = None,
        potencia_maxima: Annotated[str | None, Query(description="kW")] = None,
        tipo_conector: str | None = None,
        preco_kwh: str | None = None,
        corpo: PontoBody | None = None,
    ) -> Response:
        """O preço é arredondado para centavos inteiros; o tipo de conector é devolvido como veio."""
        given = {
            "nome": nome,
            "localizacao": localizacao,
            "potencia_maxima": potencia_maxima,
            "tipo_conector": tipo_conector,
            "preco_kwh": preco_kwh,
        }
        ponto = corpo or _from_query({name: value for name, value in given.items() if value is not None})
        return await exchange.run("criarPonto", lambda: _create(node, http, ponto))

    @router.get(
        "/",
        operation_id="listarPontos",
        summary="Lista os pontos deste servidor",
        responses=success(list[Ponto], description="Os pontos", point=False) | problems(forwarded=False),
    )
    async def listar_pontos(disponivel: bool | None = None, em_manutencao: bool | None = None) -> Response:
        """Todos, ou só os que estão (ou não) disponíveis ou em manutenção."""

        async def answer() -> Answer:
            node.check_history()
            now_ms = node.clock.now_ms()
            found = [_ponto(point, now_ms) for point in node.server.points()]
            await node.server.flushed()
            wanted = [
                ponto
                for ponto in found
                if disponivel in (None, ponto["disponivel"]) and em_manutencao in (None, ponto["em_manutencao"])
            ]
            return Answer(200, orjson.dumps(wanted))

        return await exchange.run("listarPontos", answer)

    @router.post(
        "/reservar",
        operation_id="reservar",
        summary="Reserva um posto, a partir de agora",
        openapi_extra=command_docs(),
        responses=success(ReservaFeita, description="Reservado")
        | problems("not-found", "window-taken", "point-unavailable", "window-too-short", command=True),
    )
    async def reservar(reserva: ReservaBody, http: HttpRequest) -> Response:
        """Num posto de outro servidor, o pedido é encaminhado. A resposta vem logo: nunca se espera por um bloqueio."""
        return await exchange.run("reservar", lambda: _reserve(node, http, reserva))

    return router


def _from_query(given: dict[str, str]) -> PontoBody:
    try:
        return PontoBody.model_validate(given)
    except ValidationError as error:
        errors = [{**item, "loc": ("query", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(errors) from error


async def _create(node: Node, http: HttpRequest, ponto: PontoBody) -> Answer:
    headers = read_headers(http)
    if headers.flaw is not None:
        return problem(*headers.flaw)
    spec = PointSpec(
        name=ponto.nome,
        location=place(ponto.localizacao),
        max_power_w=max(1, round(ponto.potencia_maxima * 1000)),
        connector=connector_of(ponto.tipo_conector),
        price_per_kwh_minor=round(ponto.preco_kwh * 100),
        connector_label=ponto.tipo_conector,
    )
    answer, patience = Answer(409, b""), _patience(node, headers)
    for number, slug in enumerate(slug_candidates(ponto.nome)):
        key = None if headers.key is None else f"{headers.key}/{number}"
        point_id, left_ms = ids.point_id(node.id, slug), patience.left_ms()
        create = CreatePoint(spec)
        answer = await node.handle(Request(point_id, create, key, headers.if_match, left_ms, caller=caller_of(http)))
        if not is_refusal(answer, refusals.PointExists):
            break
    if answer.status >= 400:
        return answer
    created = {
        "id": orjson.loads(answer.body)["id"],
        "nome": spec.name,
        "localizacao": located(spec.location),
        "disponivel": True,
    }
    body = {"mensagem": "Ponto de carregamento criado com sucesso", "ponto": created}
    return Answer(200, orjson.dumps(body), answer.witness)


async def _reserve(node: Node, http: HttpRequest, reserva: ReservaBody) -> Answer:
    headers = read_headers(http)
    if headers.flaw is not None:
        return problem(*headers.flaw)
    server_id = _node_id(node, reserva.server_id)
    if server_id is None:
        return problem(UNKNOWN_NODE, f"Servidor {reserva.server_id} não encontrado")
    action = ReserveNow(driver_who(http, reserva.nome_cliente), node.config.seed_window_s)
    query, patience, caller = FindPoints(reserva.nome_posto), _patience(node, headers), caller_of(http)
    found = await node.handle(Request(server_id, query, timeout_ms=patience.left_ms(), caller=caller))
    if found.status != 200:
        return found
    answer = problem(NOT_FOUND, "Posto não encontrado")
    for number, item in enumerate(orjson.loads(found.body)["items"]):
        key = headers.key if number == 0 or headers.key is None else f"{headers.key}/{number}"
        left_ms = patience.left_ms()
        answer = await node.handle(Request(item["id"], action, key, headers.if_match, left_ms, caller=caller))
        if not is_refusal(answer, refusals.WindowTaken, refusals.PointUnavailable):
            break
    return _reserved(answer, reserva) if answer.status == 201 else _in_portuguese(answer)


def _patience(node: Node, headers: Headers) -> Patience:
    return Patience(node.clock, headers.timeout_ms, node.config.limits.request_timeout_ms)


def _reserved(answer: Answer, reserva: ReservaBody) -> Answer:
    reservation = orjson.loads(answer.body)
    dados = {
        "posto": reserva.nome_posto,
        "cliente": reserva.nome_cliente,
        "inicio": iso(reservation["start_ms"]),
        "fim": iso(reservation["end_ms"]),
    }
    body = {"message": "Reserva realizada com sucesso", "dados_reserva": dados}
    return Answer(200, orjson.dumps(body), answer.witness)


def _in_portuguese(answer: Answer) -> Answer:
    """Say the seed's own words for its own refusals; the rest of the problem stays."""
    for kind, detail in _DETAILS.items():
        if is_refusal(answer, kind):
            return replace(answer, body=orjson.dumps(orjson.loads(answer.body) | {"detail": detail}))
    return answer


_DETAILS: dict[type[Refusal], str] = {
    refusals.WindowTaken: "Posto já está ocupado",
    refusals.PointUnavailable: "Posto está em manutenção",
    refusals.UnknownPoint: "Posto não encontrado",
}


def _node_id(node: Node, server_id: int | str) -> str | None:
    """Return the node that is meant: by its id, or by the number at the end of it."""
    known = [node.id, *sorted(node.view.nodes)]
    if (name := str(server_id).replace("_", "-")) in known:  # an id has no underscores, older clients' names have
        return name
    number = re.compile(rf"(?:^|[^0-9])0*{server_id}$") if str(server_id).isdecimal() else None
    found = [node_id for node_id in known if number is not None and number.search(node_id)]
    return found[0] if found else None


def _ponto(point: Point, now_ms: int) -> dict[str, Any]:
    spec = point.spec
    return {
        "id": point.id,
        "nome": spec.name,
        "localizacao": located(spec.location),
        "potencia_maxima": spec.max_power_w / 1000,
        "tipo_conector": connector_label(point),
        "preco_kwh": spec.price_per_kwh_minor / 100,
        "disponivel": point.status(now_ms) is PointStatus.AVAILABLE,
        "em_manutencao": point.maintenance,
        "ultima_atualizacao": iso(point.updated_ms),
    }
