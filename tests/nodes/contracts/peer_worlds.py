"""Where the ``Peers`` contract is played: over HTTP on loopback, and over the simulated network."""

import asyncio
import random
import socket
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from nodes.config import Limits
from nodes.live import LiveClock
from nodes.peers import http_peers
from nodes.peers.guarded_peers import GuardedPeers
from nodes.peers.http_peers import HttpPeers
from nodes.ports import Clock, Peers
from nodes.records import Answer
from nodes.request import Request
from sim.scenario.distribution import Distribution
from sim.scenario.faults import Partition
from sim.scenario.virtual import Virtual
from sim.worlds.virtual.chance import Chance
from sim.worlds.virtual.clock import VirtualClock
from sim.worlds.virtual.connections import Connections
from sim.worlds.virtual.network import Network
from sim.worlds.virtual.peers import VirtualPeers
from tests.nodes.contracts.playing import InVirtualTime, World, virtual_loop
from tests.nodes.peers.strange_owner import StrangeOwner, answers, drop, hang, strange_owner

REQUESTS_MAX = 2


class Owner(ABC):
    """A node that owns points. What it does with requests is up to the test; ``acted`` counts those that it took."""

    url: str

    @property
    @abstractmethod
    def acted(self) -> int: ...

    @abstractmethod
    def answer(self, answer: Answer) -> None:
        """Give this answer from now on."""

    @abstractmethod
    def hang(self) -> None:
        """Take requests and answer nothing from now on."""

    @abstractmethod
    def die_at_a_request(self) -> None:
        """Take the next request and die of it; be there again for what follows."""


class PeersWorld(World, ABC):
    """Node ``server1`` asks others."""

    connect_s = 2.0
    """How long it waits for a connection."""
    peers: Peers

    def guard(self, limits: Limits) -> GuardedPeers:
        """Put the breakers of a node with these limits before what asks."""
        self.peers = GuardedPeers(self.peers, self.clock(), limits)
        return self.peers

    @abstractmethod
    def clock(self) -> Clock: ...

    async def __aexit__(self, *_: object) -> None:
        await self.peers.close()

    @abstractmethod
    async def new_owner(self) -> Owner: ...
    @abstractmethod
    def nobody(self) -> str:
        """Return an address at which nobody listens."""

    @abstractmethod
    async def black_hole(self) -> str:
        """Return an address from which nothing comes back."""


class HttpOwner(Owner):
    def __init__(self, strange: StrangeOwner) -> None:
        self._strange = strange
        self.url = strange.url

    @property
    def acted(self) -> int:
        return len(self._strange.seen)

    def answer(self, answer: Answer) -> None:
        headers = [] if answer.retry_after_s is None else [f"Retry-After: {answer.retry_after_s}"]
        headers += [] if answer.witness is None else [f'ETag: "{answer.witness[0]}-{answer.witness[1]}"']
        headers += [] if answer.location is None else [f"Location: {answer.location}"]
        self._strange.behave = answers(f"{answer.status} Whatever", answer.body, *headers)

    def hang(self) -> None:
        self._strange.behave = hang

    def die_at_a_request(self) -> None:
        after = self._strange.behave

        async def die(writer: asyncio.StreamWriter) -> None:
            self._strange.behave = after
            await drop(writer)

        self._strange.behave = die


class HttpWorld(PeersWorld):
    connect_s = 0.5

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http_peers, "_CONNECT_S", self.connect_s)
        self._owners = AsyncExitStack()
        self._holes: list[socket.socket] = []

    def build(self) -> None:
        self.peers = HttpPeers("server1", requests_max=REQUESTS_MAX)

    async def __aexit__(self, *what: object) -> None:
        await super().__aexit__(*what)
        await self._owners.aclose()
        for hole in self._holes:
            hole.close()

    def clock(self) -> Clock:
        return LiveClock()

    async def new_owner(self) -> Owner:
        return HttpOwner(await self._owners.enter_async_context(strange_owner(hang)))

    def nobody(self) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return f"http://127.0.0.1:{probe.getsockname()[1]}"

    async def black_hole(self) -> str:
        """A socket that listens, accepts nobody, and whose queue is full: the kernel drops what else knocks."""
        listening = socket.socket()
        self._holes.append(listening)
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            knocking = socket.socket()
            self._holes.append(knocking)
            knocking.setblocking(False)
            knocking.connect_ex(listening.getsockname())
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass(eq=False)
class VirtualOwner(Owner):
    """It is its own host and its own door."""

    id: str
    network: Network
    connections: Connections
    gives: Answer | None = None
    is_listening: bool = True
    starts: int = 1
    requests: list[tuple[Request, int, str | None]] = field(default_factory=list)
    _dies: bool = False
    _tasks: list["asyncio.Task[Answer]"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url, self.machine = f"http://{self.id}.test:9000", self.id

    @property
    def acted(self) -> int:
        return len(self.requests)

    @property
    def door(self) -> Any:
        return self

    def spawn(self, coroutine: Coroutine[Any, Any, Answer]) -> "asyncio.Task[Answer]":
        self._tasks.append(self.network.loop.create_task(coroutine))
        return self._tasks[-1]

    async def ask(self, request: Request, timeout_ms: int, forwarded_by: str | None) -> Answer:
        self.requests.append((request, timeout_ms, forwarded_by))
        if self._dies:
            self._dies = False
            self.network.loop.call_soon(self.connections.break_all, self.id)
            self.network.loop.call_soon(self.end)
            await asyncio.Event().wait()
        if self.gives is None:
            await asyncio.Event().wait()
        assert self.gives is not None
        return self.gives

    def answer(self, answer: Answer) -> None:
        self.gives = answer

    def hang(self) -> None:
        self.gives = None

    def die_at_a_request(self) -> None:
        self._dies = True

    def end(self) -> None:
        for task in self._tasks:
            task.cancel()


class VirtualPeersWorld(InVirtualTime, PeersWorld):
    def build(self) -> None:
        virtual = Virtual(latency_ms=Distribution(uniform=(1.0, 3.0)))
        self.network = Network(virtual_loop(), virtual, Chance(1, "network"))
        self.connections = Connections(self.network)
        self._by_url: dict[str, VirtualOwner] = {}
        self.peers = VirtualPeers("server1", self.connections, self._by_url.get, requests_max=REQUESTS_MAX)

    async def __aexit__(self, *what: object) -> None:
        await super().__aexit__(*what)
        for owner in self._by_url.values():
            owner.end()

    def clock(self) -> Clock:
        return VirtualClock(virtual_loop(), 0, random.Random(1))

    async def new_owner(self) -> VirtualOwner:
        owner = VirtualOwner(f"server{len(self._by_url) + 2}", self.network, self.connections)
        self._by_url[owner.url] = owner
        return owner

    def nobody(self) -> str:
        owner = VirtualOwner(f"server{len(self._by_url) + 2}", self.network, self.connections, is_listening=False)
        self._by_url[owner.url] = owner
        return owner.url

    async def black_hole(self) -> str:
        owner = await self.new_owner()
        cut = Partition.model_validate({"at_s": 0, "kind": "partition", "groups": [["server1"], [owner.id]]})
        self.network.faults.append(cut)
        return owner.url
