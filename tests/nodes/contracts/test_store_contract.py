"""What every ``Store`` promises, whatever it is made of: memory, SQLite, PostgreSQL, or SQLite behind a simulated disk."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from nodes.domain.commands import (
    Cancel,
    ChangePoint,
    CreatePoint,
    Meter,
    PlugIn,
    Reserve,
    StartReservation,
    Stop,
)
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.errors import StoreError, StoreFull, StoreHeld
from nodes.records import Answer, Batch, Kept
from tests.nodes.contracts.author import NOW, SPEC, Author, numbered_batch
from tests.nodes.contracts.playing import played
from tests.nodes.contracts.store_worlds import MemoryWorld, StoreWorld, VirtualStoreWorld, store_world

HOUR = 3_600_000


@pytest.fixture(params=["memory", "sqlite", "postgres", "virtual"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> StoreWorld:
    return store_world(request.param, request, tmp_path)


@pytest.fixture
def on_disk(world: StoreWorld) -> None:
    if isinstance(world, MemoryWorld):
        pytest.skip("memory dies with its process, and knows no other")


@pytest.fixture
def fillable(world: StoreWorld) -> None:
    if not world.can_be_filled:
        pytest.skip("a server's disk is a file system of its own: tests/nodes/store/test_postgres_server.py fills one")


@played
async def test_the_epoch_rises_at_every_opening(world: StoreWorld) -> None:
    """A fence that two lives of a node shared would be none."""
    epochs = []
    for _ in range(3):
        store = world.new()
        epochs.append(store.open(NOW).epoch)
        await store.close()
    assert epochs == [1, 2, 3]


@played
async def test_what_was_appended_comes_back(world: StoreWorld) -> None:
    """Recovery must give exactly what was in force: the point, its reservations, its session."""
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    await author.write(Reserve("ana", NOW + HOUR, NOW + 2 * HOUR), NOW, key="k1")
    canceled = await author.write(Reserve("rui", NOW + 3 * HOUR, NOW + 4 * HOUR), NOW)
    assert isinstance(canceled, Reservation)
    await author.write(Cancel(canceled.id), NOW + 1)
    session = await author.write(PlugIn("eva", NOW + HOUR // 2, 90_000), NOW + 2)
    assert isinstance(session, Session)
    await author.write(Meter(session.id, 1_000), NOW + 10 * 60_000)
    await author.write(ChangePoint(name="New", terms=(("horizon_s", 999_999),), maintenance=True), NOW + 11 * 60_000)
    await store.close()

    again = world.new()
    recovered = again.open(NOW)
    point = recovered.points["server1.a"]
    assert recovered.ver == author.ver
    assert point.epoch == 2
    assert list(point.calendar) == list(author.point.calendar)
    author.point.epoch, expected = 2, author.point
    assert replace(point, calendar=expected.calendar) == expected
    await again.close()


@played
async def test_what_is_over_is_found_and_not_recovered(world: StoreWorld) -> None:
    """Memory is bounded by what is in force; history stays on disk."""
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    reserved = await author.write(Reserve("ana", NOW, NOW + HOUR), NOW, key="k1")
    assert isinstance(reserved, Reservation)
    session = await author.write(StartReservation(reserved.id, max_energy_wh=40_000), NOW + 1_000)
    assert isinstance(session, Session)
    await author.write(Stop(session.id, 20_000), NOW + HOUR // 2)
    assert await store.find_reservation(reserved.id) == reserved
    assert await store.find_session(session.id) == session
    assert await store.find_reservation("server1.a.r9-9") is None
    assert await store.find_session("server1.a.s9-9") is None
    await store.close()
    again = world.new()
    assert again.open(NOW).points["server1.a"].reservations == {}
    assert await again.find_reservation(reserved.id) == reserved
    await again.close()


@played
async def test_a_points_version_and_what_is_in_force_are_read_as_they_are_on_disk(world: StoreWorld) -> None:
    """Who decides on what was read must know whether it was overtaken."""
    store = world.new()
    author = Author(store, store.open(NOW))
    assert await store.find_in_force("server1.a") == (0, [])
    await author.write(CreatePoint(SPEC), NOW)
    later = await author.write(Reserve("ana", NOW + 2 * HOUR, NOW + 3 * HOUR), NOW)
    first = await author.write(Reserve("rui", NOW, NOW + HOUR), NOW)
    over = await author.write(Reserve("eva", NOW + HOUR, NOW + 2 * HOUR), NOW)
    assert isinstance(over, Reservation)
    await author.write(Cancel(over.id), NOW + 1)
    unwritten, _ = author.act(Reserve("ivo", NOW + 4 * HOUR, NOW + 5 * HOUR), NOW + 2)
    assert unwritten and await store.find_in_force("server1.a") == (5, [first, later])
    await store.close()


@played
async def test_a_whole_life_in_one_batch_is_stored_like_one_in_many(world: StoreWorld) -> None:
    """Group commit decides what shares a transaction; nothing may depend on it."""
    store = world.new()
    author = Author(store, store.open(NOW))
    batch = Batch()
    subject: object = None
    for command, at_ms in ((CreatePoint(SPEC), NOW), (Reserve("ana", NOW, NOW + HOUR), NOW)):
        events, subject = author.act(command, at_ms)
        batch.events += events
    assert isinstance(subject, Reservation)
    reservation = subject
    events, subject = author.act(StartReservation(reservation.id), NOW + 1_000)
    batch.events += events
    assert isinstance(subject, Session)
    session = subject
    for energy_wh in (1_000, 2_000, 3_000):
        batch.events += author.act(Meter(session.id, energy_wh), NOW + energy_wh * 500)[0]
    batch.events += author.act(Stop(session.id), NOW + HOUR // 2)[0]
    await store.append(batch)
    assert await store.find_reservation(reservation.id) == reservation
    assert await store.find_session(session.id) == session
    await store.close()


@played
async def test_an_early_start_moves_the_window_on_disk(world: StoreWorld) -> None:
    """P1 is read off the tables: the window in force begins when the vehicle plugged in."""
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    reserved = await author.write(Reserve("ana", NOW + 600_000, NOW + HOUR), NOW)
    assert isinstance(reserved, Reservation)
    await author.write(StartReservation(reserved.id), NOW + 60_000)
    found = await store.find_reservation(reserved.id)
    assert found is not None
    assert (found.start_ms, found.status) == (NOW + 60_000, "ACTIVE")
    await store.close()


@played
async def test_an_answer_is_kept_with_its_batch(world: StoreWorld) -> None:
    """Key, fingerprint and answer stand in the same transaction as the effect."""
    store = world.new()
    author = Author(store, store.open(NOW))
    events, _ = author.act(CreatePoint(SPEC), NOW)
    kept = Kept("k", "Create ü", Answer(201, '{"ü":1}'.encode(), (1, 1), "/v1/points/server1.a"), NOW)
    await store.append(Batch(events, [kept]))
    assert await store.find_answer("k") == kept
    assert await store.find_answer("K") is None
    await store.append(Batch([], [Kept("refused", "r", Answer(409, b"{}", (1, 1)), NOW)]))
    await store.close()
    again = world.new()
    assert sorted(again.open(NOW).keys) == ["k", "refused"]
    await again.close()


@played
async def test_a_key_used_again_after_it_expired_replaces_the_old_answer(world: StoreWorld) -> None:
    """The table has one row per key, whenever the old one is pruned."""
    store = world.new()
    store.open(NOW)
    for at_ms, status in ((NOW, 201), (NOW + 90_000_000, 409)):
        await store.append(Batch([], [Kept("k", "f", Answer(status, b"x"), at_ms)]))
    found = await store.find_answer("k")
    assert found is not None
    assert found.answer.status == 409
    await store.close()


@played
async def test_the_journal_is_read_in_order_from_any_place(world: StoreWorld) -> None:
    """Peers and watchers go on from the last event they saw."""
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    for hour in range(5):
        await author.write(Reserve("ana", NOW + hour * HOUR, NOW + (hour + 1) * HOUR), NOW)
    told = await store.read_journal(0, 100)
    assert [stamped.ver for stamped in told] == [1, 2, 3, 4, 5, 6]
    assert [stamped.ver for stamped in await store.read_journal(2, 2)] == [3, 4]
    assert await store.read_journal(6, 10) == []
    assert told[0].event.type == "point.created"
    await store.close()


@played
async def test_an_append_whose_caller_gave_up_is_whole_or_not_there(world: StoreWorld) -> None:
    """Cancelling the wait does not stop the writer's thread; nothing may be half there."""
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    events, _ = author.act(Reserve("ana", NOW, NOW + HOUR), NOW)
    waiting = asyncio.create_task(store.append(Batch(events, [Kept("k", "f", Answer(201, b""), NOW)])))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    await store.close()
    again = world.new()
    recovered = again.open(NOW)
    assert (recovered.ver, recovered.keys) in ((1, []), (2, ["k"]))
    assert len(recovered.points["server1.a"].reservations) == recovered.ver - 1
    await again.close()


@played
async def test_what_was_just_appended_is_found(world: StoreWorld) -> None:
    """Whoever got the answer may ask at once."""
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    for hour in range(10):
        events, reserved = author.act(Reserve("ana", NOW + hour * HOUR, NOW + (hour + 1) * HOUR), NOW)
        kept = Kept(f"k{hour}", "f", Answer(201, b"{}"), NOW)
        await store.append(Batch(events, [kept]))
        assert isinstance(reserved, Reservation)
        found, answer, told = await asyncio.gather(
            store.find_reservation(reserved.id), store.find_answer(kept.key), store.read_journal(author.ver - 1, 10)
        )
        assert found == reserved
        assert answer == kept
        assert [stamped.ver for stamped in told] == [author.ver]
    await store.close()


@pytest.mark.usefixtures("on_disk")
@played
async def test_the_epoch_rises_though_nothing_else_happens(world: StoreWorld) -> None:
    """It is durable before the store says so: a process that dies at once has used its epoch up."""
    for _ in range(2):
        await world.crash_while_writing(0)
    store = world.new()
    assert store.open(NOW).epoch == 3
    await store.close()


@pytest.mark.usefixtures("on_disk")
@pytest.mark.parametrize("seed", range(3))
@played
async def test_a_crash_leaves_whole_batches_and_all_that_were_acknowledged(world: StoreWorld, seed: int) -> None:
    """P2: what was acknowledged is there; what was under way is there whole, or not at all."""
    acknowledged = await world.crash_while_writing(seed)
    store = world.new()
    recovered = store.open(NOW)
    batches = recovered.ver // 3
    assert acknowledged >= 1
    assert acknowledged <= batches <= acknowledged + 1
    assert recovered.ver == 3 * batches
    assert len(recovered.points) == 3 * batches
    assert sorted(recovered.keys) == sorted(f"k{number}" for number in range(1, batches + 1))
    assert [stamped.ver for stamped in await store.read_journal(0, 10_000)] == list(range(1, recovered.ver + 1))
    await store.close()


@pytest.mark.usefixtures("fillable")
@played
async def test_a_full_disk_takes_nothing_and_keeps_what_it_has(world: StoreWorld) -> None:
    """The node stops; when there is room, it finds everything that it acknowledged, and nothing else."""
    store = world.new()
    store.open(NOW)
    await store.append(numbered_batch(1, 0))
    world.fill(store)
    written = 1
    with pytest.raises(StoreFull):
        for number in range(2, 1_000):
            await store.append(numbered_batch(number, 3 * written))
            written = number
    await store.close()
    if isinstance(world, VirtualStoreWorld):
        world.disk.is_full = False
    again = world.new()
    recovered = again.open(NOW)
    assert (recovered.ver, len(recovered.keys)) == (3 * written, written)
    await again.close()


@played
async def test_closing_finishes_what_is_under_way(world: StoreWorld) -> None:
    """Its acknowledgement may still go out; and the next to open the store finds it."""
    store = world.new()
    store.open(NOW)
    appending = asyncio.ensure_future(store.append(numbered_batch(1, 0)))
    await asyncio.sleep(0)
    await store.close()
    await appending
    again = world.new()
    assert again.open(NOW).ver == 3
    await again.append(numbered_batch(2, 3))
    await again.close()


@played
async def test_a_closed_store_takes_nothing_and_tells_nothing(world: StoreWorld) -> None:
    """A success would be a lie, a crash somebody else's problem: it is a ``StoreError``. Closing again is no mistake."""
    store = world.new()
    store.open(NOW)
    await store.close()
    with pytest.raises(StoreError):
        await store.append(numbered_batch(1, 0))
    for reading in (
        store.find_answer("k1"),
        store.find_reservation("r"),
        store.find_session("s"),
        store.read_journal(0, 1),
    ):
        with pytest.raises(StoreError):
            await reading
    await store.close()
    again = world.new()
    recovered = again.open(NOW)
    assert (recovered.ver, recovered.keys) == (0, [])
    await again.close()


@pytest.mark.usefixtures("on_disk")
@played
async def test_a_store_that_is_open_is_not_opened_again(world: StoreWorld) -> None:
    """Two who write would both be right and both be wrong; the first goes on as if nothing had been."""
    first, second = world.new(), world.new()
    first.open(NOW)
    with pytest.raises(StoreHeld):
        second.open(NOW)
    await first.append(numbered_batch(1, 0))
    await first.close()
    recovered = second.open(NOW)
    assert (recovered.epoch, recovered.ver) == (2, 3)
    await second.close()
