"""The seed's design, honest and well configured: FastAPI, a sync SQLAlchemy session, a pessimistic row lock.

``python -m bench.seed_baseline PORT URL [--threads]`` serves the seed contract (``POST /``, ``GET /``,
``POST /reservar``). Without ``--threads`` the endpoints are ``async def`` with a sync session, as the seed has them:
the event loop stands still during every query. With it they are ``def`` and run in FastAPI's thread pool.

Where a choice was left, it was made in the baseline's favour:

- ``nome`` is indexed; what is read after a commit is not read again (``expire_on_commit=False``).
- The session of the ``async def`` endpoints comes from an async dependency, which spares two hops through the pool.
- PostgreSQL: a pool with a connection for every thread, over a unix socket. SQLite: WAL and ``synchronous=FULL``
  (acknowledged is durable, as with us), ``BEGIN IMMEDIATE`` (it has no row locks, and ``FOR UPDATE`` is ignored), and a
  pool of one connection: threads that queue for it in turn do far better than threads that poll SQLite's write lock.
- With ``--defaults`` nothing of that: ``create_engine(url)``, as the seed has it. On SQLite that is a rollback journal with
  ``synchronous=FULL``, and threads that poll for the write lock.
- No MQTT publication, no forwarding to other servers, no idempotency, no overlap test, no authentication.

A seed's posto is taken for a day by its first reservation, after which every answer is the cheaper 409. With
``BENCH_REPEAT=1`` in the environment ``disponivel`` therefore stays true, and so every request does what a first one
does: lock the row, check it, insert a reservation, update the row, commit. This favours the baseline too: its check
stays one boolean however many reservations there are.

With SKIP LOCKED a posto that someone else is just reserving counts as taken: 409 at once. So the figure to compare is
the 2xx per second, each of them a durable reservation.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import Engine, ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bench.serving import serve

REPEAT = os.environ.get("BENCH_REPEAT") == "1"
POOL_SIZE = 40  # a connection for every thread of FastAPI's pool
BUSY_TIMEOUT_MS = 30_000


class Base(DeclarativeBase):
    pass


class Posto(Base):
    __tablename__ = "postos"

    id: Mapped[int] = mapped_column(primary_key=True)
    nome: Mapped[str] = mapped_column(unique=True, index=True)
    localizacao: Mapped[str]
    potencia_maxima: Mapped[float]
    tipo_conector: Mapped[str]
    preco_kwh: Mapped[float]
    disponivel: Mapped[bool] = mapped_column(default=True)
    em_manutencao: Mapped[bool] = mapped_column(default=False)
    ultima_atualizacao: Mapped[datetime]


class Reserva(Base):
    __tablename__ = "reservas"

    id: Mapped[int] = mapped_column(primary_key=True)
    posto_id: Mapped[int] = mapped_column(ForeignKey("postos.id"), index=True)
    cliente: Mapped[str]
    inicio: Mapped[datetime]
    fim: Mapped[datetime]


class Pedido(BaseModel):
    server_id: str
    nome_posto: str
    nome_cliente: str


def session_of(request: Request) -> Session:
    # autoflush off: nothing here reads what it has just written
    return Session(request.app.state.engine, expire_on_commit=False, autoflush=False)


async def session_on_loop(request: Request) -> AsyncIterator[Session]:
    with session_of(request) as session:
        yield session


def session_in_thread(request: Request) -> Iterator[Session]:
    with session_of(request) as session:
        yield session


SessionOnLoop = Annotated[Session, Depends(session_on_loop)]
SessionInThread = Annotated[Session, Depends(session_in_thread)]


def create(
    session: Session, nome: str, localizacao: str, potencia_maxima: float, tipo_conector: str, preco_kwh: float
) -> dict[str, Any]:
    posto = Posto(
        nome=nome,
        localizacao=localizacao,
        potencia_maxima=potencia_maxima,
        tipo_conector=tipo_conector,
        preco_kwh=preco_kwh,
        disponivel=True,
        ultima_atualizacao=datetime.now(UTC).replace(tzinfo=None),
    )
    session.add(posto)
    session.commit()
    ponto = {"id": posto.id, "nome": nome, "localizacao": localizacao, "disponivel": posto.disponivel}
    return {"mensagem": "Posto criado com sucesso", "ponto": ponto}


def list_all(session: Session, disponivel: bool | None, em_manutencao: bool | None) -> list[dict[str, Any]]:
    query = select(Posto)
    if disponivel is not None:
        query = query.where(Posto.disponivel == disponivel)
    if em_manutencao is not None:
        query = query.where(Posto.em_manutencao == em_manutencao)
    columns = [column.key for column in Posto.__table__.columns]
    return [{name: getattr(posto, name) for name in columns} for posto in session.scalars(query)]


def reserve(session: Session, pedido: Pedido) -> dict[str, Any]:
    query = select(Posto).where(Posto.nome == pedido.nome_posto).with_for_update(skip_locked=True)
    posto = session.scalars(query).first()
    if posto is None or not posto.disponivel or posto.em_manutencao:
        raise refusal(session, posto, pedido.nome_posto)
    inicio = datetime.now(UTC).replace(tzinfo=None)
    reserva = Reserva(posto_id=posto.id, cliente=pedido.nome_cliente, inicio=inicio, fim=inicio + timedelta(days=1))
    session.add(reserva)
    posto.disponivel = REPEAT
    posto.ultima_atualizacao = inicio
    session.commit()
    return {
        "message": "Posto reservado com sucesso",
        "dados_reserva": {
            "posto": posto.nome,
            "cliente": reserva.cliente,
            "inicio": reserva.inicio.isoformat(),
            "fim": reserva.fim.isoformat(),
        },
    }


def refusal(session: Session, posto: Posto | None, nome: str) -> HTTPException:
    known = posto is not None or session.scalar(select(Posto.id).where(Posto.nome == nome)) is not None
    # Frees the row and the connection now: the session is closed in a thread only after the answer, and threads that
    # wait for the connection could keep that thread from ever running.
    session.rollback()
    return HTTPException(409, "Posto indisponível") if known else HTTPException(404, "Posto não encontrado")


async def criar(
    session: SessionOnLoop, nome: str, localizacao: str, potencia_maxima: float, tipo_conector: str, preco_kwh: float
) -> dict[str, Any]:
    return create(session, nome, localizacao, potencia_maxima, tipo_conector, preco_kwh)


async def listar(
    session: SessionOnLoop, disponivel: bool | None = None, em_manutencao: bool | None = None
) -> list[dict[str, Any]]:
    return list_all(session, disponivel, em_manutencao)


async def reservar(session: SessionOnLoop, pedido: Pedido) -> dict[str, Any]:
    return reserve(session, pedido)


def criar_in_thread(
    session: SessionInThread, nome: str, localizacao: str, potencia_maxima: float, tipo_conector: str, preco_kwh: float
) -> dict[str, Any]:
    return create(session, nome, localizacao, potencia_maxima, tipo_conector, preco_kwh)


def listar_in_thread(
    session: SessionInThread, disponivel: bool | None = None, em_manutencao: bool | None = None
) -> list[dict[str, Any]]:
    return list_all(session, disponivel, em_manutencao)


def reservar_in_thread(session: SessionInThread, pedido: Pedido) -> dict[str, Any]:
    return reserve(session, pedido)


def open_engine(url: str, pool_size: int | None = None, *, defaults: bool = False) -> Engine:
    """Open the database and create its tables; ``pool_size`` only to try another than the well configured one."""
    if defaults:
        engine = create_engine(url)
    elif not url.startswith("sqlite"):
        engine = create_engine(url, pool_size=pool_size or POOL_SIZE, max_overflow=0)
    else:
        engine = create_engine(url, pool_size=pool_size or 1, max_overflow=0, pool_timeout=BUSY_TIMEOUT_MS / 1000)
        event.listen(engine, "connect", configure_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    Base.metadata.create_all(engine)
    return engine


def configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, not at the first INSERT
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def create_app(engine: Engine, *, threads: bool) -> FastAPI:
    app = FastAPI()
    app.state.engine = engine
    app.add_api_route("/", criar_in_thread if threads else criar, methods=["POST"])
    app.add_api_route("/", listar_in_thread if threads else listar, methods=["GET"])
    app.add_api_route("/reservar", reservar_in_thread if threads else reservar, methods=["POST"])
    return app


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.seed_baseline")
    parser.add_argument("port", type=int)
    parser.add_argument("url", help="SQLAlchemy's, e.g. sqlite:////tmp/seed.db")
    parser.add_argument("--threads", action="store_true", help="def endpoints in the thread pool")
    parser.add_argument("--pool-size", type=int, help="another than the well configured one")
    parser.add_argument("--defaults", action="store_true", help="the database as SQLAlchemy opens it if told nothing")
    arguments = parser.parse_args(argv)
    engine = open_engine(arguments.url, arguments.pool_size, defaults=arguments.defaults)
    serve(create_app(engine, threads=arguments.threads), arguments.port)


if __name__ == "__main__":
    main()
