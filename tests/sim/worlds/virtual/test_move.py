"""A node that has moved to another machine, and its old process, which does not know and goes on."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from nodes.domain.commands import CommitStop, PrepareStop, Reserve
from nodes.domain.reservation import ReservationStatus
from nodes.errors import RequestError
from nodes.node import Node
from nodes.records import Answer
from nodes.request import Request
from nodes.trips.words import slug_of
from sim.fleet.target import NoAnswerError
from sim.scenario.faults import Crash, DiskSlow, GossipForge, Move, Pause
from sim.worlds.virtual.broker import KEEPALIVE_S
from sim.worlds.virtual.host import Host
from sim.worlds.virtual.left_machine import LeftMachine
from tests.nodes.contracts.playing import until
from tests.sim.worlds.virtual.small_world import SmallWorld

HOUR_MS = 3_600_000
MOVER, A, B, C = "server1", "server2", "server3", "server4"
OLD_S = 40
Body = Callable[[SmallWorld], Coroutine[Any, Any, None]]
WORLD = ("network.nodes=4", "faults=[{at_s: 0, kind: move, node: server1}]")


def played(test: Body) -> Callable[[Path], None]:
    """Play a test in a world of four nodes of its own. No operator gives the others the address of the first."""

    def run(tmp_path: Path) -> None:
        SmallWorld(tmp_path, *WORLD).play(test)

    run.__doc__, run.__name__ = test.__doc__, test.__name__
    return run


class Moving:
    """A move of the first node that has begun."""

    def __init__(self, small: SmallWorld, **fields: Any) -> None:
        self.small = small
        self.old = small.world.hosts[MOVER]
        self.past = running(self.old)
        fault = small.fault(Move, kind="move", node=MOVER, old_s=OLD_S, **fields)
        self._mend = small.world.breakage.begin(fault)

    @property
    def new(self) -> Host:
        return self.small.world.hosts[MOVER]

    async def known(self) -> None:
        """Wait until every other node has met the new process."""
        await until(lambda: self.new.is_listening)
        others = [running(self.small.world.hosts[node_id]) for node_id in (A, B, C)]
        await until(lambda: all(node.membership.met(MOVER) == 2 for node in others), seconds=60)

    async def bring_back(self) -> "asyncio.Task[None]":
        """Give the old machine its network back; what is returned is done when its process has been ended."""
        mending = asyncio.ensure_future(self._mend())
        await asyncio.sleep(0.001)
        return mending


def running(host: Host) -> Node:
    assert host.node is not None
    return host.node


def point_of(small: SmallWorld, node_id: str) -> str:
    return f"{node_id}.{small.world.hosts[node_id].entries[0][0]}"


def wish(small: SmallWorld, hour: int, node_id: str = MOVER) -> Request:
    start_ms = (small.world.hosts[A].clock.now_ms() // HOUR_MS + hour) * HOUR_MS
    return Request(point_of(small, node_id), Reserve("ana", start_ms, start_ms + HOUR_MS), key=f"k{hour}")


async def ask(small: SmallWorld, via: str, request: Request) -> Answer:
    return await small.world.target.ask(via, request, 5_000)


def version(node: Node, point_id: str) -> tuple[int, int]:
    point = node.server.point(point_id)
    assert point is not None
    return point.epoch, point.seq


@played
async def test_what_was_acknowledged_moves_along_and_clients_find_it_there(small: SmallWorld) -> None:
    """Under another address, which nobody but the vehicles was told."""
    asked = [wish(small, hour) for hour in (1, 2, 3)]
    before = [await ask(small, A, request) for request in asked]
    assert [answer.status for answer in before] == [201] * 3
    moving = Moving(small)
    await moving.known()
    assert moving.new.url != moving.old.url
    again = [await ask(small, via, request) for via, request in zip((MOVER, A, B), asked, strict=True)]
    assert [answer.body for answer in again] == [answer.body for answer in before]
    assert (await ask(small, C, wish(small, 4))).status == 201
    assert running(moving.new).server.epoch == 2
    for node_id in (A, B, C):
        assert running(small.world.hosts[node_id]).view.nodes[MOVER].url == moving.new.url


@played
async def test_the_old_process_goes_on_alone_and_nobody_believes_it_afterwards(small: SmallWorld) -> None:
    """It acts on its own disk, tells of it when it can, asks, is refused, learns what it is, and is silent."""
    point_id = point_of(small, MOVER)
    await ask(small, MOVER, wish(small, 1))
    moving = Moving(small)
    for hour in (2, 3, 4):
        assert (await moving.past.handle(wish(small, hour))).status == 201, "to itself it is the owner"
    with pytest.raises(RequestError):
        await moving.past.handle(wish(small, 1, A))
    await moving.known()
    assert (await ask(small, MOVER, wish(small, 2))).status == 201, "its windows are as they were when it left"
    await asyncio.sleep(2)  # for gossip
    assert moving.past.standing.refusal is None
    seen: list[tuple[int, int]] = []
    probes, written = moving.past.membership.prober.probes, moving.past.server.journal.ver
    ended = await moving.bring_back()
    while not ended.done():
        seen += [running(small.world.hosts[node_id]).view.points[point_id].witness for node_id in (A, B, C)]
        await asyncio.sleep(0.1)
    assert set(seen) == {version(running(moving.new), point_id)}, "no view went back, nor ahead to what was lost"
    assert moving.past.membership.prober.probes > probes, "it has asked who is there"
    assert moving.past.server.journal.ver == written > running(moving.new).server.journal.ver
    assert "runs elsewhere at epoch 2" in str(moving.past.standing.refusal)
    assert not moving.old.is_running
    assert running(moving.new).standing.refusal is running(moving.new).forked is None


@played
async def test_what_the_old_process_hands_on_changes_nothing(small: SmallWorld) -> None:
    """A booking, and the commit of a trip that the new process, which has no record of it, has given up."""
    trip_id = "server1.t1-1"
    start_ms = small.world.hosts[A].clock.now_ms() + HOUR_MS
    promise = PrepareStop(trip_id, 0, "ana", start_ms, start_ms + HOUR_MS)
    prepared = await running(small.world.hosts[MOVER]).handle(
        Request(point_of(small, B), promise, key=f"{trip_id}/0.0")
    )
    stop_id = orjson.loads(prepared.body)["id"]
    moving = Moving(small)
    await moving.known()
    point = running(small.world.hosts[B]).server.point(point_of(small, B))
    assert point is not None
    await until(lambda: point.in_doubt == {}, seconds=60)
    ended = await moving.bring_back()
    for late in (wish(small, 1, A), Request(stop_id.rpartition(".")[0], CommitStop(stop_id, trip_id))):
        answer = await moving.past.settle(moving.past.handle(late))
        assert (answer.status, slug_of(answer)) == (503, "superseded")
    stops = await running(small.world.hosts[B]).store.find_stops(trip_id)
    assert [stop.status for stop in stops] == [ReservationStatus.REJECTED]
    assert version(running(small.world.hosts[A]), point_of(small, A))[1] == 1, "the point's creation, and nothing since"
    await until(lambda: moving.past.standing.refusal is not None)
    await ended


@played
async def test_what_is_under_way_at_the_move_is_never_answered(small: SmallWorld) -> None:
    """It may be in the copy or not: whoever asked asks again, and is told the same as everybody."""
    small.world.breakage.begin(small.fault(DiskSlow, kind="disk_slow", node=MOVER, factor=500))
    asking = [asyncio.ensure_future(ask(small, MOVER, wish(small, hour))) for hour in (1, 2, 3)]
    await until(lambda: small.world.hosts[MOVER].disk.is_writing)
    moving = Moving(small)
    for waiting in asking:
        with pytest.raises(NoAnswerError, match="timeout"):
            await waiting
    assert moving.past.server.journal.durable_ver > 1, "the old disk has it"
    assert sum(count for fate, count in moving.new.disk.counts.items() if fate.startswith("copy_")) == 1
    await moving.known()
    for hour in (1, 2, 3):
        assert (await ask(small, A, wish(small, hour))).status == 201
    await (await moving.bring_back())
    assert len(_reservations(running(moving.new), point_of(small, MOVER))) == 3


@played
async def test_a_stopped_process_wakes_up_into_the_past(small: SmallWorld) -> None:
    """Nothing told it that time went by."""
    moving = Moving(small, paused=True)
    probes = moving.past.membership.prober.probes
    await moving.known()
    await asyncio.sleep(2 * KEEPALIVE_S)
    assert moving.past.membership.prober.probes == probes
    ended = await moving.bring_back()
    await until(lambda: moving.past.standing.refusal is not None, seconds=OLD_S)
    await ended


@played
async def test_who_has_not_met_the_new_process_does_not_speak_with_the_old_one(small: SmallWorld) -> None:
    """Neither could know better: that is a limit of the protocol, and of the fault."""
    pause = small.world.breakage.begin(small.fault(Pause, kind="pause", node=C))
    moving = Moving(small)
    others = [running(small.world.hosts[node_id]) for node_id in (A, B)]
    await until(lambda: all(node.membership.met(MOVER) == 2 for node in others), seconds=60)
    ended = await moving.bring_back()
    cut = small.world.network.cuts[0]
    assert [cut.cuts(MOVER, other) for other in (A, B, C, "broker", "vehicles")] == [False, False, True, False, True]
    assert [cut.cuts(other, MOVER) for other in (A, C)] == [False, True]
    assert not cut.cuts(moving.new.machine, C)
    assert small.world.network.is_cut(C, MOVER)
    await pause()
    await until(lambda: not cut.cuts(MOVER, C), seconds=60)
    await ended
    assert small.world.network.cuts == []


@played
async def test_a_node_that_is_down_leaves_no_process_behind(small: SmallWorld) -> None:
    """Its disk is carried over; nobody lives on. Whatever brings a node up again brings up the new one."""
    await ask(small, MOVER, wish(small, 1))
    crash = small.world.breakage.begin(small.fault(Crash, kind="crash", node=MOVER))
    old = small.world.hosts[MOVER]
    mend = small.world.breakage.begin(small.fault(Move, kind="move", node=MOVER, old_s=1))
    await crash()
    await until(lambda: small.world.hosts[MOVER].is_listening)
    await mend()
    assert not old.is_running
    assert small.world.hosts[MOVER] is not old
    assert (await ask(small, A, wish(small, 1))).status == 201
    assert len(_reservations(running(small.world.hosts[MOVER]), point_of(small, MOVER))) == 1


@played
async def test_it_may_move_again_and_gossip_may_be_forged_meanwhile(small: SmallWorld) -> None:
    """Two old processes and a stranger; in the end everybody finds the third machine."""
    forging = small.world.breakage.begin(small.fault(GossipForge, kind="gossip_forge", per_s=2))
    first = Moving(small)
    await first.known()
    ended = await first.bring_back()
    second = small.world.breakage.begin(small.fault(Move, kind="move", node=MOVER, old_s=OLD_S))
    await until(lambda: small.world.hosts[MOVER].is_listening)
    await asyncio.sleep(30)
    await asyncio.gather(ended, second())
    await forging()
    host = small.world.hosts[MOVER]
    assert (host.machine, running(host).server.epoch) == ("server1~3", 3)
    others = [running(small.world.hosts[node_id]) for node_id in (A, B, C)]
    await until(lambda: all(node.view.nodes[MOVER].url == host.url for node in others), seconds=120)
    await until(lambda: not any(node.view.is_stale(MOVER) for node in others), seconds=120)
    assert (await ask(small, B, wish(small, 5))).status == 201


def test_whoever_still_looks_under_a_name_at_the_old_machine_is_refused_there(tmp_path: Path) -> None:
    """Operators gave the name, and it leads elsewhere now; what the old process acknowledged would be lost."""

    async def body(small: SmallWorld) -> None:
        moving = Moving(small, address="kept")
        assert moving.new.url == moving.old.url
        assert running(small.world.hosts[A]).view.nodes[MOVER].is_configured
        await moving.known()
        moving.past.membership.prober.fall_silent()  # it shall not find out by itself
        written = moving.past.server.journal.ver
        ended = await moving.bring_back()
        told = [(await ask(small, (A, B, C)[hour % 3], wish(small, hour))).status for hour in range(1, 25)]
        assert set(told) == {201, 503}, "some looked here, some there"
        assert moving.past.server.journal.ver == written
        await ended
        assert [(await ask(small, A, wish(small, hour))).status for hour in range(1, 25)] == [201] * 24
        assert len(_reservations(running(moving.new), point_of(small, MOVER))) == 24

    SmallWorld(tmp_path, "network.nodes=4").play(body)


def test_the_new_machines_database_is_the_evidence(tmp_path: Path) -> None:
    """The audit looks for it where any node's is; what the old process wrote is nobody's."""

    async def body(small: SmallWorld) -> None:
        moving = Moving(small)
        assert (await moving.past.handle(wish(small, 1))).status == 201
        await moving.known()
        assert (await ask(small, MOVER, wish(small, 2))).status == 201
        await (await moving.bring_back())

    SmallWorld(tmp_path, *WORLD).play(body)
    folder = tmp_path / "nodes"
    assert sorted(path.name for path in folder.iterdir() if path.suffix != ".lock") == [
        f"{node_id}.db" for node_id in (MOVER, A, B, C)
    ]
    with closing(sqlite3.connect(folder / f"{MOVER}.db")) as database:
        assert database.execute("SELECT epoch FROM node").fetchall() == [(2,)]
        assert database.execute("SELECT idempotency_key FROM reservation").fetchall() == [("k2",)]


def test_a_left_machine_reaches_itself() -> None:
    """A process may talk to its own machine, whoever else it is cut off from."""
    cut = LeftMachine("server1", lambda machine: machine == "server2")
    assert not cut.cuts("server1", "server1")
    assert cut.cuts("server1", "server2")
    assert cut.cuts("broker", "server1")
    cut.is_back = True
    assert not cut.cuts("server1", "server2")
    assert cut.cuts("server1", "server1~2")


def _reservations(node: Node, point_id: str) -> list[str]:
    point = node.server.point(point_id)
    assert point is not None
    return [str(reservation_id) for reservation_id in point.reservations]
