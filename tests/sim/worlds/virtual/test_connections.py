"""Calls between simulated hosts: what the caller learns, and how often the host acts."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from nodes.records import Answer
from nodes.request import ReadPoint, Request
from sim.engine.errors import CodeMistake
from sim.worlds.virtual.connections import BrokenError, Connections, RefusedError
from tests.nodes.contracts.peer_worlds import VirtualOwner
from tests.sim.worlds.virtual.plain_network import fault, new_network, play

OK = Answer(200, b"{}")
READ = Request("b.a", ReadPoint())


class Called:
    """Host ``a`` calls host ``b``."""

    def __init__(self, seed: int = 1) -> None:
        self.network = new_network(seed)
        self.connections = Connections(self.network)
        self.copied: list[str] = []
        self.connections.on_copy = self.copied.append
        self.owner = VirtualOwner("b", self.network, self.connections, OK)

    async def call(self, label: str = "x", timeout_s: float = 5.0) -> Answer:
        return await self.connections.call("a", self.owner, label, self.serve, timeout_s)

    def serve(self) -> Coroutine[Any, Any, Answer]:
        return self.owner.ask(READ, 1_000, None)

    async def fate(self, label: str, timeout_s: float = 5.0) -> str:
        try:
            return str((await self.call(label, timeout_s)).status)
        except RefusedError:
            return "refused"
        except BrokenError as error:
            return error.reason


def played(test: Callable[[Called], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Play a test with two hosts of its own."""

    def run() -> None:
        called = Called()

        async def main() -> None:
            await test(called)
            called.owner.end()

        play(called.network, main)

    run.__doc__, run.__name__ = test.__doc__, test.__name__
    return run


@played
async def test_a_connection_is_made_once_and_kept(called: Called) -> None:
    """The first call takes two ways there and back, the next one each; after the host has died it is made anew."""
    network = called.network
    await called.call()
    assert network.messages == 4
    await called.call("y")
    assert network.messages == 6
    called.connections.break_all("b")
    called.owner.starts += 1
    await asyncio.sleep(1)
    await called.call("z")
    assert network.messages == 11, "word of its death, and four for a new connection"
    assert called.owner.acted == 3


@played
async def test_who_has_not_heard_of_a_death_meets_it(called: Called) -> None:
    """The host is back, but not the process that took the connection: that request is not served, and the caller cannot know it."""
    await called.call()
    called.network.faults.append(fault("one_way", **{"from": ["b"], "to": ["a"]}))
    called.connections.break_all("b")
    called.owner.starts += 1
    called.network.faults.clear()
    assert await called.fate("y") == "disconnected"
    assert called.owner.acted == 1
    assert await called.fate("z") == "200", "and then it knows"


@played
async def test_a_request_on_its_way_is_not_for_the_next_process(called: Called) -> None:
    """TCP has no way to bring it there."""
    await called.call()
    asking = asyncio.ensure_future(called.fate("y"))
    await asyncio.sleep(0)
    called.connections.break_all("b")
    called.owner.starts += 1
    assert await asking == "disconnected"
    assert called.owner.acted == 1


@played
async def test_who_does_not_listen_refuses(called: Called) -> None:
    """At once, and nothing is done."""
    called.owner.is_listening = False
    assert await called.fate("x") == "refused"
    assert called.network.loop.time() < 0.01
    called.owner.is_listening = True
    assert await called.fate("y") == "200"
    assert called.owner.acted == 1


@played
async def test_a_host_that_died_with_an_open_connection_resets_it(called: Called) -> None:
    """The caller cannot know whether its request came before or after."""
    await called.call()
    called.owner.is_listening = False
    assert await called.fate("y") == "disconnected"
    assert called.owner.acted == 1


@played
async def test_who_is_cut_off_gets_no_connection(called: Called) -> None:
    """Either direction is enough; it is known after two seconds, and nothing is done, then or later."""
    for cut in ({"from": ["a"], "to": ["b"]}, {"from": ["b"], "to": ["a"]}):
        called.network.faults[:] = [fault("one_way", **cut)]
        begun_s = called.network.loop.time()
        assert await called.fate(f"x {cut}") == "refused"
        assert called.network.loop.time() - begun_s == pytest.approx(2.0)
    called.network.faults.clear()
    await asyncio.sleep(60)
    assert called.owner.acted == 0


@played
async def test_an_answer_that_is_cut_off_is_unknown_though_it_was_done(called: Called) -> None:
    """The hardest case: done, and nobody told."""
    await called.call()
    called.network.faults.append(fault("one_way", **{"from": ["b"], "to": ["a"]}))
    assert await called.fate("y", 3.0) == "timeout"
    assert called.owner.acted == 2
    called.network.faults[:] = [fault("one_way", **{"from": ["a"], "to": ["b"]})]
    called.connections._open["a", "b"] = called.owner.starts
    assert await called.fate("z", 3.0) == "timeout"
    assert called.owner.acted == 2, "and this one never came"


@played
async def test_a_deadline_counts_from_the_call(called: Called) -> None:
    """And the connection on which no answer came is not used again."""
    called.owner.hang()
    assert await called.fate("x", 0.5) == "timeout"
    assert called.network.loop.time() == pytest.approx(0.5)
    called.owner.answer(OK)
    before = called.network.messages
    assert await called.fate("y") == "200"
    assert called.network.messages - before == 4


@played
async def test_copies_act_and_are_announced_and_only_one_answer_counts(called: Called) -> None:
    """A request that comes twice is served twice: that it has one effect is the node's affair."""
    called.network.faults.append(fault("duplicate", share=1.0))
    assert await called.fate("x") == "200"
    await asyncio.sleep(1)
    assert called.owner.acted == 2
    assert called.copied == ["x"]


@played
async def test_a_copy_is_sent_for_whose_answer_nobody_waits(called: Called) -> None:
    """Like a client that gave up: what it asked for may be done at any time."""
    called.connections.send_copy("a", called.owner, "copy", called.serve)
    await asyncio.sleep(1)
    assert called.owner.acted == 1


def test_a_lossy_network_leaves_every_kind_of_doubt() -> None:
    """Requests are lost before they are done, and answers after; a connection itself is late, not lost."""
    called = Called()
    fates: list[tuple[str, int]] = []

    async def main() -> None:
        called.network.faults.append(fault("loss", share=0.3))
        for number in range(100):
            acted = called.owner.acted
            fate = await called.fate(f"call {number}")
            fates.append((fate, called.owner.acted - acted))

    play(called.network, main)
    assert set(fates) == {("200", 1), ("timeout", 0), ("timeout", 1), ("refused", 0)} or set(fates) == {
        ("200", 1),
        ("timeout", 0),
        ("timeout", 1),
    }
    assert 30 < sum(fate == "200" for fate, _ in fates) < 70


@played
async def test_who_stops_waiting_leaves_nothing_behind(called: Called) -> None:
    """The host goes on; its answer is nobody's."""
    called.owner.hang()
    waiting = asyncio.ensure_future(called.call())
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert called.owner.acted == 1
    called.connections.break_all("b")
    await asyncio.sleep(1)
    called.owner.answer(OK)
    assert await called.fate("y") == "200"


def test_a_host_that_fails_is_a_mistake_of_the_run() -> None:
    """Nothing comes out of a door but answers."""
    called = Called()

    async def fails() -> Answer:
        raise ZeroDivisionError("ours")

    async def main() -> None:
        await called.connections.call("a", called.owner, "x", fails, 5.0)

    with pytest.raises(CodeMistake, match="b failed: ZeroDivisionError: ours"):
        play(called.network, main)
