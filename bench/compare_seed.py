"""How many durable reservations a second does the seed's design make, next to an empty POST?

The baseline is the better of its two variants (``async def`` on the loop, ``def`` in threads) for each database.
"""

from __future__ import annotations

import os
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median

from bench.contestant import Contestant, Round, contestant, row, take_turns
from bench.empty_post import empty_post
from bench.interleave import Ratio, ratio
from bench.load import MakeRequest, encode_request
from bench.postgres import Postgres, Unavailable, postgres
from bench.result import Options, Result
from bench.servers import free_port

SEED_ANSWERS = frozenset({200, 409})  # 409: SKIP LOCKED found the posto being reserved
VARIANTS = {"async def": (), "threads": ("--threads",)}
AS_SHIPPED = "threads, default settings"
"""SQLite as the seed opens it: with nothing said, in FastAPI's threads. Some of its answers are "database is locked"."""
_OPTIONS = VARIANTS | {AS_SHIPPED: ("--threads", "--defaults")}


def run(options: Options) -> Result:
    """Measure the empty POST and every variant of the seed's design in turns."""
    with ExitStack() as stack:
        yardstick = stack.enter_context(empty_post())
        sqlite = [stack.enter_context(seed_on_sqlite(variant, options.points)) for variant in VARIANTS]
        server = stack.enter_context(postgres())
        on_postgres: list[Contestant] = []
        notes = ["each 2xx is a durable reservation; the server's cores include the database's processes"]
        if isinstance(server, Unavailable):
            notes.append(f"PostgreSQL left out: {server.reason}")
        else:
            notes.append(f"{server.version}, fsync=on, synchronous_commit=on, unix socket")
            on_postgres = [
                stack.enter_context(seed_on_postgres(variant, options.points, server)) for variant in VARIANTS
            ]
        turns = take_turns([yardstick, *sqlite, *on_postgres], options)
    groups = [[one.name for one in group] for group in (sqlite, on_postgres) if group]
    return Result(
        f"The seed's design, {options.points} postos, {options.connections} connections",
        [row(name, rounds) for name, rounds in turns.items()],
        [found for group in groups for found in _ratios(group, turns)],
        notes,
    )


def _ratios(group: Sequence[str], turns: Mapping[str, Sequence[Round]]) -> Iterator[Ratio]:
    """Compare a database's better variant with the yardstick: by rate, and by the server's CPU time."""
    yardstick, *_ = turns
    rates = {name: [turn.load.good_per_s for turn in rounds] for name, rounds in turns.items()}
    per_cpu_s = {name: [turn.good_per_cpu_s for turn in rounds] for name, rounds in turns.items()}
    for unit, figures in (("2xx/s", rates), ("2xx per server CPU second", per_cpu_s)):
        best = max(group, key=lambda name: median(figures[name]))
        yield ratio(f"{best} / {yardstick}, {unit}", figures[best], figures[yardstick])


@contextmanager
def seed_on_sqlite(variant: str, points: int) -> Iterator[Contestant]:
    """Start the seed's design on a SQLite file on disk."""
    with tempfile.TemporaryDirectory(prefix="recarga-seed-") as directory:
        port = free_port()
        argv = _argv(port, f"sqlite:///{directory}/seed.db", variant)
        requests = partial(new_requests, points)
        env = {"BENCH_REPEAT": "1"}
        accept = SEED_ANSWERS | {500} if variant == AS_SHIPPED else SEED_ANSWERS
        with contestant(f"seed, SQLite, {variant}", argv, port, requests, env=env, accept=accept) as seed:
            create_postos(port, points)
            yield seed


@contextmanager
def seed_on_postgres(variant: str, points: int, server: Postgres) -> Iterator[Contestant]:
    """Start the seed's design on a database of its own of a running PostgreSQL."""
    port = free_port()
    argv = _argv(port, server.new_database(f"seed_{port}"), variant)
    requests = partial(new_requests, points)
    with contestant(
        f"seed, PostgreSQL, {variant}",
        argv,
        port,
        requests,
        env={"BENCH_REPEAT": "1"},
        accept=SEED_ANSWERS,
        helper_cpu_s=server.cpu_s,
    ) as seed:
        create_postos(port, points)
        yield seed


def new_requests(points: int) -> MakeRequest:
    """Ask for the postos in an even but scattered order, in the seed contract's words."""
    start = int.from_bytes(os.urandom(4))

    def make_request(index: int) -> bytes:
        # A multiplier of the golden ratio spreads any run of indices evenly over the postos.
        posto = ((start + index) * 0x9E3779B1 >> 8) % points
        body = f'{{"server_id":"server1","nome_posto":"posto-{posto}","nome_cliente":"cliente-{index % 1000}"}}'
        return encode_request("/reservar", body.encode())

    return make_request


def create_postos(port: int, points: int) -> None:
    """Create the postos through the contract."""
    for number in range(points):
        posto = {
            "nome": f"posto-{number}",
            "localizacao": "Centro",
            "potencia_maxima": 50,
            "tipo_conector": "CCS2",
            "preco_kwh": 1.5,
        }
        url = f"http://127.0.0.1:{port}/?{urllib.parse.urlencode(posto)}"
        with urllib.request.urlopen(urllib.request.Request(url, method="POST")) as answer:
            answer.read()


def _argv(port: int, url: str, variant: str) -> list[str]:
    return [sys.executable, "-m", "bench.seed_baseline", str(port), url, *_OPTIONS[variant]]
