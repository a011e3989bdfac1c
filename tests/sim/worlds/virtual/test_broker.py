"""The simulated broker under faults that no contract names: cuts, lost and repeated deliveries, death with hands full."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from nodes.errors import BusError
from nodes.ports import Message
from sim.worlds.virtual.broker import KEEPALIVE_S, VirtualBroker
from sim.worlds.virtual.bus import VirtualBus
from sim.worlds.virtual.clock import VirtualClock
from tests.nodes.contracts.bus_worlds import LIMITS, SUBSCRIPTIONS, Listener
from tests.nodes.contracts.playing import until
from tests.sim.worlds.virtual.plain_network import fault, new_network, play

TOPIC = "pontos/server1.a/disponibilidade"


class Gossip:
    """A broker, and buses on a simulated network."""

    def __init__(self) -> None:
        self.network = new_network()
        self.broker = VirtualBroker(self.network)

    async def new(self, name: str, subscriptions: tuple[str, ...] = SUBSCRIPTIONS) -> tuple[VirtualBus, Listener]:
        def enter(callback: Callable[..., None], *arguments: Any) -> None:
            callback(*arguments)

        clock, listener = VirtualClock(self.network.loop, 0, random.Random(1)), Listener(name)
        bus = VirtualBus(name, self.network, self.broker, clock, random.Random(1), LIMITS, enter)
        await bus.start(listener, subscriptions)
        await until(lambda: listener.connected)
        return bus, listener

    def cut(self, *hosts: str) -> Any:
        cut = fault("partition", groups=[["broker"], list(hosts)])
        self.network.faults.append(cut)
        self.broker.cut()
        return cut

    def mend(self, cut: Any) -> None:
        self.network.faults.remove(cut)
        self.broker.uncut()


def played(test: Callable[[Gossip], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Play a test with a broker of its own."""

    def run() -> None:
        gossip = Gossip()
        play(gossip.network, lambda: test(gossip))

    run.__doc__, run.__name__ = test.__doc__, test.__name__
    return run


@played
async def test_a_short_cut_costs_time_and_no_message(gossip: Gossip) -> None:
    """TCP sends again what was held up; the connection outlives a cut that is shorter than the keep-alive."""
    _, listener = await gossip.new("server1")
    other, second = await gossip.new("server2")
    cut = gossip.cut("server1")
    for number in range(3):
        await other.publish(Message(TOPIC, b"%d" % number))
    await asyncio.sleep(KEEPALIVE_S / 2)
    assert listener.heard == []
    gossip.mend(cut)
    await asyncio.sleep(KEEPALIVE_S)
    assert listener.payloads == [b"0", b"1", b"2"]
    assert (listener.connects, second.connects) == (1, 1)


@played
async def test_what_was_published_during_a_cut_arrives_after_it(gossip: Gossip) -> None:
    """TCP holds it; a cut that is shorter than the patience of who waits for the broker's word is not even noticed."""
    bus, listener = await gossip.new("server1")
    cut = gossip.cut("server1")
    publishing = asyncio.ensure_future(bus.publish(Message(TOPIC, b"held")))
    await asyncio.sleep(LIMITS.broker_timeout_s / 2)
    gossip.mend(cut)
    await publishing
    await until(lambda: listener.heard)
    assert listener.payloads == [b"held"]


@played
async def test_a_long_cut_is_noticed_on_both_sides(gossip: Gossip) -> None:
    """Each takes the other for gone: the will is published to the rest, and the client comes back when it can."""
    _, listener = await gossip.new("server1")
    _, second = await gossip.new("server2")
    cut = gossip.cut("server1")
    await asyncio.sleep(KEEPALIVE_S + 5)
    assert second.payloads == [b"life 1"]
    assert not listener.connected
    gossip.mend(cut)
    await until(lambda: listener.connected)
    assert second.connects == 1


@pytest.mark.parametrize("patient", [False, True])
def test_who_was_cut_off_while_the_broker_died_comes_back(patient: bool) -> None:
    """Nobody could tell it, and it has nothing to say: its pings stay unanswered. Deaf for ever would be a wrong view."""
    gossip = Gossip()

    async def main() -> None:
        _, listener = await gossip.new("server1")
        cut = gossip.cut("server1")
        if patient:
            await asyncio.sleep(KEEPALIVE_S - 1)
        gossip.broker.crash()
        gossip.broker.start()
        await asyncio.sleep(1)
        gossip.mend(cut)
        await until(lambda: listener.connects == 2)
        other, _ = await gossip.new("server2")
        await other.publish(Message(TOPIC, b"news"))
        await until(lambda: b"news" in listener.payloads)

    play(gossip.network, main)


@played
async def test_a_paused_client_is_lost_only_if_it_stays_paused(gossip: Gossip) -> None:
    """A short pause is none to the broker."""
    await gossip.new("server1")
    _, second = await gossip.new("server2")
    paused = [True]
    gossip.broker.miss("server1", lambda: paused[0])
    await asyncio.sleep(KEEPALIVE_S - 1)
    paused[0] = False
    await asyncio.sleep(10)
    assert second.heard == []
    paused[0] = True
    gossip.broker.miss("server1", lambda: paused[0])
    await asyncio.sleep(KEEPALIVE_S + 1)
    assert second.payloads == [b"life 1"]


@played
async def test_a_short_hang_costs_time_and_no_message(gossip: Gossip) -> None:
    """What came in the meantime is done when it wakes, in its order; nobody has left."""
    bus, listener = await gossip.new("server1")
    gossip.broker.hang()
    publishing = [asyncio.ensure_future(bus.publish(Message(TOPIC, b"%d" % number))) for number in range(3)]
    await asyncio.sleep(LIMITS.broker_timeout_s / 2)
    assert listener.heard == []
    gossip.broker.wake()
    await asyncio.gather(*publishing)
    await until(lambda: len(listener.heard) == 3)
    assert listener.payloads == [b"0", b"1", b"2"]
    await asyncio.sleep(2 * KEEPALIVE_S)
    assert listener.connects == 1


@played
async def test_a_hang_that_begins_anew_is_counted_anew(gossip: Gossip) -> None:
    """The silence of two short hangs does not add up."""
    _, listener = await gossip.new("server1")
    for _ in range(3):
        gossip.broker.hang()
        await asyncio.sleep(KEEPALIVE_S - 2)
        gossip.broker.wake()
        await asyncio.sleep(0.1)
    assert listener.connects == 1
    assert listener.connected


@played
async def test_a_broker_that_dies_while_it_hangs_has_done_nothing(gossip: Gossip) -> None:
    """What it had not read is gone, and what it retained; who published hears that it is not known."""
    bus, listener = await gossip.new("server1")
    await bus.publish(Message(TOPIC, b"old", retain=True))
    gossip.broker.hang()
    publishing = asyncio.ensure_future(bus.publish(Message(TOPIC, b"lost", retain=True)))
    await asyncio.sleep(0.1)
    gossip.broker.crash()
    gossip.broker.start()
    with pytest.raises(BusError):
        await publishing
    await until(lambda: listener.connects == 2)
    gossip.broker.hang()
    gossip.broker.wake()
    _, late = await gossip.new("server2")
    await asyncio.sleep(1)
    assert late.heard == []
    assert listener.payloads == [b"old"]


@played
async def test_the_same_client_again_ends_its_older_connection(gossip: Gossip) -> None:
    """MQTT 3.1.1, 3.1.4: a process that was killed and is back must not be two; the will of the first is said."""
    _, older = await gossip.new("server1")
    _, watcher = await gossip.new("server2")
    _, newer = await gossip.new("server1")
    await until(lambda: not older.connected)
    assert newer.connected
    assert watcher.payloads[:1] == [b"life 1"]


@played
async def test_deliveries_are_lost_for_some_readers_and_not_for_others(gossip: Gossip) -> None:
    """Each delivery has its own luck; the publisher is told that the broker has the message."""
    bus, first = await gossip.new("server1")
    _, second = await gossip.new("server2")
    gossip.broker.loss_share = 0.5
    for number in range(200):
        await bus.publish(Message(TOPIC, b"%d" % number))
    await asyncio.sleep(5)
    for listener in (first, second):
        assert 60 < len(listener.heard) < 140
    assert first.payloads != second.payloads
    assert gossip.network.counts["gossip_lost"] == 400 - len(first.heard) - len(second.heard)


@played
async def test_old_messages_come_again_to_who_wants_them(gossip: Gossip) -> None:
    """At least once means more than once, and out of order."""
    bus, first = await gossip.new("server1")
    _, deaf = await gossip.new("server2", ("something/else",))
    gossip.broker.repeat_share = 0.5
    for number in range(200):
        await bus.publish(Message(TOPIC, b"%d" % number))
    await asyncio.sleep(5)
    repeated = len(first.heard) - 200
    assert 60 < repeated < 140
    assert gossip.network.counts["gossip_repeated"] == repeated
    assert {int(payload) for payload in first.payloads} == set(range(200))
    assert deaf.heard == []


@pytest.mark.parametrize(
    ("pattern", "topics", "others"),
    [
        ("a/b", ["a/b"], ["a", "a/b/c", "a/c", "A/b", "a/b/"]),
        ("a/+", ["a/b", "a/"], ["a", "a/b/c"]),
        ("+/b", ["a/b", "/b"], ["b", "a/c"]),
        ("a/#", ["a", "a/b", "a/b/c"], ["ab", "b/a"]),
        ("#", ["a", "a/b"], []),
        ("+", ["a"], ["a/b", "/a"]),
        ("a/+/c", ["a/b/c", "a//c"], ["a/c", "a/b/d"]),
    ],
)
def test_filters_name_topics_as_mqtt_says(pattern: str, topics: list[str], others: list[str]) -> None:
    """MQTT 3.1.1, 4.7: what a reader is told of is exactly what it asked for."""
    gossip = Gossip()

    async def main() -> None:
        _, listener = await gossip.new("server1", (pattern,))
        for topic in topics + others:
            gossip.broker.publish(Message(topic, b"x"))
        await asyncio.sleep(1)
        assert [message.topic for message in listener.heard] == topics

    play(gossip.network, main)
