"""The stranger on the broker: lies that look like gossip, and noise that does not."""

import asyncio
import random
from pathlib import Path

import orjson

from nodes.ports import Message
from sim.engine.randomness import Randomness
from sim.fleet.fleet import Fleet
from sim.scenario.load import load_scenario
from sim.worlds.virtual.broker import VirtualBroker
from sim.worlds.virtual.bus import VirtualBus
from sim.worlds.virtual.clock import VirtualClock
from sim.worlds.virtual.forger import Forger
from tests.nodes.contracts.bus_worlds import LIMITS, Listener
from tests.nodes.contracts.playing import until
from tests.sim.worlds.virtual.plain_network import new_network, play


def forged(seed: int, for_s: float = 100.0) -> list[Message]:
    """Return what a reader hears of a forger that publishes ten lies a second."""
    network, listener = new_network(), Listener("reader")
    broker = VirtualBroker(network)
    city = Fleet(load_scenario(Path("scenarios/smoke.yaml").absolute()).scenario).city

    async def main() -> None:
        clock = VirtualClock(network.loop, 0, random.Random(1))
        bus = VirtualBus("reader", network, broker, clock, random.Random(1), LIMITS, lambda call, *what: call(*what))
        await bus.start(listener, ["#"])
        await until(lambda: listener.connected)
        forging = asyncio.ensure_future(Forger(broker, city, Randomness(seed), "recarga").forge(10))
        await asyncio.sleep(for_s)
        forging.cancel()
        await asyncio.wait([forging])
        await bus.stop()

    play(network, main)
    return listener.heard


def test_it_lies_about_everything_at_its_rate_and_repeats_itself_by_seed() -> None:
    """Points and nodes that exist, in every topic that nodes read; a part of it is noise that no reader may choke on."""
    heard = forged(1)
    assert 800 < len(heard) < 1_200
    assert heard == forged(1)
    assert heard != forged(2)
    kinds = {message.topic.rpartition("/")[2] for message in heard}
    assert kinds == {"disponibilidade", "birth", "death", "digest"}
    owners = {message.topic.split("/")[1].partition(".")[0] for message in heard if message.topic.startswith("pontos/")}
    assert owners == {"server1", "server2"}


def test_most_lies_are_well_formed_and_some_are_noise() -> None:
    """What nobody can read tests the reader's fences; what reads well tests its judgement."""
    readable = noise = 0
    for message in forged(3):
        try:
            event = orjson.loads(message.payload)
        except orjson.JSONDecodeError:
            noise += 1
            continue
        readable += 1
        assert {"node", "epoch", "ver", "pointseq", "data"} <= event.keys()
    assert readable > 500
    assert noise > 100
