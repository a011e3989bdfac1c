"""A node process that is killed again and again while clients reserve and cancel, and what is left of it in the end."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

import orjson
from simpy import Environment
from simpy.events import Event

from nodes.request import ReadReservation, Request
from sim.engine.randomness import Randomness
from sim.fleet.city import build_city
from sim.fleet.desk import Desk, read_answer
from sim.history import HistoryWriter
from sim.scenario.schema import Scenario
from sim.worlds.http_target import HttpTarget
from sim.worlds.ports import free_port
from sim.worlds.process import Child
from tests.nodes.store.sqlite_copy import copy_to_sqlite
from tests.sim.booking_client import CLIENTS, NODE, POINTS, BookingClient, Facts, Ledger, facts_of

_ACKNOWLEDGED_BEFORE_KILL = (1, 150)
_AFTER_THAT_S = 0.02
"""A node is killed at a moment drawn from this span after it has acknowledged so many requests (also drawn): a number and
not a time, so that it happens under load on a slow machine too."""
_ACKNOWLEDGED_WITHIN_S = 60.0
_TIMEOUT_MS = 10_000
_DAY_MS = 86_400_000


@dataclass(slots=True)
class KillCycles:
    """Plays in a run folder, as the audit expects one."""

    folder: Path
    cycles: int
    seed: int
    database_url: str | None = None
    """A PostgreSQL database, instead of SQLite in the folder; in the end it is copied there."""
    strike: Callable[[Child], Awaitable[None]] = Child.kill
    """What happens to the node while clients ask it. When it is over the node has ended, and can be started again."""
    ledger: Ledger = field(init=False)
    told: dict[str, Facts | None] = field(default_factory=dict)
    """What the node says in the end of the reservations in the ledger; None: it does not know them."""
    took_s: float = 0.0
    _up: asyncio.Event = field(default_factory=asyncio.Event)

    async def play(self) -> None:
        """Play. Afterwards the node has stopped in order."""
        began_s = time.monotonic()
        self.ledger = Ledger(first_ms=time.time_ns() // 1_000_000 + _DAY_MS)
        (self.folder / "nodes").mkdir(parents=True)
        port = free_port()
        node = Child(NODE, self._arguments(port), self.folder / "nodes" / f"{NODE}.log")
        target = HttpTarget({NODE: f"http://127.0.0.1:{port}"}, CLIENTS)
        try:
            with (self.folder / "history.jsonl").open("wb") as file:
                await self._drive(node, self._desk(target, file))
            await self._read_all(target)
        finally:
            await target.close()
            await node.stop()
        if self.database_url is not None:
            copy_to_sqlite(self.database_url, NODE, self.folder / "nodes" / f"{NODE}.db")
        self.took_s = time.monotonic() - began_s

    def stored(self) -> dict[str, Facts]:
        """Return what the database holds of every reservation."""
        with closing(sqlite3.connect(f"file:{self.folder}/nodes/{NODE}.db?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT id, start_ms, end_ms, status FROM reservation")
            return {row[0]: row[1:] for row in rows}

    def summary(self) -> str:
        """Return the figures in one line."""
        ledger = self.ledger
        return (
            f"{self.cycles} cycles of kill -9 in {self.took_s:.0f} s: {len(ledger.booked)} reservations acknowledged, "
            f"{ledger.canceled} of them cancelled; {ledger.refused} requests refused; {ledger.unknown} outcomes unknown, "
            f"{ledger.resolved} resolved by asking again ({ledger.done_before} were reservations made before the kill)"
        )

    async def _drive(self, node: Child, desk: Desk) -> None:
        over, rng = asyncio.Event(), Random(self.seed)
        desk.history.write(desk.bridge.elapsed_ns(), "run", "info", "begin", value={"seed": self.seed})
        clients = [
            BookingClient(number, desk, self.ledger, self._up, lambda: node.starts, Random(f"{self.seed}/{number}"))
            for number in range(CLIENTS)
        ]
        await node.start()
        self._up.set()
        working = asyncio.gather(*(client.work(over) for client in clients))
        try:
            for _ in range(self.cycles):
                await self._wait_for(self.ledger.acknowledged + rng.randint(*_ACKNOWLEDGED_BEFORE_KILL), working)
                await asyncio.sleep(rng.uniform(0, _AFTER_THAT_S))
                self._up.clear()
                await self.strike(node)
                await node.start()
                self._up.set()
            over.set()
            await working
        finally:
            working.cancel()
        desk.history.write(desk.bridge.elapsed_ns(), "run", "info", "end", value={"cycles": self.cycles})

    async def _wait_for(self, acknowledged: int, working: asyncio.Future[Any]) -> None:
        """Wait until so many requests have been acknowledged."""
        async with asyncio.timeout(_ACKNOWLEDGED_WITHIN_S):
            while self.ledger.acknowledged < acknowledged:
                await asyncio.wait((working,), timeout=0.001)
                if working.done():
                    working.result()

    async def _read_all(self, target: HttpTarget) -> None:
        """Ask the node for every reservation in the ledger, not all at once."""
        turns = asyncio.Semaphore(CLIENTS)

        async def read(name: str) -> None:
            async with turns:
                answer = await target.ask(NODE, Request(name.rpartition(".")[0], ReadReservation(name)), _TIMEOUT_MS)
            outcome = read_answer(answer)
            self.told[name] = facts_of(outcome.body) if outcome.kind == "ok" else None

        await asyncio.gather(*map(read, self.ledger.booked))

    def _arguments(self, port: int) -> list[str]:
        points = self.folder / "points.json"
        spec = {"location": {"lat": 1, "lon": 2}, "max_power_w": 22_000, "connector": "CHADEMO"}
        entries = [{"id": point.partition(".")[2], "name": point, "price_per_kwh_minor": 1} | spec for point in POINTS]
        points.write_bytes(orjson.dumps({"points": entries}))
        nodes = str(self.folder / "nodes")
        place = ["--data", nodes] if self.database_url is None else ["--database-url", self.database_url]
        return ["node", "--id", NODE, "--port", str(port), *place, "--points", str(points)]

    def _desk(self, target: HttpTarget, file: BinaryIO) -> Desk:
        """Return the vehicles' desk, for clients that live by the wall clock."""
        settings = {"name": "kill-cycles", "time": {"duration_s": 1}, "client": {"timeout_ms": _TIMEOUT_MS}}
        scenario, environment, randomness = Scenario.model_validate(settings), Environment(), Randomness(self.seed)
        return Desk(
            scenario=scenario,
            environment=environment,
            bridge=_WallClock(),
            target=target,
            history=HistoryWriter(file),
            randomness=randomness,
            city=build_city(scenario.network, 0.0, randomness),
            run_id="kill-cycles",
            closing=environment.event(),
            scale=1.0,
            fleet_size=CLIENTS,
        )


class _WallClock:
    """The desk's bridge without simulated time: a request is due when it is sent."""

    def __init__(self) -> None:
        self._start_ns = time.monotonic_ns()

    def event_of(self, coroutine: Coroutine[Any, Any, Any]) -> Event:
        raise NotImplementedError("these clients are no SimPy processes")

    def elapsed_ns(self) -> int:
        return time.monotonic_ns() - self._start_ns

    def due_ns(self, simulated_s: float) -> int:
        return self.elapsed_ns()
