"""What a network of virtual nodes says to one another while its points change at a given rate.

Every point's driver reserves and cancels in turns, at the point's owner, so that nothing else goes from node to node
than what the nodes tell each other of it. What is counted follows from the seed alone, and not from the machine.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from simpy import Environment

from nodes.domain.commands import Cancel, Reserve
from nodes.node import Node
from nodes.ports import Message
from nodes.records import Answer
from nodes.request import Request
from sim.engine.loop import VirtualLoop
from sim.engine.randomness import Randomness
from sim.explore.one_seed import loaded_from
from sim.fleet.fleet import Fleet
from sim.worlds.virtual.world import VirtualWorld

POINTS_PER_NODE = 4
_SETTLE_S = 60.0
_WARMUP_S = 1.0
_HOUR_MS = 3_600_000
_TIMEOUT_MS = 5_000


@dataclass(slots=True)
class Traffic:
    """What was counted, over all nodes."""

    sent: int = 0
    sent_bytes: int = 0
    heard: int = 0
    heard_bytes: int = 0
    """What came from the broker, a node's own messages among it."""
    asked: int = 0
    """Calls from node to node."""
    changes: int = 0
    """Requests that were granted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run."""

    nodes: int
    traffic: Traffic
    seconds: float
    flush_s: float

    def each(self, count: int) -> float:
        """Return a count per node and second."""
        return count / self.nodes / self.seconds

    @property
    def heard_of_a_point(self) -> float:
        """Messages that a node hears a second, for each point of the network."""
        return self.each(self.traffic.heard) / (self.nodes * POINTS_PER_NODE)

    def per_point_and_flush(self, count: int) -> float:
        """Return a count per own point and flush."""
        return self.each(count) / POINTS_PER_NODE * self.flush_s


def measure(nodes: int, per_point_s: float, seconds: float, seed: int) -> Figures:
    """Play ``nodes`` nodes whose points are each asked ``per_point_s`` times a second, for so many virtual seconds."""
    scenario = {
        "name": "gossip",
        "seed": seed,
        "time": {"duration_s": 3_600},
        "network": {"nodes": nodes, "points_per_node": POINTS_PER_NODE},
        "fleet": {"vehicles": 1},
    }
    with TemporaryDirectory(prefix="recarga-bench-") as path:
        run = _Run(scenario, Path(path), per_point_s, seconds, seed)
        return run.play()


class _Run:
    def __init__(
        self, scenario: dict[str, object], folder: Path, per_point_s: float, seconds: float, seed: int
    ) -> None:
        loaded = loaded_from(scenario, "bench").scenario
        self._loop = VirtualLoop(Environment())  # type: ignore[abstract]
        self._city = Fleet(loaded).city
        self._world = VirtualWorld(
            loaded, self._city, folder, self._loop, on_gauges=lambda *_: None, on_copy=lambda _: None
        )
        self._flush_s = loaded.virtual.node_limits().gossip_flush_ms / 1000
        self._randomness = Randomness(seed)
        self._per_point_s = per_point_s
        self._seconds = seconds
        self._traffic = Traffic()

    def play(self) -> Figures:
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._world.abandon()
        return Figures(len(self._world.hosts), self._traffic, self._seconds, self._flush_s)

    async def _main(self) -> None:
        await self._world.start()
        await self._world.settled(_SETTLE_S)
        for host in self._world.hosts.values():
            assert host.node is not None
            self._listen_in(host.node)
        begin_s = self._loop.time()
        driving = [
            asyncio.ensure_future(self._drive(point.id, begin_s)) for point in self._city.points if self._per_point_s
        ]
        await asyncio.sleep(_WARMUP_S)
        self._traffic = Traffic()
        await asyncio.sleep(self._seconds)
        counted = self._traffic
        for task in driving:
            task.cancel()
        await asyncio.gather(*driving, return_exceptions=True)
        await self._world.stop()
        self._traffic = counted

    def _listen_in(self, node: Node) -> None:
        """Count what the node publishes, hears and asks."""
        bus, peers = node.bus, node.peers
        assert bus is not None
        publish, hear, ask = bus.publish, node.ear.on_message, peers.ask

        async def published(*messages: Message) -> None:
            self._traffic.sent += len(messages)
            self._traffic.sent_bytes += sum(map(_size, messages))
            await publish(*messages)

        def heard(message: Message) -> None:
            self._traffic.heard += 1
            self._traffic.heard_bytes += _size(message)
            hear(message)

        async def asked(node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
            self._traffic.asked += 1
            return await ask(node_id, url, request, timeout_ms)

        bus.publish, node.ear.on_message, peers.ask = published, heard, asked  # type: ignore[method-assign]

    async def _drive(self, point_id: str, begin_s: float) -> None:
        """Reserve and cancel in turns, on time."""
        rng, owner, number = self._randomness.stream("driver", point_id), point_id.partition(".")[0], 0
        host = self._world.hosts[owner]
        reservation_id = ""
        while True:
            due_s = begin_s + (number + rng.random()) / self._per_point_s
            await asyncio.sleep(max(0.0, due_s - self._loop.time()))
            number += 1
            start_ms = host.clock.now_ms() + _HOUR_MS
            action = Cancel(reservation_id) if reservation_id else Reserve("ana", start_ms, start_ms + _HOUR_MS)
            request = Request(point_id, action, key=f"{point_id}-{number}")
            answer = await self._world.target.ask(owner, request, _TIMEOUT_MS)
            assert answer.status in (200, 201), answer.body
            self._traffic.changes += 1
            reservation_id = "" if reservation_id else orjson.loads(answer.body)["id"]


def _size(message: Message) -> int:
    """Return the bytes of an MQTT 3.1.1 PUBLISH: fixed header, topic, packet id, payload (its section 3.3)."""
    rest = 2 + len(message.topic) + 2 + len(message.payload)
    return 1 + (1 if rest < 128 else 2 if rest < 16_384 else 3) + rest
