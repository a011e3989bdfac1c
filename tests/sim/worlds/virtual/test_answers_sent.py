"""An answer that was sent is on its way, whatever becomes of its sender: that is when a lie of it shows."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from simpy import Environment

from nodes.records import Answer
from sim.engine.loop import VirtualLoop
from sim.scenario.distribution import Distribution
from sim.scenario.virtual import Virtual
from sim.worlds.virtual.chance import Chance
from sim.worlds.virtual.connections import BrokenError, Connections
from sim.worlds.virtual.network import Network

ANSWER = Answer(201, b"{}")


class Machine:
    """A host that answers after a second, or never."""

    machine = "server1"
    is_listening = True
    starts = 1

    def __init__(self, takes_s: float) -> None:
        self._takes_s = takes_s

    async def serve(self) -> Answer:
        await asyncio.sleep(self._takes_s)
        return ANSWER

    def spawn(self, coroutine: Coroutine[Any, Any, Answer]) -> "asyncio.Task[Answer]":
        return asyncio.get_running_loop().create_task(coroutine)


def call(takes_s: float, dies_after_s: float | None, seed: int = 1) -> Answer:
    """Ask a machine that dies so long after the call, or in the very moment in which its answer leaves."""
    loop = VirtualLoop(Environment())  # type: ignore[abstract] # fenced
    virtual = Virtual(latency_ms=Distribution(uniform=(1, 1_000)))
    connections = Connections(Network(loop, virtual, Chance(seed, "network")))
    machine = Machine(takes_s)
    if dies_after_s is None:
        connections.on_answer = connections.break_all
    else:
        loop.call_later(dies_after_s, connections.break_all, machine.machine)
    return loop.run_until_complete(connections.call("vehicles", machine, "k", machine.serve, 10.0))


def test_an_answer_that_has_left_arrives_though_its_sender_died() -> None:
    """The kernel sends what was written, and only then says that the process is gone; neither overtakes the other."""
    assert [call(1.0, None, seed) for seed in range(20)] == [ANSWER] * 20


def test_who_dies_over_a_request_is_heard_of() -> None:
    """Nothing had left."""
    with pytest.raises(BrokenError) as broken:
        call(5.0, 2.0)
    assert broken.value.reason == "disconnected"
