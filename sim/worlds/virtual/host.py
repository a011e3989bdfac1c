"""One node's machine: its process comes and goes, its disk and its clock stay."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from nodes.actors.strategies import MakeTransactions
from nodes.buggify import never
from nodes.config import Limits, NodeConfig
from nodes.domain.point import PointSpec
from nodes.errors import StoreError
from nodes.node import Node
from nodes.ports import Buggify
from nodes.records import Answer
from sim.engine.life import Life
from sim.engine.loop import VirtualLoop
from sim.engine.randomness import Randomness
from sim.scenario.virtual import Virtual
from sim.worlds.virtual.addresses import Addresses
from sim.worlds.virtual.broker import VirtualBroker
from sim.worlds.virtual.bus import VirtualBus
from sim.worlds.virtual.clock import VirtualClock
from sim.worlds.virtual.connections import Connections
from sim.worlds.virtual.disk import VirtualDisk
from sim.worlds.virtual.doors import ApiDoor, DirectDoor, Door
from sim.worlds.virtual.gauges import Gauges
from sim.worlds.virtual.network import Network
from sim.worlds.virtual.peers import VirtualPeers
from sim.worlds.virtual.store import VirtualStore


@dataclass(slots=True)
class Surroundings:
    """What all hosts of a world share."""

    loop: VirtualLoop
    network: Network
    connections: Connections
    broker: VirtualBroker
    virtual: Virtual
    randomness: Randomness
    buggify: Buggify
    hosts: dict[str, "Host"]
    """On which each node runs."""
    addresses: "Addresses[Host]"
    unlisted: frozenset[str]
    """Nodes whose addresses no operator gives to the others: those find out, and find out anew when one has moved."""
    on_death: Callable[["Host", list[dict[str, Any]]], None]
    """Called with a node's gauges when its process ends."""
    transactions: MakeTransactions | None
    """What carries out reservations instead of the nodes' own ways."""


class Host:
    """A machine that runs one node, and starts it again when it has ended, as a supervisor does."""

    def __init__(
        self,
        config: NodeConfig,
        entries: Sequence[tuple[str, PointSpec]],
        disk: VirtualDisk,
        clock: VirtualClock,
        around: Surroundings,
        *,
        machine: str,
        url: str,
    ) -> None:
        self.id = config.node_id
        self.machine = machine
        """Its name on the network."""
        self.url = url
        self.disk = disk
        self.clock = clock
        self.node: Node | None = None
        """The node, once it is assembled."""
        self.is_listening = False
        self.is_kept_down = False
        """Whether a fault keeps it from starting again."""
        self.is_left = False
        """Whether the node has moved to another machine. What runs here still goes on, and nothing is started any more."""
        self.starts = 0
        self._pauses = 0
        self._config = config
        self.entries = entries
        """The points that its points file names."""
        self._around = around
        self._rng: Random = around.randomness.stream("host", machine)
        self._life: Life | None = None
        self._bus: VirtualBus | None = None
        self._door: Door | None = None
        self._gauges: Gauges | None = None

    @property
    def door(self) -> Door:
        """The way into the node that runs now."""
        assert self._door is not None, f"{self.id} does not listen"
        return self._door

    @property
    def limits(self) -> Limits:
        """The bounds of the node."""
        return self._config.limits

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._life is not None

    def spawn(self, coroutine: Coroutine[Any, Any, Answer]) -> "asyncio.Task[Answer]":
        """Run a coroutine as part of the node's life."""
        assert self._life is not None
        return self._around.loop.create_task(coroutine, context=self._life.context)

    def start(self) -> None:
        """Start a process. It opens its store, enters its points, begins to gossip, and listens."""
        assert self._life is None
        self.starts += 1
        life = self._life = Life(f"{self.machine}/{self.starts}")
        booting: asyncio.Task[None] = life.run(self._around.loop.create_task, self._boot())
        booting.add_done_callback(lambda done: self._booted(life, done), context=self._around.network.context)

    def start_later(self) -> None:
        """Start a process after the time that this takes, unless it is kept down or somebody else has done it."""
        loop, network = self._around.loop, self._around.network
        delay_s = self._around.virtual.boot_s.draw(self._rng)
        loop.call_later(delay_s, self._start_if_down, context=network.context)

    def kill(self) -> None:
        """Kill the process (SIGKILL), and tear what it was writing."""
        if self._life is None:
            return
        self._tell_gauges()
        self._around.loop.kill(self._life)
        self._forget()
        self.disk.crash()

    def pause(self) -> None:
        """Stop the process from running (SIGSTOP)."""
        life = self._life
        if life is not None and not life.is_paused:
            self._around.loop.hold(life)
            self._pauses += 1
            pause = self._pauses
            self._around.broker.miss(self.machine, lambda: life.is_paused and pause == self._pauses)

    def resume(self) -> None:
        """Let it run again."""
        if self._life is not None:
            self._around.loop.release(self._life)

    def leave(self) -> None:
        """Start nothing any more: the node runs elsewhere from now on."""
        self.is_left = True
        self.disk.on_commit = lambda _: None

    async def stop(self) -> None:
        """Stop the node in good order."""
        if self._life is None:
            return
        life, node = self._life, self.node
        if node is not None:
            self._tell_gauges()
            await life.run(self._around.loop.create_task, node.stop())
        self._around.loop.kill(life)
        self._forget()
        self.disk.close()

    async def _boot(self) -> None:
        around, config, limits = self._around, self._config, self._config.limits
        life = self._life
        assert life is not None
        rng = around.randomness.stream("jitter", life.name)
        store = VirtualStore(self.disk)
        network, broker, machine = around.network, around.broker, self.machine
        self._bus = VirtualBus(self.id, network, broker, self.clock, rng, limits, self._enter, machine=machine)
        requests_max = limits.peer_requests_max
        peers = VirtualPeers(
            self.id, around.connections, around.addresses.find, requests_max=requests_max, machine=machine
        )
        node = Node(
            config,
            self.clock,
            store,
            self._bus,
            peers,
            url=self.url,
            buggify=around.buggify if around.virtual.buggify else never,
            transactions=around.transactions,
        )
        self.node, self._gauges = node, Gauges(node)
        node.failed.add_done_callback(lambda _: self._give_up(life), context=around.network.context)
        for host in around.hosts.values():
            if host is not self and host.id not in around.unlisted:
                node.view.configure(host.id, host.url)
        await node.past.check()
        await node.enter(self.entries)
        await node.start()
        door = ApiDoor if around.virtual.through_api else DirectDoor
        self._door = door(node, self._gauges.look)
        self.is_listening = True
        node.greet()

    def _booted(self, life: Life, booting: "asyncio.Task[None]") -> None:
        """Try again later when the store could not be opened; anything else that ends a start is a mistake."""
        error = None if booting.cancelled() else booting.exception()
        if error is None or life is not self._life:
            return
        if isinstance(error, StoreError):
            self._end_process(life)
        else:
            self._around.loop.call_exception_handler({"message": f"{self.id} did not start", "exception": error})

    def _give_up(self, life: Life) -> None:
        """The node cannot go on: it stops in order, as its process does, and is started again."""
        node = self.node
        if life is not self._life or node is None:
            return
        stopping: asyncio.Task[None] = life.run(self._around.loop.create_task, node.stop())
        stopping.add_done_callback(lambda _: self._end_process(life), context=self._around.network.context)

    def _end_process(self, life: Life) -> None:
        if life is not self._life:
            return
        self.kill()
        self.start_later()

    def _start_if_down(self) -> None:
        if self._life is None and not self.is_kept_down and not self.is_left:
            self.start()

    def _enter(self, callback: Callable[..., None], *arguments: Any) -> None:
        """Call back as part of the node's life: at once, or when it is no longer paused."""
        life = self._life
        if life is None:
            return
        if life.is_paused:
            self._around.loop.call_soon(callback, *arguments, context=life.context)
        else:
            life.context.run(callback, *arguments)

    def _tell_gauges(self) -> None:
        if self._gauges is not None:
            self._around.on_death(self, self._gauges.told())

    def _forget(self) -> None:
        """Close what the kernel closes when a process is gone."""
        around = self._around
        self._life = self.node = self._door = self._gauges = None
        self.is_listening = False
        if self._bus is not None:
            self._bus.die()
            self._bus = None
        self.clock.forget_timers()
        around.connections.break_all(self.machine)
