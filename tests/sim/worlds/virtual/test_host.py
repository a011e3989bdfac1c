"""A simulated machine: its process dies, stops, comes back; what a supervisor and a kernel do about it."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from nodes.domain.commands import Reserve
from nodes.request import Request
from sim.fleet.target import NoAnswerError, NotSentError
from sim.scenario.faults import (
    BrokerCrash,
    BrokerPause,
    ClockDrift,
    ClockJump,
    Crash,
    DiskFull,
    DiskSlow,
    GossipForge,
    GossipLoss,
    GossipRepeat,
    Loss,
    Partition,
    Pause,
)
from sim.worlds.virtual.broker import KEEPALIVE_S
from sim.worlds.virtual.host import Host
from tests.nodes.contracts.playing import until
from tests.sim.worlds.virtual.small_world import SmallWorld

HOUR_MS = 3_600_000
Body = Callable[[SmallWorld], Coroutine[Any, Any, None]]


def played(test: Body) -> Callable[[Path], None]:
    """Play a test in a small world of its own."""

    def run(tmp_path: Path) -> None:
        SmallWorld(tmp_path).play(test)

    run.__doc__, run.__name__ = test.__doc__, test.__name__
    return run


def first(small: SmallWorld) -> tuple[Host, str]:
    """Return a host, and one of its points."""
    host = next(iter(small.world.hosts.values()))
    return host, f"{host.id}.{host.entries[0][0]}"


async def reserve(small: SmallWorld, point_id: str, number: int, timeout_ms: int = 5_000) -> int | str:
    """Reserve an hour, and return the status, or what came instead of an answer."""
    host, _ = first(small)
    start_ms = (host.clock.now_ms() // HOUR_MS + number) * HOUR_MS  # the same for a repetition
    request = Request(point_id, Reserve("ana", start_ms, start_ms + HOUR_MS), key=f"k{number}")
    try:
        return (await small.world.target.ask(host.id, request, timeout_ms)).status
    except NotSentError:
        return "not sent"
    except NoAnswerError as error:
        return str(error)


@played
async def test_a_killed_node_is_gone_at_once_and_starts_again(small: SmallWorld) -> None:
    """Its process is no more: a broken connection, then refused ones. Its disk stays: the next life knows what was acknowledged."""
    host, point_id = first(small)
    assert await reserve(small, point_id, 1) == 201
    epoch = host.node.server.journal.epoch if host.node is not None else 0
    host.kill()
    assert (host.is_running, host.is_listening, host.node) == (False, False, None)
    assert [await reserve(small, point_id, 2) for _ in range(2)] == ["disconnected", "not sent"]
    host.start_later()
    await until(lambda: host.is_listening)
    assert host.starts == 2
    assert host.node is not None
    assert host.node.server.journal.epoch == epoch + 1
    assert await reserve(small, point_id, 1) == 201, "the same request has the same answer"
    assert await reserve(small, point_id, 3) == 201
    assert [node_id for node_id, _ in small.told] == [host.id]


@played
async def test_killing_what_is_dead_and_starting_what_runs_changes_nothing(small: SmallWorld) -> None:
    """Faults overlap, and each ends by itself."""
    host, _ = first(small)
    host.start_later()
    await asyncio.sleep(30)
    assert host.starts == 1
    host.kill()
    host.kill()
    host.start_later()
    host.start_later()
    await asyncio.sleep(30)
    assert host.starts == 2
    assert len(small.told) == 1


@played
async def test_what_is_kept_down_stays_down(small: SmallWorld) -> None:
    """Two crashes at a time: it comes back when the last one ends."""
    host, _ = first(small)
    breakage = small.world.breakage
    mends = [breakage.begin(small.fault(Crash, kind="crash", node=host.id)) for _ in range(2)]
    await mends[0]()
    await asyncio.sleep(60)
    assert not host.is_running
    await mends[1]()
    assert host.is_listening


@played
async def test_a_paused_node_answers_nothing_and_goes_on_where_it_was(small: SmallWorld) -> None:
    """Connections are taken by the kernel, and nothing moves; what came is done when it goes on."""
    host, point_id = first(small)
    host.pause()
    assert await reserve(small, point_id, 1, timeout_ms=1_000) == "timeout"
    assert host.is_listening
    host.resume()
    await asyncio.sleep(1)
    assert host.starts == 1
    assert await reserve(small, point_id, 1) == 201


@played
async def test_a_node_that_is_paused_for_long_is_taken_for_gone_and_comes_back(small: SmallWorld) -> None:
    """Its will is said; it goes on, finds its connection closed, and makes another one."""
    host, _ = first(small)
    other = list(small.world.hosts.values())[1]
    assert other.node is not None
    breakage = small.world.breakage
    mends = [breakage.begin(small.fault(Pause, kind="pause", node=host.id)) for _ in range(2)]
    await asyncio.sleep(KEEPALIVE_S / 2)
    assert host._bus is not None
    await asyncio.sleep(KEEPALIVE_S)
    await mends[0]()
    await asyncio.sleep(1)
    assert host._bus.connects == 1, "still paused by the other fault"
    await mends[1]()
    await until(lambda: host._bus is not None and host._bus.connects == 2)


@played
async def test_a_paused_node_can_be_killed(small: SmallWorld) -> None:
    """SIGKILL does not wait; the next life is not paused."""
    host, point_id = first(small)
    host.pause()
    host.kill()
    host.start_later()
    await until(lambda: host.is_listening)
    assert await reserve(small, point_id, 1) == 201
    host.resume()
    assert await reserve(small, point_id, 2) == 201


@played
async def test_a_node_whose_disk_is_full_stops_and_is_started_until_there_is_room(small: SmallWorld) -> None:
    """It never goes on with memory that the disk does not have; a supervisor tries again and again."""
    host, point_id = first(small)
    mend = small.world.breakage.begin(small.fault(DiskFull, kind="disk_full", node=host.id))
    assert await reserve(small, point_id, 1) != 201
    await until(lambda: not host.is_listening)
    await asyncio.sleep(30)
    assert host.starts > 3
    assert not host.is_listening
    await mend()
    await until(lambda: host.is_listening)
    assert await reserve(small, point_id, 1) == 201


def test_every_fault_mends_to_what_was_before(tmp_path: Path) -> None:
    """Two of each kind, the second begun while the first is at work: after the last mend nothing is left of them."""
    small = SmallWorld(tmp_path)

    def state() -> tuple[object, ...]:
        world = small.world
        return (
            list(world.network.faults),
            (world.broker.is_up, world.broker.loss_share, world.broker.repeat_share),
            [
                (host.disk.slowness, host.disk.is_full, host.is_kept_down, host.clock.now_ms())
                for host in world.hosts.values()
            ],
        )

    async def body(small: SmallWorld) -> None:
        host, point_id = first(small)
        faults = [
            small.fault(Loss, kind="loss", share=0.5),
            small.fault(Partition, kind="partition", groups=[["server1"], ["server2"]]),
            small.fault(DiskSlow, kind="disk_slow", node=host.id, factor=8),
            small.fault(ClockJump, kind="clock_jump", node=host.id, by_s=100),
            small.fault(ClockDrift, kind="clock_drift", node=host.id, ppm=900),
            small.fault(GossipLoss, kind="gossip_loss", share=0.5),
            small.fault(GossipRepeat, kind="gossip_repeat", share=0.25),
            small.fault(GossipForge, kind="gossip_forge", per_s=5),
            small.fault(BrokerPause, kind="broker_pause"),
            small.fault(BrokerCrash, kind="broker_crash"),
        ]
        before, begun_s = state(), small.loop.time()
        mends = [small.world.breakage.begin(fault) for fault in faults + faults]
        assert state() != before
        await asyncio.sleep(20)
        for mend in mends:
            await mend()
        passed_ms = round(1000 * (small.loop.time() - begun_s))
        network, broker, machines = before
        assert isinstance(machines, list)
        moved = [(slow, full, down, now_ms + passed_ms) for slow, full, down, now_ms in machines]
        assert state() == (network, broker, moved)
        await asyncio.sleep(30)
        assert await reserve(small, point_id, 1) == 201
        await small.world.settled(60)

    small.play(body)


@pytest.mark.parametrize("setting", ["virtual.through_api=false", "virtual.through_api=true"])
def test_both_doors_lead_to_the_same_node(tmp_path: Path, setting: str) -> None:
    """Straight in or through HTTP: the same answers, kept under the same keys, and gauges of what went by."""
    small = SmallWorld(tmp_path, setting)

    async def body(small: SmallWorld) -> None:
        host, point_id = first(small)
        other = list(small.world.hosts.values())[1]
        foreign = f"{other.id}.{other.entries[0][0]}"
        assert await reserve(small, point_id, 1) == 201
        assert await reserve(small, point_id, 1) == 201
        assert await reserve(small, foreign, 2) == 201, "handed on to its owner"
        assert await reserve(small, "server1.nowhere", 3) == 404
        view = await small.world.target.view(host.id, foreign, 1_000)
        assert view.status == 200
        host.kill()
        gauges = {gauge["name"]: gauge for gauge in small.told[-1][1]}
        assert gauges["points"]["value"] == len(host.entries)
        assert gauges["view_points"]["value"] == len(other.entries)
        assert all(0 <= gauge["value"] <= gauge["bound"] for gauge in gauges.values())

    small.play(body)
