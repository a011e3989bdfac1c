"""The same key again, at every awkward moment: one effect, one answer, from the disk if need be."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson
import pytest

from nodes.actors.server import Server
from nodes.config import Limits, NodeConfig
from nodes.domain.commands import Cancel, Command, CreatePoint, Reserve
from nodes.domain.point import Location, PointSpec
from nodes.errors import DeadlineExceeded, StoreFailed
from nodes.records import Answer
from nodes.request import Query, ReadPoint, Request
from tests.nodes.gated_store import Disk, GatedStore
from tests.nodes.manual_clock import ManualClock, settle

SPEC = PointSpec("A", Location(), 22_000, None, 100)
MINUTE = 60_000


@dataclass
class Bench:
    """A server whose disk the test holds."""

    clock: ManualClock
    store: GatedStore
    server: Server

    def ask(
        self, action: Command | Query, key: str | None = None, point: str = "server1.a", **more: int
    ) -> "asyncio.Task[Answer]":
        return asyncio.create_task(self.server.handle(Request(point, action, key, **more)))  # type: ignore[arg-type]

    def reserve(self, minute: int, key: str, **more: int) -> "asyncio.Task[Answer]":
        start_ms = 1_000_000_000_000 + minute * MINUTE
        return self.ask(Reserve("ana", start_ms, start_ms + 30 * MINUTE), key, **more)

    @property
    def reservations(self) -> int:
        return len(self.server.actors["server1.a"].point.reservations)


def start(clock: ManualClock, disk: Disk | None = None, **limits: int) -> Bench:
    store = GatedStore(disk)
    server = Server(
        NodeConfig("server1", limits=Limits(**limits)),
        clock,
        store,
        on_durable=lambda _: None,
        on_time=lambda _: None,
        on_failed=lambda _: None,
    )
    return Bench(clock, store, server)


def test_what_a_cancel_is_known_by_does_not_say_who_may() -> None:
    """Answers are kept in databases under these words: a repeat after an upgrade meets the one from before."""
    words = 'Cancel server1.a {"reservation_id":"server1.a.r1-2","driver_id":"ana"}'
    for coordinator in (None, "server2"):
        assert Request("server1.a", Cancel("server1.a.r1-2", "ana", coordinator)).fingerprint == words


async def started(**limits: int) -> Bench:
    bench = start(ManualClock(), **limits)
    assert (await bench.ask(CreatePoint(SPEC))).status == 201
    return bench


def slugs(answers: Sequence[Answer]) -> list[str]:
    return [orjson.loads(answer.body).get("type", "done").rpartition(":")[2] for answer in answers]


async def test_another_body_under_a_key_that_is_being_written_waits_and_is_refused() -> None:
    """To refuse at once would say that the first is there, which a crash can still undo."""
    bench = await started()
    bench.store.hold = True
    first = bench.reserve(60, "k")
    await settle()
    other = bench.reserve(120, "k")
    await settle()
    assert not other.done()
    bench.store.release()
    assert slugs(await asyncio.gather(first, other)) == ["done", "idempotency-key-reused"]
    assert bench.reservations == 1


async def test_a_repeat_of_what_the_crash_undid_is_done_anew() -> None:
    """Nobody was told of the first: the retry after the restart is the first."""
    bench = await started()
    bench.store.hold = True
    lost = bench.reserve(60, "k")
    await settle()
    again = start(bench.clock, bench.store.disk)
    done = await again.reserve(60, "k")
    assert done.status == 201
    assert again.reservations == 1
    lost.cancel()


async def test_a_repeat_after_a_restart_has_the_first_answer_and_its_witness() -> None:
    """P4 across a crash: byte for byte, although the epoch is a new one."""
    bench = await started()
    first = await bench.reserve(60, "k")
    again = start(bench.clock, bench.store.disk)
    assert await again.reserve(60, "k") == first
    assert slugs([await again.reserve(90, "k")]) == ["idempotency-key-reused"]
    assert (await again.ask(ReadPoint())).witness == (2, 2)


async def test_a_key_expires_across_a_restart_too() -> None:
    """The retention counts from the first use, not from the start of the process."""
    bench = await started()
    first = await bench.reserve(60, "k")
    await bench.clock.advance(80_000)
    again = start(bench.clock, bench.store.disk)
    assert await again.reserve(60, "k") == first
    await bench.clock.advance(6_400)
    assert slugs([await again.reserve(60, "k")]) == ["window-in-past"]


async def test_a_repeat_that_gives_up_does_not_undo_the_first() -> None:
    """A phone that loses patience twice still has its reservation, and learns of it the third time."""
    bench = await started()
    bench.store.hold = True
    first, repeat = bench.reserve(60, "k"), bench.reserve(60, "k")
    await settle()
    await bench.clock.advance(6)
    for task in (first, repeat):
        with pytest.raises(DeadlineExceeded) as late:
            await task
        assert late.value.started
    bench.store.release()
    await settle()
    assert (await bench.reserve(60, "k")).status == 201
    assert bench.reservations == 1


async def test_repeats_of_a_request_that_failed_with_the_disk_are_never_acknowledged() -> None:
    """The kept answer is in memory; it must not be told from there once the disk refused it."""
    bench = await started()
    bench.store.hold = True
    first, repeat = bench.reserve(60, "k"), bench.reserve(60, "k")
    await settle()
    bench.store.fail(StoreFailed("disk", "gone"))
    for task in (first, repeat, bench.reserve(60, "k")):
        with pytest.raises(StoreFailed):
            await task


@pytest.mark.parametrize("keys_known", [10, 1_000_000], ids=["each-key-looked-up", "new-keys-known-as-new"])
async def test_a_burst_of_new_keys_is_served_when_memory_for_answers_is_full(keys_known: int) -> None:
    """After 20,000 answers each new one makes an old one leave: that must not turn a burst into 503s."""
    bench = await started(answers_recent=4, keys_known=keys_known)
    for number in range(20):
        await bench.reserve(60 * number, f"before-{number}")
    burst = [bench.reserve(6_000 + 60 * number, f"burst-{number}") for number in range(60)]
    assert {answer.status for answer in await asyncio.gather(*burst)} == {201}


async def test_a_burst_of_repeats_whose_answers_left_memory_has_one_effect_each() -> None:
    """Old and new keys at once, each twice, while answers leave memory under them."""
    bench = await started(answers_recent=2, segment_records=6)
    old = [await bench.reserve(60 * number, f"k{number}") for number in range(8)]
    burst = [bench.reserve(60 * number, f"k{number}") for number in [*range(20), *range(20)]]
    answers = await asyncio.gather(*burst)
    assert answers[:8] == old
    assert answers[:20] == answers[20:]
    assert bench.reservations == 20


async def test_a_point_whose_creation_was_refused_is_not_there() -> None:
    """Its mailbox exists, the point does not: nobody must be shown it, and it can still be created."""
    bench = await started()
    refused = await bench.ask(CreatePoint(SPEC), point="server1.b", if_match=(9, 9))  # type: ignore[arg-type]
    assert slugs([refused]) == ["precondition-failed"]
    assert slugs([await bench.ask(ReadPoint(), point="server1.b")]) == ["unknown-point"]
    assert (await bench.ask(CreatePoint(SPEC), point="server1.b")).status == 201


class Shut:
    """A gate that never opens."""

    has_room = False

    def when_room(self, callback: Callable[[], None]) -> None:
        """Forget who waits."""


async def test_a_mailbox_that_never_empties_does_not_keep_a_server_from_stopping() -> None:
    """P10: every loop has a bound; what nobody has taken up by then takes no effect."""
    bench = await started()
    mailbox = bench.server.actors["server1.a"].mailbox
    mailbox._gate = Shut()
    waiting = bench.reserve(60, "k", timeout_ms=60_000)
    await settle()
    draining = asyncio.create_task(bench.server.drain())
    await settle()
    await bench.clock.advance(9)
    assert not draining.done()
    await bench.clock.advance(2)
    await draining
    assert len(mailbox) == 0
    assert bench.store.disk.events[-1].event.type == "point.created"
    waiting.cancel()


async def test_a_drained_server_sets_no_alarm_that_would_ring_into_a_closed_store() -> None:
    """Its last commands are handled after the alarms were stopped."""
    bench = await started()
    bench.store.hold = True
    waiting = bench.reserve(60, "k", timeout_ms=60_000)
    await settle()
    draining = asyncio.create_task(bench.server.drain())
    await bench.clock.advance(11)
    bench.server.actors["server1.a"].wake()
    bench.store.release()
    await bench.clock.advance(1)
    await draining
    assert (await waiting).status == 201
    assert len(bench.server.alarms) == 0
