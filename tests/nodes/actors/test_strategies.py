"""The other ways to keep requests for one point apart: what each grants, refuses, and makes wait."""

import asyncio
from dataclasses import dataclass, field

import pytest

from nodes.actors.server import Server
from nodes.config import Limits, NodeConfig, Strategy
from nodes.domain.commands import Cancel, ChangePoint, Command, CreatePoint, Reserve
from nodes.domain.point import Location, PointSpec
from nodes.errors import PointBusy
from nodes.records import Answer, Stamped
from nodes.request import ReadPoint, Request
from tests.nodes.gated_store import GatedStore
from tests.nodes.manual_clock import ManualClock, settle

POINT = "server1.a"
MINUTE = 60_000
STUDIED = (Strategy.ROW_LOCK, Strategy.OPTIMISTIC)


@dataclass
class Bench:
    """A server of some strategy with a point, and a disk that the test controls."""

    strategy: Strategy
    limits: Limits = field(default_factory=Limits)
    clock: ManualClock = field(default_factory=ManualClock)
    store: GatedStore = field(default_factory=GatedStore)
    durable: list[Stamped] = field(default_factory=list)

    async def start(self) -> "Bench":
        config = NodeConfig("server1", limits=self.limits, strategy=self.strategy)
        self.server = Server(
            config, self.clock, self.store, on_durable=self.durable.extend, on_time=lambda _: None, on_failed=print
        )
        assert (await self.ask(CreatePoint(PointSpec("A", Location(), 22_000, None, 100)))).status == 201
        return self

    def ask(self, action: Command | ReadPoint, key: str | None = None) -> "asyncio.Task[Answer]":
        return asyncio.create_task(self.server.handle(Request(POINT, action, key)))

    def reserve(self, minute: int, driver: str, key: str | None = None) -> "asyncio.Task[Answer]":
        start_ms = self.clock.now_ms() + minute * MINUTE
        return self.ask(Reserve(driver, start_ms, start_ms + 30 * MINUTE), key)

    @property
    def reserved(self) -> int:
        return sum(1 for each in self.durable if each.event.type == "reservation.reserved")


@pytest.mark.parametrize("strategy", Strategy)
async def test_of_many_who_want_one_window_one_gets_it(strategy: Strategy) -> None:
    """P1, whatever keeps them apart."""
    bench = await Bench(strategy).start()
    asked = [bench.reserve(60, f"driver-{number}") for number in range(8)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    granted = [each for each in outcomes if isinstance(each, Answer) and each.status == 201]
    assert (len(granted), bench.reserved) == (1, 1)


@pytest.mark.parametrize("strategy", STUDIED)
async def test_nothing_is_acknowledged_before_it_is_on_disk(strategy: Strategy) -> None:
    """P2: a transaction's answer comes after its commit."""
    bench = await Bench(strategy).start()
    bench.store.hold = True
    asked = bench.reserve(60, "ana")
    await settle()
    assert not asked.done()
    bench.store.release()
    assert (await asked).status == 201


@pytest.mark.parametrize("strategy", STUDIED)
async def test_a_repeated_request_has_one_effect(strategy: Strategy) -> None:
    """P4: also when the first is still on its way to the disk."""
    bench = await Bench(strategy).start()
    first = await bench.reserve(60, "ana", "k")
    assert (await bench.reserve(60, "ana", "k")) == first
    assert bench.reserved == 1


async def test_who_finds_the_row_locked_is_refused_though_its_window_is_free() -> None:
    """SKIP LOCKED: nobody waits, and a free window is not sold."""
    bench = await Bench(Strategy.ROW_LOCK).start()
    bench.store.hold = True
    first = bench.reserve(60, "ana")
    await settle()
    with pytest.raises(PointBusy, match=r"another transaction holds the row of server1\.a"):
        await bench.reserve(600, "rui")
    bench.store.release()
    assert (await first).status == 201
    assert (await bench.reserve(600, "rui")).status == 201, "the lock went with the commit"


async def test_what_is_no_reservation_waits_for_the_lock() -> None:
    """Else what was read under the lock would not be what is written upon."""
    bench = await Bench(Strategy.ROW_LOCK).start()
    bench.store.hold = True
    first = bench.reserve(60, "ana")
    await settle()
    changed = bench.ask(ChangePoint(maintenance=True))
    await settle()
    assert bench.server.points()[0].maintenance is False
    bench.store.release()
    assert (await first).status == 201
    assert (await changed).status == 200


async def test_a_caller_who_leaves_leaves_no_lock_behind() -> None:
    """The point would be busy for ever."""
    bench = await Bench(Strategy.ROW_LOCK).start()
    bench.store.hold = True
    first = bench.reserve(60, "ana")
    await settle()
    first.cancel()
    await settle()
    bench.store.release()
    assert (await bench.reserve(600, "rui")).status == 201


async def test_who_was_overtaken_reads_again_and_gets_a_window_that_is_free() -> None:
    """A version check refuses nothing that could be had, as long as it is tried again."""
    bench = await Bench(Strategy.OPTIMISTIC).start()
    bench.store.hold = True
    first = bench.reserve(60, "ana")
    await settle()
    second = bench.reserve(600, "rui")
    await settle()
    assert not second.done()
    assert len(bench.server.points()[0].reservations) == 1, "it waits for the other's commit"
    bench.store.release()
    assert [(await each).status for each in (first, second)] == [201, 201]


async def test_who_is_overtaken_too_often_is_refused() -> None:
    """P10: no loop without a bound."""
    bench = await Bench(Strategy.OPTIMISTIC, Limits(optimistic_tries=1)).start()
    bench.store.hold = True
    first = bench.reserve(60, "ana")
    await settle()
    second = bench.reserve(600, "rui")
    await settle()
    bench.store.release()
    with pytest.raises(PointBusy, match=r"server1\.a has changed 1 times while this request read it"):
        await second
    assert (await first).status == 201


@pytest.mark.parametrize("strategy", Strategy)
async def test_what_is_given_back_can_be_had_again(strategy: Strategy) -> None:
    """Cancelling goes through the mailbox and changes the version that others have read."""
    bench = await Bench(strategy).start()
    held = await bench.reserve(60, "ana")
    assert held.location is not None
    assert (await bench.ask(Cancel(held.location.rpartition("/")[2]))).status == 200
    assert (await bench.reserve(60, "rui")).status == 201
