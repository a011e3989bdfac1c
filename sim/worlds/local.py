"""A network of real processes on this machine: a broker and N nodes on free ports, or each on a host of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import orjson

from nodes.laboratory import Rate
from sim.fleet.city import City
from sim.scenario.faults import Fault, OneWay, Partition
from sim.worlds.broker_kind import BrokerKind
from sim.worlds.mosquitto import Mosquitto, find_mosquitto
from sim.worlds.namespaces import Namespaces
from sim.worlds.ports import free_port
from sim.worlds.process import Child, ChildError
from sim.worlds.process_use import process_use

T = TypeVar("T")

_HEAD_START_S = 0.5


class LocalWorld:
    """Starts, breaks, mends and stops the processes of a run.

    ``folder`` gets each node's points file, database and log. With ``namespaces`` each process is on the host of its name.
    """

    def __init__(
        self,
        city: City,
        folder: Path,
        *,
        cluster: str = "recarga",
        broker: BrokerKind = BrokerKind.EMBEDDED,
        namespaces: Namespaces | None = None,
        strategy: str = "mailbox",
    ) -> None:
        self.urls: dict[str, str] = {}
        self._city = city
        self._folder = folder
        self._civil_time = folder / "civil_time.json"
        self._cluster = cluster
        self._kind = broker
        self._namespaces = namespaces
        self._strategy = strategy
        self._broker: Child | None = None
        self._nodes: dict[str, Child] = {}
        self._watchers: list[asyncio.Task[None]] = []

    async def start(self, *, civil_ms: int | None = None, ports: Sequence[int] = ()) -> None:
        """Start the broker, then all nodes. Raises ``ChildError``; then everything is stopped again.

        With ``civil_ms`` the nodes' civil time stands there until ``let_time_run``; else it is the machine's.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if civil_ms is not None:
            Rate(wall_ms=0, civil_ms=civil_ms, factor=0.0).write(self._civil_time)
        try:
            broker_port = free_port()
            self._broker = self._new_broker(broker_port)
            await self._broker.start()
            chosen = list(ports) or [free_port() for _ in self._city.node_ids]
            self.urls = {
                node_id: f"http://{self._address(node_id)}:{port}"
                for node_id, port in zip(self._city.node_ids, chosen, strict=True)
            }
            for node_id, port in zip(self._city.node_ids, chosen, strict=True):
                self._nodes[node_id] = self._node(node_id, port, f"mqtt://{self._address('broker')}:{broker_port}")
            await _all(child.start() for child in self._nodes.values())
        except BaseException:
            await self.stop()
            raise
        self._watchers = [asyncio.ensure_future(child.ended()) for child in self._children()]

    def let_time_run(self, *, wall_ms: int, civil_ms: int, factor: float) -> None:
        """Let the nodes' civil time run from ``civil_ms`` at ``wall_ms``, ``factor`` times as fast as the wall clock."""
        Rate(wall_ms=wall_ms, civil_ms=civil_ms, factor=factor).write(self._civil_time)

    def starts_in_s(self, civil_ms: int) -> float:
        """Return in how many wall-clock seconds a run may begin: every node has read by then when time does."""
        del civil_ms
        return _HEAD_START_S

    async def failed(self) -> None:
        """Wait until a process ends by itself; raise ``ChildError`` then."""
        done, _ = await asyncio.wait(self._watchers, return_when=asyncio.FIRST_COMPLETED)
        for watcher in done:
            watcher.result()

    async def settled(self, timeout_s: float = 30.0) -> None:
        """Wait until every node sees every node's points, or raise ``ChildError``."""
        total = len(self._city.points)
        deadline_s = time.monotonic() + timeout_s
        async with aiohttp.ClientSession() as session:
            for node_id, url in self.urls.items():
                while await _points_seen(session, url) < total:
                    if time.monotonic() > deadline_s:
                        raise ChildError(f"{node_id} did not hear of all {total} points within {timeout_s:.0f} s")
                    await asyncio.sleep(0.05)

    async def inject(self, fault: Fault, hold: Callable[[], Awaitable[None]]) -> None:
        """Break something, wait for ``hold``, mend it."""
        if isinstance(fault, Partition | OneWay):
            await self._cut(fault, hold)
            return
        child = self._broker if fault.on_node is None else self._nodes[fault.on_node]
        assert child is not None
        if fault.kind in ("crash", "broker_crash"):
            await child.kill()
            await hold()
            await child.start()
        else:
            child.pause()
            try:
                await hold()
            finally:
                child.resume()

    async def stop(self) -> dict[str, int]:
        """Stop the nodes in order, then the broker. Returns the nodes' exit codes."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        codes = dict(zip(self._nodes, await _all(child.stop() for child in self._nodes.values()), strict=True))
        if self._broker is not None:
            await self._broker.stop()
        return codes

    def use(self) -> dict[str, Any]:
        """Return what the processes that run now have used, by name."""
        return {child.name: process_use(child.pid) for child in self._children()}

    def pids(self) -> dict[str, int | None]:
        """Return the process ids, by name."""
        return {child.name: child.pid for child in self._children()}

    def _children(self) -> list[Child]:
        return [*([self._broker] if self._broker else []), *self._nodes.values()]

    async def _cut(self, fault: Partition | OneWay, hold: Callable[[], Awaitable[None]]) -> None:
        assert self._namespaces is not None
        hosts = self._namespaces.hosts
        pairs = [(one, other) for one in hosts for other in hosts if one != other and fault.cuts(one, other)]
        await self._namespaces.cut(pairs)
        try:
            await hold()
        finally:
            await self._namespaces.mend(pairs)

    def _address(self, host: str) -> str:
        return "127.0.0.1" if self._namespaces is None else self._namespaces.address(host)

    def _inside(self, host: str) -> list[str]:
        return [] if self._namespaces is None else self._namespaces.prefix(host)

    def _new_broker(self, port: int) -> Child:
        address, inside = self._address("broker"), self._inside("broker")
        if self._kind is BrokerKind.EMBEDDED:
            arguments = ["broker", "--host", address, "--port", str(port)]
            return Child("broker", arguments, self._folder / "broker.log", inside)
        program = find_mosquitto()
        if program is None:
            raise ChildError("mosquitto is not installed")
        return Mosquitto(program, address, port, self._folder, inside)

    def _node(self, node_id: str, port: int, broker: str) -> Child:
        points = self._folder / f"{node_id}.points.json"
        points.write_bytes(orjson.dumps(self._city.files[node_id], option=orjson.OPT_INDENT_2))
        arguments = ["node", "--id", node_id, "--host", self._address(node_id), "--port", str(port)]
        arguments += ["--data", str(self._folder), "--broker", broker]
        arguments += ["--points", str(points), "--cluster", self._cluster, "--strategy", self._strategy]
        for peer_id, url in self.urls.items():
            if peer_id != node_id:
                arguments += ["--peer", f"{peer_id}={url}"]
        if self._civil_time.exists():
            arguments += ["--civil-time", str(self._civil_time)]
        return Child(node_id, arguments, self._folder / f"{node_id}.log", self._inside(node_id))


async def _all(steps: Iterable[Awaitable[T]]) -> list[T]:
    """Do all of them at once; wait for all even if one fails, then raise what the first raised."""
    results = await asyncio.gather(*steps, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def _points_seen(session: aiohttp.ClientSession, url: str) -> int:
    with suppress(aiohttp.ClientError, TimeoutError):
        async with session.get(f"{url}/v1/nodes") as response:
            body = await response.json()
            return sum(item["points_seen"] for item in body["items"])
    return -1
