"""A node that is set back to an old backup, and what others and it make of that; and that forged gossip does neither."""

import asyncio
from pathlib import Path

import orjson
import pytest

from nodes.domain.commands import Reserve
from nodes.gossip.reason import Reason, ReasonCode
from nodes.node import Node
from nodes.records import Answer
from nodes.request import ReadPoint, Request
from nodes.tidings import NodeState
from sim.scenario.faults import GossipForge, GossipLoss, Restore
from sim.worlds.virtual.host import Host
from tests.nodes.contracts.playing import until
from tests.sim.worlds.virtual.small_world import SmallWorld

MINUTE_MS = 60_000
OLD_S = 120


def played(folder: Path, body: object, *settings: str) -> None:
    SmallWorld(folder, "virtual.limits.attest_events=1", *settings).play(body)  # type: ignore[arg-type]


def hosts(small: SmallWorld) -> tuple[Host, Host]:
    one, other = small.world.hosts.values()
    return one, other


def running(host: Host) -> Node:
    assert host.node is not None
    return host.node


async def ask(small: SmallWorld, asked: Host, owner: Host, hour: int | None = None) -> Answer:
    """Read a point of the owner, or reserve it at that hour from now."""
    point_id = f"{owner.id}.{owner.entries[0][0]}"
    if hour is None:
        return await small.world.target.ask(asked.id, Request(point_id, ReadPoint()), 5_000)
    start_ms = owner.clock.now_ms() + hour * 60 * MINUTE_MS
    action = Reserve("ana", start_ms, start_ms + 30 * MINUTE_MS)
    return await small.world.target.ask(asked.id, Request(point_id, action, key=f"k{hour}"), 5_000)


def is_forked(answer: Answer) -> bool:
    return answer.status == 503 and orjson.loads(answer.body)["type"] == "urn:recarga:problem:forked"


async def set_back(small: SmallWorld, owner: Host) -> "asyncio.Task[None]":
    """Have the owner acknowledge something after a backup, and begin to run on the backup."""
    mend = small.world.breakage.begin(small.fault(Restore, kind="restore", node=owner.id, old_s=OLD_S))
    for hour in range(1, 4):
        assert (await ask(small, owner, owner, hour)).status == 201
    await asyncio.sleep(20)
    mending = asyncio.ensure_future(mend())
    await until(lambda: not owner.is_listening)
    await until(lambda: owner.is_listening)
    return mending


def test_it_refuses_everything_and_others_leave_it_alone_until_the_right_database_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Were it to serve, it would sell the same windows again."""

    async def body(small: SmallWorld) -> None:
        owner, other = hosts(small)
        mending = await set_back(small, owner)
        before = running(other).view.points[f"{owner.id}.{owner.entries[0][0]}"].witness
        assert "has seen epoch" in (running(owner).forked or "")
        assert is_forked(await ask(small, owner, owner)), "reads too: what it would tell is old"
        assert is_forked(await ask(small, owner, owner, 1))
        assert is_forked(await ask(small, other, owner, 1))
        known = running(other).view.nodes[owner.id]
        assert known.shown == (NodeState.FORKED, Reason(ReasonCode.OLD_HISTORY, detail="it says so itself"))
        assert running(other).view.points[f"{owner.id}.{owner.entries[0][0]}"].witness == before
        assert (await ask(small, other, other, 1)).status == 201, "the rest of the network goes on"
        await mending
        assert running(owner).forked is None
        point = running(owner).server.point(f"{owner.id}.{owner.entries[0][0]}")
        assert point is not None
        assert len(point.reservations) == 3, "what was acknowledged is there again"
        await until(lambda: known.shown[0] is NodeState.ALIVE)
        assert (await ask(small, other, owner, 5)).status == 201
        assert not running(other).view.is_stale(owner.id)

    played(tmp_path, body)
    assert [record.levelname for record in caplog.records if "old copy of its history" in record.message] == [
        "CRITICAL"
    ]


def test_it_serves_when_nobody_answers_and_refuses_as_soon_as_somebody_does(tmp_path: Path) -> None:
    """Availability first, as long as nobody can tell; then its own gossip, which the broker kept, makes it ask again."""

    async def body(small: SmallWorld) -> None:
        owner, other = hosts(small)
        mend = small.world.breakage.begin(small.fault(Restore, kind="restore", node=owner.id, old_s=OLD_S))
        for hour in range(1, 4):
            assert (await ask(small, owner, owner, hour)).status == 201
        await asyncio.sleep(20)
        other.pause()
        mending = asyncio.ensure_future(mend())
        await until(lambda: not owner.is_listening)
        await until(lambda: owner.is_listening)
        assert running(owner).forked is None
        other.resume()
        await until(lambda: running(owner).forked is not None, seconds=OLD_S)
        assert is_forked(await ask(small, owner, owner))
        await mending

    played(tmp_path, body)


def test_forged_gossip_stops_no_node_and_is_taken_back(tmp_path: Path) -> None:
    """Anybody may claim anything of anybody: nodes ask each other, and their views come right in two rounds."""

    async def body(small: SmallWorld) -> None:
        mends = [
            small.world.breakage.begin(small.fault(GossipForge, kind="gossip_forge", per_s=5)),
            small.world.breakage.begin(small.fault(GossipLoss, kind="gossip_loss", share=0.5)),
        ]
        one, other = hosts(small)
        for hour in range(1, 4):
            await ask(small, one, other, hour)
            await asyncio.sleep(20)
        for mend in mends:
            await mend()
        assert running(one).past.checks > 1
        await asyncio.sleep(25)
        for host in (one, other):
            for point_id, view in running(host).view.points.items():
                point = running(small.world.hosts[point_id.partition(".")[0]]).server.point(point_id)
                assert point is not None
                assert view.witness == (point.epoch, point.seq)
            assert running(host).forked is None
            assert {node.state for node in running(host).view.nodes.values()} == {NodeState.ALIVE}

    played(tmp_path, body)
