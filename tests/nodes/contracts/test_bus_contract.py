"""What every ``Bus`` promises: over the embedded broker, over Mosquitto, and over the simulated one."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from nodes.errors import BusError, ConfigError
from nodes.gossip.mqtt import BrokerAddress
from nodes.ports import Message
from tests.nodes.brokers import new_broker
from tests.nodes.contracts.bus_worlds import LIMITS, BusWorld, LiveBusWorld, VirtualBusWorld
from tests.nodes.contracts.playing import played, until

TOPIC = "pontos/server1.a/disponibilidade"


@pytest.fixture(params=["embedded", "mosquitto", "virtual"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> BusWorld:
    return VirtualBusWorld() if request.param == "virtual" else LiveBusWorld(new_broker(request.param, tmp_path))


def once(messages: list[Message]) -> list[Message]:
    """Return messages without repetitions: at least once is the promise, and amqtt says twice what is retained."""
    return list(dict.fromkeys(messages))


@played
async def test_a_message_reaches_everybody_who_listens(world: BusWorld) -> None:
    """The sender too: it must cope with its own echo. What nobody subscribed to comes to nobody."""
    one, first = await world.new("server1")
    _, second = await world.new("server2")
    await until(lambda: first.connected and second.connected)
    await one.publish(Message("pontos/server1.a/reserva", b"unheard"))
    await one.publish(Message("pontos/server1/a/disponibilidade", b"unheard"))
    await one.publish(Message(TOPIC, b"hello"))
    await until(lambda: first.heard and second.heard)
    assert first.heard == second.heard == [Message(TOPIC, b"hello")]


@played
async def test_a_newcomer_hears_what_was_retained(world: BusWorld) -> None:
    """Views are filled from retained messages, which say of themselves that they are old (MQTT 3.1.1, 3.3.1.3)."""
    one, first = await world.new("server1")
    await until(lambda: first.connected)
    await one.publish(Message(TOPIC, b"old", retain=True))
    await one.publish(Message(TOPIC, b"new", retain=True))
    await one.publish(Message("pontos/server1.b/disponibilidade", b"gone"))
    _, late = await world.new("server2")
    await until(lambda: late.heard)
    await one.publish(Message(TOPIC, b"marker"))
    await until(lambda: b"marker" in late.payloads and b"marker" in first.payloads)
    assert once(late.heard) == [Message(TOPIC, b"new", retain=True), Message(TOPIC, b"marker")]
    assert not any(message.retain for message in first.heard), "who listened already hears news"


@played
async def test_an_empty_message_clears_what_was_retained(world: BusWorld) -> None:
    """MQTT 3.1.1, 3.3.1.3: so operators remove a node that is gone for good."""
    one, first = await world.new("server1")
    await until(lambda: first.connected)
    await one.publish(Message(TOPIC, b"here", retain=True))
    await one.publish(Message(TOPIC, b"", retain=True))
    _, late = await world.new("server2")
    await until(lambda: late.connected)
    await one.publish(Message(TOPIC, b"marker"))
    await until(lambda: late.heard and len(first.heard) == 3)
    assert late.payloads == [b"marker"]
    assert first.payloads == [b"here", b"", b"marker"]


@played
async def test_nothing_comes_before_the_bus_says_that_it_is_connected(world: BusWorld) -> None:
    """A listener that is told of others before it knows that it may speak would answer into nothing."""
    one, first = await world.new("server1")
    await until(lambda: first.connected)
    for number in range(20):
        await one.publish(Message(f"pontos/server1.p{number}/disponibilidade", b"x", retain=True))
    _, late = await world.new("server2")
    await until(lambda: len(once(late.heard)) == 20)
    assert late.told == ["will", "connected", *["message"] * len(late.heard)]


@played
async def test_what_one_publishes_comes_in_its_order(world: BusWorld) -> None:
    """QoS 1 keeps a publisher's order to each subscriber (MQTT 3.1.1, 4.6), with many messages under way."""
    one, first = await world.new("server1")
    _, second = await world.new("server2")
    await until(lambda: first.connected and second.connected)
    sent = [b"%d" % number for number in range(100)]
    await asyncio.gather(*(one.publish(Message(TOPIC, payload)) for payload in sent))
    await until(lambda: len(first.heard) >= 100 and len(second.heard) >= 100)
    assert first.payloads == second.payloads == sent


@played
async def test_publishing_without_a_broker_is_an_error_at_once(world: BusWorld) -> None:
    """The publisher keeps its news; nothing hangs."""
    bus, listener = await world.new("server1")
    await until(lambda: listener.connected)
    await world.kill_broker()
    await until(lambda: not listener.connected)
    with pytest.raises(BusError):
        await bus.publish(Message(TOPIC, b"x"))


@played
async def test_it_comes_back_when_the_broker_does(world: BusWorld) -> None:
    """And says so, so that everything is told anew; the will is a new one."""
    bus, listener = await world.new("server1")
    await until(lambda: listener.connected)
    await world.kill_broker()
    await until(lambda: not listener.connected)
    await world.start_broker()
    await until(lambda: listener.connected)
    assert (listener.connects, bus.connects) == (2, 2)
    await bus.publish(Message(TOPIC, b"again"))
    await until(lambda: listener.heard)
    _, watcher = await world.new("server2")
    await until(lambda: watcher.connected)
    world.break_off(bus)
    await until(lambda: watcher.heard)
    assert watcher.payloads == [b"life 2"]


@played
async def test_it_starts_before_the_broker_does(world: BusWorld) -> None:
    """A node serves without gossip; start order does not matter."""
    await world.kill_broker()
    _, listener = await world.new("server1")
    await until(lambda: listener.told.count("will") >= 2)
    assert set(listener.told) == {"will"}, "an attempt that fails is nobody's business"
    await world.start_broker()
    await until(lambda: listener.connected)


@played
async def test_a_farewell_in_order_publishes_no_will(world: BusWorld) -> None:
    """A will that follows a farewell would be a lie."""
    bus, listener = await world.new("server1")
    _, watcher = await world.new("server2")
    await until(lambda: watcher.connected and listener.connected)
    await bus.stop()
    marker, third = await world.new("server3")
    await until(lambda: third.connected)
    await marker.publish(Message(TOPIC, b"marker"))
    await until(lambda: watcher.heard)
    assert watcher.payloads == [b"marker"]


@played
async def test_after_the_farewell_nothing_is_called(world: BusWorld) -> None:
    """What stops takes itself to pieces; a call into the pieces would be a mistake of ours. It ends once connected."""
    bus, listener = await world.new("server1")
    other, second = await world.new("server2")
    await until(lambda: listener.connected and second.connected)
    under_way = [asyncio.ensure_future(other.publish(Message(TOPIC, b"%d" % number))) for number in range(20)]
    await bus.stop()
    told = list(listener.told)
    assert told[-1] == "disconnected"
    await asyncio.gather(*under_way)
    await until(lambda: len(second.heard) == 20)
    assert listener.told == told
    with pytest.raises(BusError):
        await bus.publish(Message(TOPIC, b"x"))


@played
async def test_a_connection_that_breaks_publishes_the_will(world: BusWorld) -> None:
    """The broker says what the dead cannot, to who listens and to who comes later; then the client comes back."""
    bus, listener = await world.new("server1")
    _, watcher = await world.new("server2")
    await until(lambda: listener.connected and watcher.connected)
    world.break_off(bus)
    await until(lambda: watcher.heard)
    assert watcher.heard == [Message("recarga/c/server1/death", b"life 1")]
    _, late = await world.new("server3")
    await until(lambda: late.heard)
    assert late.heard[0] == Message("recarga/c/server1/death", b"life 1", retain=True)


@played
async def test_a_client_that_falls_silent_is_taken_for_dead(world: BusWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """MQTT 3.1.1, 3.1.2.10: after one and a half keep-alives the broker ends the connection, and the will is said."""
    if not world.broker_counts_silence:
        pytest.skip("amqtt never ends a silent connection")
    world.be_impatient(monkeypatch)
    bus, listener = await world.new("server1")
    _, watcher = await world.new("server2")
    await until(lambda: listener.connected and watcher.connected)
    world.silence(bus, "server1")
    await until(lambda: watcher.heard)
    assert watcher.payloads == [b"life 1"]
    await until(lambda: listener.connects == 2)


@played
async def test_a_broker_that_hangs_is_left(world: BusWorld) -> None:
    """It keeps the connection and answers nothing: publishing must end, and be an error."""
    bus, listener = await world.new("server1")
    await until(lambda: listener.connected)
    world.hang_broker()
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    with pytest.raises(BusError):
        async with asyncio.timeout(20):
            await bus.publish(Message(TOPIC, b"x"))
    assert loop.time() - asked_s >= 0.9 * LIMITS.broker_timeout_s, "it has the time that the limit gives it"
    await until(lambda: not listener.connected, 5)  # long before its pings tell


@played
async def test_a_broker_that_hangs_is_noticed_by_who_says_nothing(
    world: BusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pings stay unanswered; a node without news must not believe in a dead broker for ever. It comes back later."""
    world.be_impatient(monkeypatch)
    _, listener = await world.new("server1")
    await until(lambda: listener.connected)
    world.hang_broker()
    await until(lambda: not listener.connected)
    world.wake_broker()
    await until(lambda: listener.connected)


@played
async def test_what_an_old_connection_left_unconfirmed_does_not_end_the_new_one(world: BusWorld) -> None:
    """The broker died with a message in its hands; its successor is healthy."""
    limits = replace(LIMITS, broker_timeout_s=4.0)
    bus, listener = await world.new("server1", limits)
    await until(lambda: listener.connected)
    world.hang_broker()
    lost = asyncio.ensure_future(bus.publish(Message(TOPIC, b"lost")))
    await asyncio.sleep(0)
    await world.kill_broker()
    await world.start_broker()
    await until(lambda: listener.connects == 2)
    with pytest.raises(BusError):
        await lost
    await bus.publish(Message(TOPIC, b"marker"))
    await until(lambda: listener.heard)
    assert [each for each in listener.told if each != "will"] == ["connected", "disconnected", "connected", "message"]


@played
async def test_stopping_while_it_connects_is_soon_done(world: BusWorld) -> None:
    """A node must end while the broker hangs, and nothing may be called then, also not when the broker wakes."""
    _, other = await world.new("server2")
    await until(lambda: other.connected)
    world.hang_broker()
    bus, listener = await world.new("server1")
    await until(lambda: listener.told == ["will"])
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await bus.stop()
    assert listener.told == ["will"]
    world.wake_broker()
    marker, third = await world.new("server3")
    await until(lambda: third.connected)
    await marker.publish(Message(TOPIC, b"marker"))
    await until(lambda: b"marker" in third.payloads)
    assert listener.told == ["will"]


@pytest.mark.parametrize(
    "url", ["mqtts://", "mqtt://", "http://x:1", "mqtt://x:99999", "mqtt://x:y", "mqtt://x/path", "localhost:1883"]
)
def test_a_wrong_broker_url_is_a_clear_error(url: str) -> None:
    """It says what was expected."""
    with pytest.raises(ConfigError, match="broker"):
        BrokerAddress.parse(url)


def test_credentials_are_read_from_the_url() -> None:
    """Percent-encoded, as in any URL."""
    assert BrokerAddress.parse("mqtt://us%40er:p%3Aw@host") == BrokerAddress("host", 1883, "us@er", "p:w")
