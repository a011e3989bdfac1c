"""Where the ``Bus`` contract is played: over a real broker, and over the simulated one."""

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Self

import aiomqtt
import pytest

from nodes.config import Limits
from nodes.gossip import mqtt
from nodes.gossip.mqtt import BrokerAddress, MqttBus
from nodes.live import LiveClock
from nodes.ports import Bus, Message
from sim.scenario.virtual import Virtual
from sim.worlds.virtual import broker as virtual_broker
from sim.worlds.virtual.broker import VirtualBroker
from sim.worlds.virtual.bus import VirtualBus
from sim.worlds.virtual.chance import Chance
from sim.worlds.virtual.clock import VirtualClock
from sim.worlds.virtual.network import Network
from tests.nodes.brokers import TestBroker
from tests.nodes.contracts.playing import InVirtualTime, World, virtual_loop

LIMITS = Limits(broker_retry_ms=(20, 100), broker_timeout_s=1.0)
SUBSCRIPTIONS = ("pontos/+/disponibilidade", "recarga/c/+/death")


@dataclass
class Listener:
    """Writes down what it hears, and in which order."""

    name: str
    heard: list[Message] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """Every call, by name."""
    connected: bool = False
    connects: int = 0

    @property
    def payloads(self) -> list[bytes]:
        return [message.payload for message in self.heard]

    def will(self) -> Message:
        self.told.append("will")
        return Message(f"recarga/c/{self.name}/death", f"life {self.connects + 1}".encode(), retain=True)

    def on_connected(self) -> None:
        self.told.append("connected")
        self.connected = True
        self.connects += 1

    def on_disconnected(self) -> None:
        self.told.append("disconnected")
        self.connected = False

    def on_message(self, message: Message) -> None:
        self.told.append("message")
        self.heard.append(message)


class BusWorld(World, ABC):
    """A broker that can be killed, hung and started again, and buses that are stopped when the test ends."""

    broker_counts_silence = True
    """Whether the broker ends connections that say nothing, as MQTT demands."""

    def __init__(self) -> None:
        self._made: list[Bus] = []

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.start_broker()
        return self

    async def __aexit__(self, *_: object) -> None:
        for bus in self._made:
            await bus.stop()
        await self.kill_broker()

    async def new(self, name: str, limits: Limits = LIMITS) -> tuple[Any, Listener]:
        """Start a bus."""
        listener, bus = Listener(name), self.make(name, limits)
        self._made.append(bus)
        await bus.start(listener, SUBSCRIPTIONS)
        return bus, listener

    @abstractmethod
    def make(self, name: str, limits: Limits) -> Bus: ...
    @abstractmethod
    async def start_broker(self) -> None: ...
    @abstractmethod
    async def kill_broker(self) -> None: ...
    @abstractmethod
    def hang_broker(self) -> None: ...
    @abstractmethod
    def wake_broker(self) -> None: ...
    @abstractmethod
    def break_off(self, bus: Any) -> None:
        """Break a connection as the kernel does when a process is gone."""

    @abstractmethod
    def silence(self, bus: Any, name: str) -> None:
        """Let a client say nothing any more, as a process that is stopped does."""

    @abstractmethod
    def be_impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let either side take the other for gone after a few seconds of silence."""


class LiveBusWorld(BusWorld):
    def __init__(self, broker: TestBroker) -> None:
        super().__init__()
        self._broker = broker
        self.broker_counts_silence = not broker.is_embedded

    def make(self, name: str, limits: Limits) -> Bus:
        address = BrokerAddress.parse(self._broker.url)
        return MqttBus(address, f"test-{name}", LiveClock(), random.Random(1), limits)

    async def start_broker(self) -> None:
        await self._broker.start()

    async def kill_broker(self) -> None:
        await self._broker.stop()

    def hang_broker(self) -> None:
        self._broker.hang()

    def wake_broker(self) -> None:
        self._broker.wake()

    def break_off(self, bus: MqttBus) -> None:
        _client(bus)._client._sock_close()

    def silence(self, bus: MqttBus, name: str) -> None:
        task = _client(bus)._misc_task
        assert task is not None
        task.cancel()  # it sends the pings

    def be_impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt, "_KEEPALIVE_S", 2)


class VirtualBusWorld(InVirtualTime, BusWorld):
    def build(self) -> None:
        loop = virtual_loop()
        self._network = Network(loop, Virtual(), Chance(1, "network"))
        self._broker = VirtualBroker(self._network)
        self._broker.crash()
        self._clock = VirtualClock(loop, 0, random.Random(1))

    def make(self, name: str, limits: Limits) -> Bus:
        def enter(callback: Any, *arguments: Any) -> None:
            callback(*arguments)

        return VirtualBus(name, self._network, self._broker, self._clock, random.Random(1), limits, enter)

    async def start_broker(self) -> None:
        self._broker.start()

    async def kill_broker(self) -> None:
        self._broker.crash()

    def hang_broker(self) -> None:
        self._broker.hang()

    def wake_broker(self) -> None:
        self._broker.wake()

    def break_off(self, bus: VirtualBus) -> None:
        bus.die()

    def silence(self, bus: VirtualBus, name: str) -> None:
        self._broker.miss(name, lambda: True)

    def be_impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(virtual_broker, "KEEPALIVE_S", 3.0)


def _client(bus: MqttBus) -> aiomqtt.Client:
    client = bus._client
    assert client is not None
    return client
