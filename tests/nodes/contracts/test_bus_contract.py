"""What the ``Bus`` promises, over the embedded broker and over Mosquitto."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nodes.config import Limits
from nodes.errors import BusError
from nodes.gossip.mqtt import BrokerAddress, MqttBus
from nodes.live import LiveClock
from nodes.ports import Message
from tests.nodes.brokers import TestBroker, new_broker

LIMITS = Limits(broker_retry_ms=(20, 100), broker_timeout_s=1.0)
TOPIC = "pontos/server1.a/disponibilidade"


@dataclass
class Listener:
    """Writes down what it hears."""

    name: str
    heard: list[Message] = field(default_factory=list)
    connected: bool = False
    connects: int = 0

    def will(self) -> Message:
        return Message(f"recarga/c/{self.name}/death", f"life {self.connects + 1}".encode(), retain=True)

    def on_connected(self) -> None:
        self.connected = True
        self.connects += 1

    def on_disconnected(self) -> None:
        self.connected = False

    def on_message(self, message: Message) -> None:
        self.heard.append(message)


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so; on a busy machine that may take a while."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture(params=["embedded", "mosquitto"])
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TestBroker]:
    made = new_broker(request.param, tmp_path)
    await made.start()
    yield made
    await made.stop()


@dataclass
class Buses:
    """Buses that are stopped when the test ends."""

    broker: TestBroker
    made: list[MqttBus] = field(default_factory=list)

    async def new(self, name: str) -> tuple[MqttBus, Listener]:
        listener = Listener(name)
        address = BrokerAddress.parse(self.broker.url)
        bus = MqttBus(address, f"test-{name}", LiveClock(), random.Random(1), LIMITS)
        self.made.append(bus)
        await bus.start(listener, ["pontos/+/disponibilidade", "recarga/c/+/death"])
        return bus, listener


@pytest.fixture
async def buses(broker: TestBroker) -> AsyncIterator[Buses]:
    made = Buses(broker)
    yield made
    for bus in made.made:
        await bus.stop()


async def test_a_message_reaches_everybody_who_listens(buses: Buses) -> None:
    """The sender too: it must cope with its own echo."""
    one, first = await buses.new("server1")
    _, second = await buses.new("server2")
    await until(lambda: first.connected and second.connected)
    await one.publish(Message(TOPIC, b"hello"))
    await until(lambda: first.heard and second.heard)
    assert second.heard[0].payload == b"hello"


async def test_a_newcomer_hears_what_was_retained(buses: Buses) -> None:
    """Views are filled from retained messages."""
    one, first = await buses.new("server1")
    await until(lambda: first.connected)
    await one.publish(Message(TOPIC, b"old", retain=True))
    await one.publish(Message(TOPIC, b"new", retain=True))
    await one.publish(Message("pontos/server1.b/disponibilidade", b"gone"))
    _, late = await buses.new("server2")
    await until(lambda: late.heard)
    assert {message.payload for message in late.heard} == {b"new"}


async def test_publishing_without_a_broker_is_an_error_at_once(buses: Buses) -> None:
    """The publisher keeps its news; nothing hangs."""
    bus, listener = await buses.new("server1")
    await until(lambda: listener.connected)
    await buses.broker.stop()
    await until(lambda: not listener.connected)
    with pytest.raises(BusError):
        await bus.publish(Message(TOPIC, b"x"))


async def test_it_comes_back_when_the_broker_does(buses: Buses) -> None:
    """And says so, so that everything is told anew."""
    bus, listener = await buses.new("server1")
    await until(lambda: listener.connected)
    await buses.broker.stop()
    await until(lambda: not listener.connected)
    await buses.broker.start()
    await until(lambda: listener.connected)
    assert listener.connects == 2
    await bus.publish(Message(TOPIC, b"again"))
    await until(lambda: listener.heard)


async def test_it_starts_before_the_broker_does(tmp_path: Path) -> None:
    """A node serves without gossip; start order does not matter."""
    broker = new_broker("embedded", tmp_path)
    buses = Buses(broker)
    _, listener = await buses.new("server1")
    await asyncio.sleep(0)
    assert not listener.connected
    await broker.start()
    await until(lambda: listener.connected)
    await buses.made[0].stop()
    await broker.stop()


async def test_a_farewell_in_order_publishes_no_will(buses: Buses) -> None:
    """A will that follows a farewell would be a lie."""
    bus, _ = await buses.new("server1")
    _, watcher = await buses.new("server2")
    await until(lambda: watcher.connected and bus.connects)
    await bus.stop()
    marker, listener = await buses.new("server3")
    await until(lambda: listener.connected)
    await marker.publish(Message(TOPIC, b"marker"))
    await until(lambda: watcher.heard)
    assert [message.payload for message in watcher.heard] == [b"marker"]


async def test_a_connection_that_breaks_publishes_the_will(buses: Buses) -> None:
    """The broker says what the dead cannot."""
    bus, listener = await buses.new("server1")
    _, watcher = await buses.new("server2")
    await until(lambda: listener.connected and watcher.connected)
    client = bus._client
    assert client is not None
    client._client._sock_close()
    await until(lambda: watcher.heard)
    assert watcher.heard[0].payload == b"life 1"


async def test_a_broker_that_hangs_is_left(buses: Buses) -> None:
    """It keeps the connection and answers nothing: publishing must end, and be an error."""
    bus, listener = await buses.new("server1")
    await until(lambda: listener.connected)
    buses.broker.hang()
    with pytest.raises(BusError):
        async with asyncio.timeout(20):
            await bus.publish(Message(TOPIC, b"x"))
    await until(lambda: not listener.connected)


@pytest.mark.parametrize(
    "url", ["mqtts://x", "mqtt://", "http://x:1", "mqtt://x:99999", "mqtt://x:y", "mqtt://x/path", "localhost:1883"]
)
def test_a_wrong_broker_url_is_a_clear_error(url: str) -> None:
    """It says what was expected."""
    from nodes.errors import ConfigError

    with pytest.raises(ConfigError, match="broker"):
        BrokerAddress.parse(url)


def test_credentials_are_read_from_the_url() -> None:
    """Percent-encoded, as in any URL."""
    assert BrokerAddress.parse("mqtt://us%40er:p%3Aw@host") == BrokerAddress("host", 1883, "us@er", "p:w")
