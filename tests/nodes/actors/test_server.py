"""The server actor under a disk that the test controls: what may be answered when."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field, replace

import orjson
import pytest

from nodes.actors.server import Server
from nodes.config import Limits, NodeConfig
from nodes.domain.commands import (
    Cancel,
    ChangePoint,
    Command,
    CreatePoint,
    Meter,
    PlugIn,
    Reserve,
    StartReservation,
    Stop,
)
from nodes.domain.point import Location, PointSpec
from nodes.errors import DeadlineExceeded, Draining, NodeBusy, PointBusy, StoreFailed
from nodes.records import Answer, Kept, Stamped, Timing
from nodes.request import Query, ReadPoint, ReadReservation, Request
from tests.nodes.gated_store import Disk, GatedStore
from tests.nodes.manual_clock import ManualClock, settle

POINT = "server1.a"
SPEC = PointSpec("A", Location(), 22_000, None, 100)
MINUTE = 60_000


@dataclass
class Bench:
    """A server with its clock and its disk."""

    clock: ManualClock
    store: GatedStore
    server: Server
    durable: list[Stamped] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    def ask(self, action: Command | Query, key: str | None = None, **more: object) -> "asyncio.Task[Answer]":
        request = replace(Request(POINT, action, key), **more)  # type: ignore[arg-type]
        return asyncio.create_task(self.server.handle(request))

    def reserve(self, minute: int, key: str | None = None, driver: str = "ana") -> "asyncio.Task[Answer]":
        start_ms = self.clock.now_ms() + minute * MINUTE
        return self.ask(Reserve(driver, start_ms, start_ms + 30 * MINUTE), key)


def start(clock: ManualClock, disk: Disk | None = None, limits: Limits | None = None) -> Bench:
    store = GatedStore(disk)
    durable: list[Stamped] = []
    failures: list[Exception] = []
    config = NodeConfig("server1", limits=limits or Limits())
    server = Server(config, clock, store, on_durable=durable.extend, on_time=lambda _: None, on_failed=failures.append)
    return Bench(clock, store, server, durable, failures)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = start(ManualClock())
    answer = await made.ask(CreatePoint(SPEC))
    assert answer.status == 201
    yield made


async def body(answer: Awaitable[Answer]) -> dict[str, object]:
    data: dict[str, object] = orjson.loads((await answer).body)
    return data


async def test_no_answer_leaves_before_its_fact_is_on_disk(bench: Bench) -> None:
    """P2: an acknowledged reservation must survive a crash one instant later."""
    bench.store.hold = True
    asked = bench.reserve(60)
    await settle()
    assert not asked.done()
    bench.store.release()
    assert (await asked).status == 201


async def test_a_repeated_request_waits_for_the_first_ones_fsync(bench: Bench) -> None:
    """P2 and P4: the repeat would otherwise acknowledge what a crash can still undo."""
    bench.store.hold = True
    first = bench.reserve(60, key="k")
    await settle()
    repeat = bench.reserve(60, key="k")
    await settle()
    assert not repeat.done()
    bench.store.release()
    assert await first == await repeat
    assert len([event for event in bench.durable if event.event.type == "reservation.reserved"]) == 1


async def test_a_refusal_waits_for_the_change_that_it_saw(bench: Bench) -> None:
    """P5: to be told of a reservation that a crash then undoes is a history nobody can explain."""
    bench.store.hold = True
    first = bench.reserve(60)
    await settle()
    refused = bench.reserve(60, driver="rui")
    read = bench.ask(ReadPoint())
    await settle()
    assert not refused.done()
    assert not read.done()
    bench.store.release()
    assert (await first).status == 201
    assert (await refused).status == 409


async def test_a_refusal_under_a_key_is_kept_and_repeated_after_a_restart(bench: Bench) -> None:
    """P4: the same key has the same answer, also when that answer was no."""
    await bench.reserve(60, key="first")
    refused = await bench.reserve(60, key="second", driver="rui")
    await bench.ask(Cancel((await body(bench.ask(ReadPoint())))["id"]))  # type: ignore[arg-type]
    again = start(bench.clock, bench.store.disk)
    repeat = await again.reserve(60, key="second", driver="rui")
    assert refused.status == 409
    assert (repeat.status, repeat.body) == (refused.status, refused.body)


async def test_a_key_used_for_another_request_is_refused(bench: Bench) -> None:
    """P4: a client that mixes up its keys must not get somebody else's answer."""
    await bench.reserve(60, key="k")
    other = await bench.reserve(120, key="k")
    assert other.status == 422
    assert b"idempotency-key-reused" in other.body


async def test_a_key_expires_by_the_published_policy(bench: Bench) -> None:
    """Keys are remembered for a day, not for ever: memory and disk are bounded."""
    first = await bench.ask(ChangePoint(price_per_kwh_minor=5), key="k")
    await bench.clock.advance(86_399)
    assert await bench.ask(ChangePoint(price_per_kwh_minor=5), key="k") == first
    await bench.clock.advance(2)
    later = await bench.ask(ChangePoint(price_per_kwh_minor=6), key="k")
    assert later.status == 200
    assert b'"price_per_kwh_minor":6' in later.body


@pytest.mark.parametrize("evicted", [False, True])
async def test_an_answer_that_left_memory_is_found_on_disk(evicted: bool) -> None:
    """P4 does not depend on how many requests came in between."""
    bench = start(ManualClock(), limits=Limits(answers_recent=3 if evicted else 1000))
    await bench.ask(CreatePoint(SPEC))
    first = await bench.reserve(60, key="k")
    for number in range(8):
        await bench.reserve(600 + 60 * number, key=f"other-{number}")
    assert (len(bench.server.answers) <= 3) is evicted
    assert (await bench.reserve(60, key="k")).body == first.body


async def test_keys_beyond_the_known_ones_are_looked_up_each_time() -> None:
    """More keys than memory may hold make it slower, never wrong."""
    bench = start(ManualClock(), limits=Limits(answers_recent=1, keys_known=4))
    await bench.ask(CreatePoint(SPEC))
    first = [await bench.reserve(60 * (n + 1), key=f"k{n}") for n in range(12)]
    again = [await bench.reserve(60 * (n + 1), key=f"k{n}") for n in range(12)]
    assert [answer.body for answer in again] == [answer.body for answer in first]


async def test_an_answer_evicted_between_lookup_and_turn_is_looked_up_again() -> None:
    """The interleaving that a plain cache in front of a table gets wrong."""
    bench = start(ManualClock(), limits=Limits(answers_recent=1))
    await bench.ask(CreatePoint(SPEC))
    bench.store.hold = True
    first = bench.reserve(60, key="k")
    await settle()
    repeat = bench.reserve(60, key="k")  # in memory now, so it is not looked up on disk
    bench.store.release()
    others = [bench.reserve(600 + 60 * n, key=f"o{n}") for n in range(5)]
    await asyncio.gather(first, repeat, *others)
    assert first.result() == repeat.result()
    assert sum(event.event.type == "reservation.reserved" for event in bench.durable) == 6


async def test_when_the_disk_fails_nothing_is_acknowledged_any_more(bench: Bench) -> None:
    """The node stops; it never goes on with memory that disk does not have."""
    bench.store.hold = True
    waiting = [bench.reserve(60), bench.reserve(120)]
    await settle()
    bench.store.fail(StoreFailed("disk", "gone"))
    for task in waiting:
        with pytest.raises(StoreFailed):
            await task
    with pytest.raises(StoreFailed):
        await bench.reserve(180)
    with pytest.raises(StoreFailed):
        await bench.ask(ReadPoint())
    assert len(bench.failures) == 1


async def test_a_mistake_of_ours_stops_the_node_instead_of_the_point(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half-applied memory must not be answered on."""
    monkeypatch.setattr("nodes.actors.point_actor.apply", lambda *_: 1 / 0)
    seen: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context))
    with pytest.raises(StoreFailed):
        await bench.reserve(60)
    assert len(bench.failures) == 1
    assert isinstance(seen[0]["exception"], ZeroDivisionError)


async def test_a_full_mailbox_refuses_with_429(bench: Bench) -> None:
    """P10: one hot point must not eat the node's memory."""
    tasks = [bench.ask(ReadPoint()) for _ in range(bench.server.config.limits.mailbox_capacity + 5)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [result for result in results if isinstance(result, PointBusy)]
    assert len(refused) == 5
    assert all(error.retry_after_s >= 1 for error in refused)


async def test_a_disk_that_is_behind_fills_bounded_queues_and_then_refuses() -> None:
    """P10: with the disk held, memory stops growing; what is refused was never begun."""
    limits = Limits(segment_records=4, mailbox_capacity=8, requests_max=20)
    bench = start(ManualClock(), limits=limits)
    await bench.ask(CreatePoint(SPEC))
    bench.store.hold = True
    tasks = [bench.reserve(60 * n) for n in range(1, 40)]
    await settle()
    assert bench.server.journal.depth <= 2 * limits.segment_records
    refused = [task for task in tasks if task.done()]
    assert refused
    assert all(isinstance(task.exception(), NodeBusy | PointBusy) for task in refused)
    bench.store.release()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    accepted = [answer for answer in done if isinstance(answer, Answer)]
    assert len(accepted) == len(tasks) - len(refused)
    assert len(bench.server.actors[POINT].point.reservations) == len(accepted)


async def test_a_wait_that_expired_and_is_then_given_up_leaves_no_error_behind() -> None:
    """A slow look into the store outlives the deadline, then the caller goes: nobody is left to read the reply's error."""
    unread: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unread.append(context["message"]))
    slow = start(ManualClock(), Disk(answers={"used": Kept("used", "", Answer(201, b""), 0)}))
    await slow.ask(CreatePoint(SPEC))
    looking = asyncio.Event()

    async def find_answer(_key: str) -> Kept | None:
        await looking.wait()
        return None

    slow.store.find_answer = find_answer  # type: ignore[method-assign]
    asked = slow.reserve(60, "used")
    await settle()
    await slow.clock.advance(6)
    asked.cancel()
    await settle()
    assert asked.cancelled()
    del asked
    gc.collect()
    await settle()
    assert not unread


async def test_a_command_whose_time_ran_out_in_the_mailbox_never_takes_effect() -> None:
    """The caller is told that nothing was done, so nothing may be done."""
    bench = start(ManualClock(), limits=Limits(segment_records=1))
    await bench.ask(CreatePoint(SPEC))
    bench.store.hold = True
    first, second, third = (bench.reserve(60 * n) for n in (1, 2, 3))
    await settle()
    await bench.clock.advance(6)
    with pytest.raises(DeadlineExceeded) as late:
        await third
    assert not late.value.started
    bench.store.release()
    await asyncio.gather(first, second, return_exceptions=True)
    await settle()
    assert len(bench.server.actors[POINT].point.reservations) <= 2


async def test_a_command_whose_time_ran_out_at_the_disk_has_an_unknown_outcome(bench: Bench) -> None:
    """It may take effect: the caller must ask again with the same key, and finds it."""
    bench.store.hold = True
    asked = bench.reserve(60, key="k")
    await settle()
    await bench.clock.advance(6)
    with pytest.raises(DeadlineExceeded) as late:
        await asked
    assert late.value.started
    bench.store.release()
    await settle()
    assert (await bench.reserve(60 - 0, key="k")).status in (201, 422)


async def test_to_cancel_again_is_no_mistake_even_before_the_first_is_on_disk(bench: Bench) -> None:
    """A driver who taps twice gets what they wanted, twice; and not before it is durable."""
    reserved = await body(bench.reserve(60))
    bench.store.hold = True
    first = bench.ask(Cancel(str(reserved["id"])))
    await settle()
    second = bench.ask(Cancel(str(reserved["id"])))
    await settle()
    assert not second.done()
    bench.store.release()
    assert (await first).status == (await second).status == 200
    third = await bench.ask(Cancel(str(reserved["id"])))
    assert orjson.loads(third.body)["status"] == "CANCELED"


async def test_what_is_over_is_told_from_the_store(bench: Bench) -> None:
    """Memory holds only what is in force; a driver still wants to see last week's bill."""
    session = await body(bench.ask(PlugIn("ana")))
    await bench.clock.advance(3600)
    await bench.ask(Meter(str(session["id"]), 5_000))
    await bench.ask(Stop(str(session["id"]), 9_000))
    assert not bench.server.actors[POINT].point.reservations
    reservation = await body(bench.ask(ReadReservation(str(session["reservation_id"]))))
    assert reservation["status"] == "FULFILLED"
    again = await body(bench.ask(Stop(str(session["id"]), 9_000)))
    assert (again["status"], again["cost_minor"]) == ("COMPLETED", 900)
    late = await bench.ask(Meter(str(session["id"]), 9_500))
    assert b"session-over" in late.body


async def test_anothers_reservation_is_not_confirmed_to_exist(bench: Bench) -> None:
    """Where a driver is named, other drivers' reservations are unknown, in force or over."""
    reserved = await body(bench.reserve(60))
    stranger = await bench.ask(Cancel(str(reserved["id"]), "rui"))
    assert stranger.status == 404
    await bench.ask(Cancel(str(reserved["id"]), "ana"))
    assert (await bench.ask(Cancel(str(reserved["id"]), "rui"))).status == 404


async def test_a_no_show_is_released_by_time_alone(bench: Bench) -> None:
    """P8: nobody has to ask for the point to become free."""
    reserved = await body(bench.reserve(10))
    await bench.clock.advance(10 * 60 + 900)
    assert not bench.server.actors[POINT].point.reservations
    told = await body(bench.ask(ReadReservation(str(reserved["id"]))))
    assert told["status"] == "NO_SHOW"
    assert told["released_ms"] == int(str(reserved["start_ms"])) + 900_000


async def test_an_idle_node_sets_no_timers(bench: Bench) -> None:
    """No periodic work where nothing can change: virtual time must not crawl through idle nights."""
    assert len(bench.server.alarms) == 0
    reserved = await body(bench.reserve(60))
    assert len(bench.server.alarms) == 1
    await bench.ask(Cancel(str(reserved["id"])))
    assert len(bench.server.alarms) == 0


async def test_if_match_acts_only_on_what_was_seen(bench: Bench) -> None:
    """An operator must not overwrite a change that they have not seen."""
    seen = (await bench.ask(ReadPoint())).witness
    changed = await bench.ask(ChangePoint(maintenance=True), if_match=seen)
    assert changed.status == 200
    late = await bench.ask(ChangePoint(maintenance=False), if_match=seen)
    assert late.status == 412
    assert late.witness == changed.witness


async def test_a_draining_node_finishes_what_it_has_and_takes_nothing_new(bench: Bench) -> None:
    """SIGTERM: stop intake, finish, flush, leave."""
    bench.store.hold = True
    under_way = bench.reserve(60)
    await settle()
    draining = asyncio.create_task(bench.server.drain())
    await settle()
    with pytest.raises(Draining):
        await bench.reserve(120)
    assert not draining.done()
    bench.store.release()
    assert (await under_way).status == 201
    await bench.clock.advance(1)
    await draining
    assert bench.durable[-1].event.type == "reservation.reserved"


async def test_a_restart_raises_the_epoch_and_keeps_what_was_acknowledged(bench: Bench) -> None:
    """P2 across a crash: a new server on the same disk knows every acknowledged reservation."""
    reserved = await body(bench.reserve(60))
    bench.store.hold = True
    lost = bench.reserve(120)
    await settle()
    again = start(bench.clock, bench.store.disk)
    assert again.server.epoch == bench.server.epoch + 1
    assert list(again.server.actors[POINT].point.reservations) == [reserved["id"]]
    started = await again.ask(StartReservation(str(reserved["id"])))
    assert started.status == 409
    assert started.witness == (2, 2)
    lost.cancel()


async def test_reservations_of_one_burst_share_one_commit(bench: Bench) -> None:
    """Group commit: what queues during one fsync is the next batch."""
    bench.store.hold = True
    first = bench.reserve(60)
    await settle()
    rest = [bench.reserve(60 * n) for n in range(2, 12)]
    await settle()
    before = len(bench.store.batches)
    bench.store.release()
    await asyncio.gather(first, *rest)
    assert len(bench.store.batches) == before + 2


async def test_a_timed_answer_says_how_long_its_fact_took_to_disk(bench: Bench) -> None:
    """Whoever is slow is to be found without guessing. Who does not ask is told nothing, and pays nothing."""
    bench.store.hold = True
    start_ms = bench.clock.now_ms() + 60 * MINUTE
    asked = bench.ask(Reserve("ana", start_ms, start_ms + MINUTE * 30), "k", is_timed=True)
    await settle()
    await bench.clock.advance(0.25)
    bench.store.release()
    answer = await asked
    assert answer.timing == Timing(queue_s=0.0, decide_s=0.0, write_s=0.25)
    assert (await bench.reserve(120)).timing is None


async def test_a_repeat_is_timed_by_itself(bench: Bench) -> None:
    """The kept answer holds no times: they would be those of another request."""
    start_ms = bench.clock.now_ms() + 60 * MINUTE
    window = Reserve("ana", start_ms, start_ms + MINUTE * 30)
    await bench.ask(window, "k", is_timed=True)
    repeat = await bench.ask(window, "k", is_timed=True)
    assert repeat.timing == Timing(0.0, 0.0, 0.0)
    assert (await bench.ask(window, "k")).timing is None
