"""Nodes find out who is there, whatever breaks, and find back when it is mended."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import pytest

from nodes.removal import remove_node
from nodes.tidings import NodeState
from sim.scenario.faults import BrokerCrash, Crash, Fault, GossipForge, OneWay, Partition, Pause
from tests.sim.worlds.virtual.small_world import SmallWorld

THREE = "network.nodes=3"
ALIVE, SUSPECT, DEAD = NodeState.ALIVE, NodeState.SUSPECT, NodeState.DEAD
BROKERLESS = {"kind": "broker_crash", "for_s": 10_000}
A, B, C = "server1", "server2", "server3"


def state(small: SmallWorld, asked: str, about: str) -> NodeState:
    node = small.world.hosts[asked].node
    assert node is not None
    return node.membership.members.state(about)


async def become(small: SmallWorld, within_s: float, asked: str, about: str, *states: NodeState) -> None:
    """Wait until a node believes that of another."""
    until_s = small.loop.time() + within_s
    while state(small, asked, about) not in states:
        assert small.loop.time() < until_s, f"{asked} believes that {about} is {state(small, asked, about)}"
        await asyncio.sleep(0.5)


async def all_alive(small: SmallWorld, within_s: float = 60) -> None:
    hosts = small.world.hosts
    for asked in hosts:
        for about in hosts:
            if about != asked:
                await become(small, within_s, asked, about, ALIVE)


def without_broker(small: SmallWorld) -> None:
    small.world.breakage.begin(small.fault(BrokerCrash, **BROKERLESS))


async def broken(small: SmallWorld, fault: Fault, then: Callable[[], Awaitable[None]]) -> None:
    mend = small.world.breakage.begin(fault)
    await then()
    await mend()


@pytest.mark.parametrize("has_broker", [True, False], ids=["broker", "no broker"])
def test_who_removes_a_dead_node_hears_from_the_broker_that_nothing_is_retained_of_it(
    tmp_path: Path, has_broker: bool
) -> None:
    """Or is told that it did not."""

    async def body(small: SmallWorld) -> None:
        await all_alive(small)

        async def then() -> None:
            await become(small, 300, A, C, DEAD)
            if not has_broker:
                without_broker(small)
                await asyncio.sleep(30)
            node = small.world.hosts[A].node
            assert node is not None
            removed = await remove_node(node, C)
            assert orjson.loads(removed.body)["cleared"] == has_broker

        await broken(small, small.fault(Crash, kind="crash", node=C), then)

    SmallWorld(tmp_path, THREE).play(body)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Crash, {"kind": "crash", "node": C}),
        (Pause, {"kind": "pause", "node": C}),
        (Partition, {"kind": "partition", "groups": [[A, B, "broker"], [C]]}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("has_broker", [True, False], ids=["broker", "no broker"])
def test_who_is_gone_is_suspected_and_dead_and_alive_again_when_it_is_back(
    tmp_path: Path, model: type[Fault], fields: dict[str, object], has_broker: bool
) -> None:
    """Killed, stopped, cut off; with gossip, and without."""

    async def body(small: SmallWorld) -> None:
        await all_alive(small)
        if not has_broker:
            without_broker(small)
            await asyncio.sleep(30)
            await all_alive(small)

        async def then() -> None:
            for asked in (A, B):
                await become(small, 60, asked, C, SUSPECT, DEAD)
                await become(small, 150, asked, C, DEAD)
            assert state(small, A, B) is ALIVE

        await broken(small, small.fault(model, **fields), then)
        await all_alive(small)

    SmallWorld(tmp_path, THREE).play(body)


def test_both_sides_of_a_partition_bury_each_other_and_come_back(tmp_path: Path) -> None:
    """Somebody has to ask the dead, or nobody ever would."""

    async def body(small: SmallWorld) -> None:
        without_broker(small)

        async def then() -> None:
            await become(small, 200, A, B, DEAD)
            await become(small, 200, B, A, DEAD)

        await broken(small, small.fault(Partition, kind="partition", groups=[[A], [B]]), then)
        await all_alive(small)

    SmallWorld(tmp_path).play(body)


def test_one_bad_link_is_no_death(tmp_path: Path) -> None:
    """Others reach it: that is what they are asked for."""

    async def body(small: SmallWorld) -> None:
        await all_alive(small)
        without_broker(small)

        async def then() -> None:
            for _ in range(200):
                await asyncio.sleep(1)
                assert state(small, A, C) is not DEAD
            await become(small, 30, A, C, ALIVE)

        await broken(small, small.fault(OneWay, **{"kind": "one_way", "from": [A], "to": [C]}), then)

    SmallWorld(tmp_path, THREE).play(body)


def test_a_broker_that_loses_a_node_makes_nobody_think_it_dead(tmp_path: Path) -> None:
    """A last will is a hint: the node is asked, and says that it lives."""

    async def body(small: SmallWorld) -> None:
        await all_alive(small)
        seen: list[NodeState] = []

        async def then() -> None:
            for _ in range(150):
                await asyncio.sleep(1)
                seen.append(state(small, A, B))

        cut = small.fault(Partition, kind="partition", groups=[[A, B], ["broker"]])
        await broken(small, cut, then)
        assert DEAD not in seen
        assert seen[-1] is ALIVE

    SmallWorld(tmp_path).play(body)


def test_forged_gossip_changes_no_state_for_long(tmp_path: Path) -> None:
    """P6: births and deaths that a stranger makes up lead to a question, and the answer counts."""

    async def body(small: SmallWorld) -> None:
        await broken(small, small.fault(GossipForge, kind="gossip_forge", per_s=20.0), lambda: asyncio.sleep(60))
        await all_alive(small, 30)
        for host in small.world.hosts.values():
            assert host.node is not None
            assert [node.epoch for node in host.node.view.nodes.values()] == [1]
            assert host.node.standing.refusal is None

    SmallWorld(tmp_path).play(body)


def test_an_idle_network_asks_little(tmp_path: Path) -> None:
    """One question per node and interval: the bound that an idle night is priced by."""

    async def body(small: SmallWorld) -> None:
        await all_alive(small)
        before = probes(small)
        await asyncio.sleep(1_000)
        assert 40 <= probes(small) - before <= 220

    SmallWorld(tmp_path).play(body)


def probes(small: SmallWorld) -> int:
    return sum(host.node.membership.prober.probes for host in small.world.hosts.values() if host.node is not None)
