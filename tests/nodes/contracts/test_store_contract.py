"""What every ``Store`` promises, whatever it is made of."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nodes.domain.apply import apply
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
from nodes.domain.decide import decide
from nodes.domain.point import Connector, Location, Point, PointSpec
from nodes.domain.refusals import Refusal
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.domain.terms import Terms
from nodes.ports import Store
from nodes.records import Answer, Batch, Kept, Recovered, Stamped
from nodes.store.sql_store import SqlStore
from tests.nodes.gated_store import Disk, GatedStore

NOW = 1_800_000_000_000
HOUR = 3_600_000
SPEC = PointSpec(
    name="Praça <b>& 東",
    location=Location(-8.063, -34.871, "Rua 'da' \"Aurora\""),
    max_power_w=50_000,
    connector=Connector.CHADEMO,
    price_per_kwh_minor=189,
    currency="EUR",
    terms=Terms(no_show_s=60),
    connector_label="CHAdeMO",
    file_digest="abc",
)
OpenStore = Callable[[], Store]


@pytest.fixture(params=["memory", "sqlite"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    disk = Disk()
    if request.param == "memory":
        return lambda: GatedStore(disk)
    return lambda: SqlStore(tmp_path, "server1", answer_retention_s=86_400)


class Author:
    """Writes the events of one point into a store, the way the node does."""

    def __init__(self, store: Store, recovered: Recovered, point_id: str = "server1.a") -> None:
        self.store = store
        self.ver = recovered.ver
        self.point = recovered.points.get(point_id) or Point(point_id, SPEC, recovered.epoch)

    def act(self, command: Command, now_ms: int, key: str | None = None) -> tuple[list[Stamped], object]:
        decision = decide(self.point, command, now_ms)
        assert not isinstance(decision, Refusal), decision
        stamped, subject = [], None
        for event in decision:
            self.ver += 1
            subject = apply(self.point, event, now_ms)
            epoch, seq = self.point.epoch, self.point.seq
            stamped.append(Stamped(self.ver, epoch, self.point.id, seq, now_ms, event, key))
        return stamped, subject

    async def write(self, command: Command, now_ms: int, key: str | None = None) -> object:
        stamped, subject = self.act(command, now_ms, key)
        await self.store.append(Batch(events=stamped))
        return subject


async def test_the_epoch_rises_at_every_opening(new_store: OpenStore) -> None:
    """A fence that two lives of a node shared would be none."""
    epochs = []
    for _ in range(3):
        store = new_store()
        epochs.append(store.open(NOW).epoch)
        await store.close()
    assert epochs == [1, 2, 3]


async def test_what_was_appended_comes_back(new_store: OpenStore) -> None:
    """Recovery must give exactly what was in force: the point, its reservations, its session."""
    store = new_store()
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

    again = new_store()
    recovered = again.open(NOW)
    point = recovered.points["server1.a"]
    assert recovered.ver == author.ver
    assert point.epoch == 2
    assert list(point.calendar) == list(author.point.calendar)
    author.point.epoch, expected = 2, author.point
    assert replace(point, calendar=expected.calendar) == expected
    await again.close()


async def test_what_is_over_is_found_and_not_recovered(new_store: OpenStore) -> None:
    """Memory is bounded by what is in force; history stays on disk."""
    store = new_store()
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
    again = new_store()
    assert again.open(NOW).points["server1.a"].reservations == {}
    assert await again.find_reservation(reserved.id) == reserved
    await again.close()


async def test_a_whole_life_in_one_batch_is_stored_like_one_in_many(new_store: OpenStore) -> None:
    """Group commit decides what shares a transaction; nothing may depend on it."""
    store = new_store()
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


async def test_an_early_start_moves_the_window_on_disk(new_store: OpenStore) -> None:
    """P1 is read off the tables: the window in force begins when the vehicle plugged in."""
    store = new_store()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    reserved = await author.write(Reserve("ana", NOW + 600_000, NOW + HOUR), NOW)
    assert isinstance(reserved, Reservation)
    await author.write(StartReservation(reserved.id), NOW + 60_000)
    found = await store.find_reservation(reserved.id)
    assert found is not None
    assert (found.start_ms, found.status) == (NOW + 60_000, "ACTIVE")
    await store.close()


async def test_an_answer_is_kept_with_its_batch(new_store: OpenStore) -> None:
    """Key, fingerprint and answer stand in the same transaction as the effect."""
    store = new_store()
    author = Author(store, store.open(NOW))
    events, _ = author.act(CreatePoint(SPEC), NOW)
    kept = Kept("k", "Create ü", Answer(201, '{"ü":1}'.encode(), (1, 1), "/v1/points/server1.a"), NOW)
    await store.append(Batch(events, [kept]))
    assert await store.find_answer("k") == kept
    assert await store.find_answer("K") is None
    await store.append(Batch([], [Kept("refused", "r", Answer(409, b"{}", (1, 1)), NOW)]))
    await store.close()
    again = new_store()
    assert sorted(again.open(NOW).keys) == ["k", "refused"]
    await again.close()


async def test_a_key_used_again_after_it_expired_replaces_the_old_answer(new_store: OpenStore) -> None:
    """The table has one row per key, whenever the old one is pruned."""
    store = new_store()
    store.open(NOW)
    for at_ms, status in ((NOW, 201), (NOW + 90_000_000, 409)):
        await store.append(Batch([], [Kept("k", "f", Answer(status, b"x"), at_ms)]))
    found = await store.find_answer("k")
    assert found is not None
    assert found.answer.status == 409
    await store.close()


async def test_the_journal_is_read_in_order_from_any_place(new_store: OpenStore) -> None:
    """Peers and watchers go on from the last event they saw."""
    store = new_store()
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


async def test_an_append_whose_caller_gave_up_is_whole_or_not_there(new_store: OpenStore) -> None:
    """Cancelling the wait does not stop the writer's thread; nothing may be half there."""
    store = new_store()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    events, _ = author.act(Reserve("ana", NOW, NOW + HOUR), NOW)
    waiting = asyncio.create_task(store.append(Batch(events, [Kept("k", "f", Answer(201, b""), NOW)])))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    await store.close()
    again = new_store()
    recovered = again.open(NOW)
    assert (recovered.ver, recovered.keys) in ((1, []), (2, ["k"]))
    assert len(recovered.points["server1.a"].reservations) == recovered.ver - 1
    await again.close()
