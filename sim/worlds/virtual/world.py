"""A network of simulated machines: what ``sim.worlds.local`` does with processes, in virtual time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson

from sim.engine.loop import VirtualLoop
from sim.engine.randomness import Randomness
from sim.faults.plan import plan_faults
from sim.fleet.city import City
from sim.scenario.faults import Fault, Move
from sim.scenario.schema import Scenario
from sim.worlds.virtual.addresses import Addresses
from sim.worlds.virtual.breakage import Breakage
from sim.worlds.virtual.broker import VirtualBroker
from sim.worlds.virtual.chance import Chance
from sim.worlds.virtual.connections import Connections
from sim.worlds.virtual.errors import NotSettledError
from sim.worlds.virtual.forger import Forger
from sim.worlds.virtual.host import Host, Surroundings
from sim.worlds.virtual.machines import CLUSTER, Machines
from sim.worlds.virtual.mischief import Mischief
from sim.worlds.virtual.network import Network
from sim.worlds.virtual.target import VirtualTarget
from sim.worlds.virtual.unserialised import Unserialised

_LOOK_AGAIN_S = 0.1
_ANSWER_FACTOR = 5
"""How much likelier than at a commit a crash is right after an answer that leaves during one: if it tells of what is not
on disk yet, that shows then."""


class VirtualWorld:
    """Hosts, the network between them, and the broker. ``folder`` gets each node's database."""

    def __init__(
        self,
        scenario: Scenario,
        city: City,
        folder: Path,
        loop: VirtualLoop,
        on_gauges: Callable[[str, list[dict[str, Any]]], None],
        on_copy: Callable[[str], None],
    ) -> None:
        """``on_gauges`` hears of every node's life how high its bounded things came, ``on_copy`` of repeated requests."""
        virtual, randomness = scenario.virtual, Randomness(scenario.seed)
        self.counts: Counter[str] = Counter()
        self.loop = loop
        self.network = Network(loop, virtual, Chance(scenario.seed, "network"))
        self.broker = VirtualBroker(self.network)
        self.mischief = Mischief(virtual.buggify, randomness.stream("buggify"))
        self._connections = Connections(self.network)
        self._connections.on_copy = on_copy
        self._around = Surroundings(
            loop,
            self.network,
            self._connections,
            self.broker,
            virtual,
            randomness,
            self.mischief,
            {},
            Addresses(randomness.stream("addresses")),
            frozenset(each.node for each in plan_faults(scenario) if isinstance(each, Move) and each.address == "new"),
            lambda host, told: on_gauges(host.id, told),
            Unserialised if scenario.network.strategy == "none" else None,
        )
        self._connections.on_answer = self._answered
        self._commit_rng = randomness.stream("crash_at_commit")
        self._answer_rng = randomness.stream("crash_at_answer")
        self._crash_share = virtual.crash_at_commit_share
        self.machines = Machines(scenario, city, folder, self._around, self._committing)
        self.hosts = self.machines.hosts
        self.target = VirtualTarget(
            self.hosts, self._connections, Chance(scenario.seed, "repeats"), repeat_share=virtual.repeat_share
        )
        forger = Forger(self.broker, city, randomness, CLUSTER)
        self.breakage = Breakage(self.machines, self.network, self.broker, forger)

    async def start(self) -> None:
        """Start all nodes."""
        for host in self.hosts.values():
            host.start()

    async def settled(self, within_s: float) -> None:
        """Wait until every node sees every node's points. Raises ``NotSettledError``."""
        total = sum(len(host.entries) for host in self.hosts.values())
        deadline_s = self.loop.time() + within_s
        while behind := [host.id for host in self.hosts.values() if _points_seen(host) < total]:
            if self.loop.time() > deadline_s:
                raise NotSettledError(f"{', '.join(behind)} did not hear of all {total} points within {within_s:.0f} s")
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def inject(self, fault: Fault, hold: Callable[[], Awaitable[None]]) -> None:
        """Break something, wait for ``hold``, mend it."""
        self.counts[fault.kind] += 1
        mend = self.breakage.begin(fault)
        await hold()
        await mend()

    def heal(self) -> None:
        """Let nothing misbehave from now on: links lose nothing, no place is buggy, no commit is aimed at."""
        self.network.is_healed = self.mischief.is_over = True
        self._crash_share = self.target.repeat_share = 0.0

    async def all_back(self, within_s: float = 120.0) -> None:
        """Wait until every node listens again. Raises ``NotSettledError``."""
        deadline_s = self.loop.time() + within_s
        while missing := [host.id for host in self.hosts.values() if not host.is_listening]:
            if self.loop.time() > deadline_s:
                raise NotSettledError(f"{', '.join(missing)} did not come back within {within_s:.0f} s")
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def members(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Return what every node that runs lists of the nodes it knows."""
        running = [host for host in self.hosts.values() if host.is_listening]
        return [(host.id, orjson.loads((await host.door.nodes()).body)["items"]) for host in running]

    async def stop(self) -> None:
        """Stop all nodes in good order; their databases hold everything then."""
        for host in self.machines.all.values():
            await host.stop()
        self.machines.put_databases_in_place()

    def abandon(self) -> None:
        """Close the databases of a run that ends in disorder, whole: they hold what is durable."""
        for host in self.machines.all.values():
            host.disk.drop()
            host.kill()
        self.machines.put_databases_in_place()

    def clocks_ms(self) -> dict[str, int]:
        """Return where each node's clock stands."""
        return {host.id: host.clock.now_ms() for host in self.hosts.values()}

    def figures(self) -> dict[str, int]:
        """Return what the world has counted."""
        disks: Counter[str] = sum((host.disk.counts for host in self.machines.all.values()), Counter())
        counted = self.counts + self.network.counts + disks + Counter(messages=self.network.messages)
        starts = sum(host.starts for host in self.machines.all.values())
        return {**dict(sorted(counted.items())), "starts": starts, "buggified": self.mischief.counts.total()}

    def _committing(self, host: Host, takes_s: float) -> None:
        """Kill a node while it commits, or right after, before it can say so."""
        if self._crash_share and self._commit_rng.random() < self._crash_share:
            self.counts["crash_at_commit"] += 1
            delay_s = self._commit_rng.uniform(0, 1.2) * takes_s
            self.loop.call_later(delay_s, self._crash, host, context=self.network.context)

    def _answered(self, machine: str) -> None:
        """Kill a node that has just given an answer while it commits."""
        host, share = self.machines.all[machine], self._crash_share * _ANSWER_FACTOR
        if share and not host.is_left and host.disk.is_writing and self._answer_rng.random() < share:
            self.counts["crash_at_answer"] += 1
            self.loop.call_soon(self._crash, host, context=self.network.context)

    def _crash(self, host: Host) -> None:
        if host.is_running and not host.is_left:
            host.kill()
            host.start_later()


def _points_seen(host: Host) -> int:
    node = host.node
    if node is None or not host.is_listening:
        return -1
    return len(node.server.points()) + len(node.view.points)
