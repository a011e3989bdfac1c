"""What every ``Store`` promises of what drivers have: theirs, all of it, each once, the newest first."""

from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from nodes.domain.commands import Cancel, CreatePoint, PlugIn, Reserve, Stop
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.ports import Store
from nodes.records import Batch, Held
from nodes.request import HeldKind, ReadHeld
from tests.nodes.contracts.author import NOW, SPEC, Author
from tests.nodes.contracts.playing import played
from tests.nodes.contracts.store_worlds import StoreWorld, store_world
from tests.nodes.contracts.trip_author import OVER, UNDER_WAY, TripAuthor

HOUR = 3_600_000
ODD = "ana' OR 1=1 --\x1a\n%_"
MINE = ReadHeld(HeldKind.RESERVATIONS, 100, "ana")


@pytest.fixture(params=["sqlite", "postgres", "virtual"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> StoreWorld:
    return store_world(request.param, request, tmp_path)


async def pages(store: Store, query: ReadHeld) -> list[list[str]]:
    """Return the ids on all pages."""
    found = []
    while page := await store.list_held(query):
        found.append([held.id for held in page])
        last = page[-1]
        made_ms = last.started_ms if isinstance(last, Session) else last.created_ms
        query = replace(query, before=(made_ms, last.id))
    return found


def ids(held: list[Held]) -> list[str]:
    return [each.id for each in held]


@played
async def test_reservations_of_a_driver_come_in_pages_the_newest_first(world: StoreWorld) -> None:
    """On all points, also where several are of the same age; what was reserved first may begin last."""
    store = world.new()
    recovered = store.open(NOW)
    authors = [Author(store, recovered, point_id) for point_id in ("server1.a", "server1.b")]
    made: list[Reservation] = []
    for author in authors:
        author.ver = max(each.ver for each in authors)
        await author.write(CreatePoint(SPEC), NOW)
    for number in range(8):
        author, whose = authors[number % 2], ("ana", "eva", ODD)[number % 3]
        author.ver = max(each.ver for each in authors)
        start_ms = NOW + (20 - number) * HOUR
        held = await author.write(Reserve(whose, start_ms, start_ms + HOUR), NOW + number // 4)
        assert isinstance(held, Reservation)
        made.append(held)
    for whose in ("ana", "eva", ODD):
        theirs = (held for held in made if held.driver_id == whose)
        newest = sorted(theirs, key=lambda held: (held.created_ms, held.id), reverse=True)
        told = await pages(store, replace(MINE, driver_id=whose, limit=2))
        assert list(chain(*told)) == ids(list(newest))
        assert all(len(page) <= 2 for page in told)
        assert await store.list_held(replace(MINE, driver_id=whose)) == newest
    at_a = [held.id for held in made if held.point_id == "server1.a"]
    assert sorted(chain(*await pages(store, replace(MINE, driver_id=None, point_id="server1.a", limit=3)))) == at_a
    both = await store.list_held(replace(MINE, point_id="server1.a"))
    assert {held.driver_id for held in both} == {"ana"}
    assert set(ids(both)) < set(at_a)
    for nobody in ("an", "anaa", "ANA", "%", ""):
        assert await store.list_held(replace(MINE, driver_id=nobody)) == []
    assert await store.list_held(replace(MINE, limit=0)) == []
    await store.close()


@played
async def test_what_is_in_force_is_told_from_what_is_over(world: StoreWorld) -> None:
    """Of reservations and of charges; together they are all."""
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    kept = await author.write(Reserve("ana", NOW + 5 * HOUR, NOW + 6 * HOUR), NOW)
    given_back = await author.write(Reserve("ana", NOW + 7 * HOUR, NOW + 8 * HOUR), NOW + 1)
    hers = await author.write(Reserve("eva", NOW + 9 * HOUR, NOW + 10 * HOUR), NOW + 1)
    assert isinstance(kept, Reservation) and isinstance(given_back, Reservation) and isinstance(hers, Reservation)
    await author.write(Cancel(given_back.id), NOW + 2)
    first = await author.write(PlugIn("ana"), NOW + 3)
    assert isinstance(first, Session)
    await author.write(Stop(first.id, 10), NOW + 60_000)
    second = await author.write(PlugIn("ana"), NOW + 120_000)
    assert isinstance(second, Session)

    in_force = [second.reservation_id, kept.id]
    over = [first.reservation_id, given_back.id]
    assert ids(await store.list_held(replace(MINE, is_active=True))) == in_force
    assert ids(await store.list_held(replace(MINE, is_active=False))) == over
    assert ids(await store.list_held(replace(MINE, is_active=True, limit=1, before=(NOW + 3, "z")))) == [kept.id]
    sessions = replace(MINE, kind=HeldKind.SESSIONS)
    assert ids(await store.list_held(replace(sessions, is_active=True))) == [second.id]
    assert ids(await store.list_held(replace(sessions, is_active=False))) == [first.id]
    assert await pages(store, replace(sessions, limit=1)) == [[second.id], [first.id]]
    assert ids(await store.list_held(replace(sessions, driver_id=None, point_id="server1.a"))) == [second.id, first.id]
    assert await store.list_held(replace(sessions, driver_id=None, point_id="server1")) == []
    await store.close()


@played
async def test_trips_of_a_driver_are_those_that_this_node_decides_on(world: StoreWorld) -> None:
    """Under way and over, as they were last made durable."""
    store = world.new()
    recovered = store.open(NOW)
    author, expected = TripAuthor(recovered), []
    for number, life in enumerate((*UNDER_WAY.values(), *OVER.values()), 1):
        events, trip = author.life(number, life)
        await store.append(Batch(events))
        expected.append(trip)
    trips = replace(MINE, kind=HeldKind.TRIPS)
    whose = expected[0].driver_id
    newest = sorted((t for t in expected if t.driver_id == whose), key=lambda t: (t.created_ms, t.id), reverse=True)
    assert await store.list_held(replace(trips, driver_id=whose)) == newest
    assert list(chain(*await pages(store, replace(trips, driver_id=whose, limit=2)))) == ids(list(newest))
    assert await store.list_held(replace(trips, driver_id="nobody")) == []
    await store.close()
