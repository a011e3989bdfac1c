"""What every ``Store`` promises of what it is given: it comes back as it was, in the order that was promised."""

from dataclasses import replace
from pathlib import Path

import pytest

from nodes.domain.commands import CreatePoint, ReportFault, Reserve
from nodes.domain.decide import decide
from nodes.domain.point import Location, Point
from nodes.domain.refusals import Refusal
from nodes.domain.reservation import Reservation
from nodes.records import Answer, Batch, Kept, Stamped
from tests.nodes.contracts.author import NOW, SPEC, Author
from tests.nodes.contracts.playing import played
from tests.nodes.contracts.store_worlds import MemoryWorld, StoreWorld, store_world

HOUR = 3_600_000


@pytest.fixture(params=["memory", "sqlite", "postgres", "virtual"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> StoreWorld:
    return store_world(request.param, request, tmp_path)


@pytest.fixture
def on_disk(world: StoreWorld) -> None:
    if isinstance(world, MemoryWorld):
        pytest.skip("memory lists and orders nothing for people")


@played
async def test_whatever_it_is_given_comes_back_to_the_last_bit(world: StoreWorld) -> None:
    """A store that changes a text or a number, or stops at one, is a hole for whoever finds out which."""
    strange = "".join(map(chr, range(1, 0x20))) + "\x1a0\x1a1\\u0000\\u001a'\"\x7f\u2028\U0001f50c{}[]%s:x"
    place = Location(-8.063000000000001, 1e-7, strange)
    spec = replace(SPEC, name=f"n{strange}", location=place, max_power_w=5_000_000, price_per_kwh_minor=100_000_000)
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(spec), NOW)
    ana = await author.write(Reserve(f"a{strange}", NOW + HOUR, NOW + 2 * HOUR), NOW, key=f"k{strange}")
    await author.write(ReportFault(strange), NOW)
    assert isinstance(ana, Reservation)
    kept = Kept(f"k{strange}", strange, Answer(201, strange.encode(), (2**40, 2**62), strange), 253_402_300_799_999)
    await store.append(Batch([], [kept]))
    assert await store.find_reservation(ana.id) == ana
    assert await store.find_answer(kept.key) == kept
    told = [stamped.event for stamped in await store.read_journal(0, 9)]
    await store.close()
    again = world.new()
    recovered = again.open(NOW)
    point = recovered.points["server1.a"]
    assert (point.spec, point.fault, list(point.reservations.values())) == (spec, strange, [ana])
    assert recovered.keys == [kept.key]
    assert [stamped.event for stamped in await again.read_journal(0, 9)] == told
    await again.close()


@pytest.mark.usefixtures("on_disk")
@played
async def test_ids_are_in_order_of_their_characters(world: StoreWorld) -> None:
    """Pages of several nodes are put together in that order; a database's language has another one."""
    slugs = ["a-1", "a1", "aa", "a-b", "1a", "b", "a", "a-", "z9", "é"]
    store = world.new()
    recovered = store.open(NOW)
    batch = Batch()
    for ver, slug in enumerate(slugs, 1):
        point_id = f"server1.{slug}"
        events = decide(Point(point_id, SPEC, recovered.epoch), CreatePoint(SPEC), NOW)
        assert not isinstance(events, Refusal)
        batch.events.append(Stamped(ver, recovered.epoch, point_id, 1, NOW, events[0]))
    await store.append(batch)
    await store.close()
    again = world.new()
    assert list(again.open(NOW).points) == sorted(f"server1.{slug}" for slug in slugs)
    await again.close()


@played
async def test_a_key_twice_in_one_batch_leaves_its_last_answer(world: StoreWorld) -> None:
    """A key that expired may be used again while its first answer still waits for the disk."""
    store = world.new()
    store.open(NOW)
    answers = [Kept("k", "f", Answer(status, b"x"), NOW) for status in (201, 409)]
    await store.append(Batch([], answers))
    assert await store.find_answer("k") == answers[1]
    await store.close()
