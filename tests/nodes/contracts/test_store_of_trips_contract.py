"""What every ``Store`` promises of trips: their stops on this node's points, and the trips that this node decides on."""

from dataclasses import replace
from pathlib import Path

import pytest

from nodes.domain.commands import AbortStop, CommitStop, CreatePoint, PrepareStop, Reserve, StartReservation
from nodes.domain.reservation import Reservation, ReservationStatus
from nodes.domain.session import Session
from nodes.domain.trip import TripEvent
from nodes.errors import StoreError
from nodes.records import Batch
from tests.nodes.contracts.author import NOW, SPEC, Author
from tests.nodes.contracts.playing import played
from tests.nodes.contracts.store_worlds import StoreWorld, store_world
from tests.nodes.contracts.trip_author import HOUR, OVER, UNDER_WAY, TripAuthor

TRIP, OTHER = "server2.trip.t1-1", "server9.trip.t2-2"
LIVES = UNDER_WAY | OVER


@pytest.fixture(params=["sqlite", "postgres", "virtual"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> StoreWorld:
    return store_world(request.param, request, tmp_path)


def stop(at: int, trip_id: str = TRIP, points: tuple[str, ...] = ("server2.a", "server3.b")) -> PrepareStop:
    """Return a wish for the ``at``-th hour."""
    return PrepareStop(trip_id, at, "ana", NOW + at * HOUR, NOW + (at + 1) * HOUR, points)


@played
async def test_promises_come_back_as_they_were_given(world: StoreWorld) -> None:
    """Whoever forgot one, or whom to ask about it, would sell its window, or block it for ever."""
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    made = [await author.write(stop(at), NOW, key=f"{TRIP}/{at}.0") for at in range(3)]
    await author.write(stop(3, OTHER, ()), NOW)
    promised, confirmed, rejected = made
    assert (
        isinstance(promised, Reservation) and isinstance(confirmed, Reservation) and isinstance(rejected, Reservation)
    )
    await author.write(CommitStop(confirmed.id, TRIP), NOW + 1)
    await author.write(AbortStop(TRIP, 2), NOW + 2)
    await store.close()

    again = world.new()
    point = again.open(NOW).points["server1.a"]
    assert point.in_doubt == author.point.in_doubt
    assert set(point.in_doubt) == {(TRIP, 0), (OTHER, 3)}
    assert point.reservations == author.point.reservations
    assert [held.status for held in point.reservations.values()] == ["PENDING", "RESERVED", "PENDING"]
    assert point.reservations[promised.id].trip_points == ("server2.a", "server3.b")
    assert list(point.calendar) == list(author.point.calendar)
    assert await again.find_stops(TRIP) == [promised, confirmed, rejected]
    assert (rejected.status, rejected.reason, rejected.released_ms) == ("REJECTED", "trip-aborted", NOW + 2)
    await again.close()


@played
async def test_a_promise_that_came_back_is_decided_like_any_other(world: StoreWorld) -> None:
    """The decision mostly comes after the restart: it must meet the promise, and be kept."""
    store = world.new()
    author = Author(store, store.open(NOW))
    await author.write(CreatePoint(SPEC), NOW)
    first, second = [await author.write(stop(at), NOW) for at in range(2)]
    assert isinstance(first, Reservation) and isinstance(second, Reservation)
    await store.close()

    again = world.new()
    author = Author(again, again.open(NOW))
    confirmed = await author.write(CommitStop(first.id, TRIP), NOW + 3)
    replaced = await author.write(AbortStop(TRIP, 1, is_replaced=True), NOW + 4)
    assert author.point.in_doubt == {}
    assert await again.find_stops(TRIP) == [confirmed, replaced]
    assert isinstance(confirmed, Reservation) and isinstance(replaced, Reservation)
    assert (confirmed.status, confirmed.epoch, confirmed.trip_stop) == (ReservationStatus.RESERVED, 2, 0)
    assert (replaced.status, replaced.reason) == (ReservationStatus.REJECTED, "stop-replaced")
    await again.close()


@played
async def test_a_promises_life_in_one_batch_is_stored_like_one_in_many(world: StoreWorld) -> None:
    """Promise, decision and charge may share a transaction."""
    store = world.new()
    author = Author(store, store.open(NOW))
    batch = Batch(author.act(CreatePoint(SPEC), NOW)[0])
    events, kept = author.act(stop(0), NOW)
    given_back_events, given_back = author.act(stop(1), NOW)
    batch.events += events + given_back_events + author.act(AbortStop(TRIP, 1), NOW + 1)[0]
    assert isinstance(kept, Reservation)
    batch.events += author.act(CommitStop(kept.id, TRIP), NOW + 1)[0]
    events, session = author.act(StartReservation(kept.id), NOW + 2)
    batch.events += events
    await store.append(batch)
    assert isinstance(session, Session)
    assert await store.find_session(session.id) == session
    assert await store.find_stops(TRIP) == [kept, given_back]
    assert kept.status is ReservationStatus.ACTIVE
    await store.close()


@played
async def test_the_stops_of_a_trip_are_found_on_all_points_and_no_others(world: StoreWorld) -> None:
    """Who asks about a trip is told of that trip, in its order, and of nothing else."""
    store = world.new()
    recovered = store.open(NOW)
    first, second = Author(store, recovered), Author(store, recovered, "server1.b")
    for author in (first, second):
        author.ver = max(first.ver, second.ver)
        await author.write(CreatePoint(SPEC), NOW)
    made = {}
    for at in (2, 0, 1):
        author, other = (first, second) if at % 2 else (second, first)
        author.ver = max(first.ver, second.ver)
        made[at] = await author.write(stop(at), NOW)
        other.ver = author.ver
        await other.write(stop(at, OTHER), NOW)
    first.ver = second.ver = max(first.ver, second.ver)
    await first.write(Reserve("rui", NOW + 9 * HOUR, NOW + 10 * HOUR), NOW)
    assert await store.find_stops(TRIP) == [made[0], made[1], made[2]]
    assert [found.trip_id for found in await store.find_stops(OTHER)] == [OTHER] * 3
    assert await store.find_stops("server1.trip.t9-9") == []
    await store.close()


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "several"])
@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
@played
async def test_a_trip_is_found_as_it_is(world: StoreWorld, life: tuple[TripEvent, ...], together: bool) -> None:
    """Group commit decides what shares a transaction; nothing may depend on it."""
    store = world.new()
    events, trip = TripAuthor(store.open(NOW)).life(1, life)
    for batch in [events] if together else [[event] for event in events]:
        await store.append(Batch(batch))
    assert await store.find_trip(trip.id) == trip
    assert await store.find_trip("server1.trip.t1-2") is None
    told = await store.read_journal(0, 100)
    assert [(stamped.point_id, stamped.point_seq) for stamped in told] == [(trip.id, n + 1) for n in range(len(events))]
    assert [stamped.event for stamped in told] == [stamped.event for stamped in events]
    await store.close()


@played
async def test_exactly_what_is_under_way_is_recovered(world: StoreWorld) -> None:
    """One too few is a driver with half a trip; one too many is work for ever, and memory."""
    store = world.new()
    author, trips = TripAuthor(store.open(NOW)), {}
    for count, (name, life) in enumerate((OVER | UNDER_WAY).items(), 1):
        events, trips[name] = author.life(count, life)
        await store.append(Batch(events))
    await store.close()
    again = world.new()
    recovered = again.open(NOW)
    expected = sorted((trips[name] for name in UNDER_WAY), key=lambda trip: trip.id)
    assert recovered.trips == expected
    assert all(trip.is_under_way for trip in expected)
    assert not any(trips[name].is_under_way for name in OVER)
    assert recovered.points == {}

    author = TripAuthor(recovered)
    going_on = replace(expected[0])
    event = author.record(going_on, UNDER_WAY["confirmed"][0] if going_on.status == "PENDING" else OVER["settled"][1])
    await again.append(Batch([event]))
    assert await again.find_trip(going_on.id) == going_on
    assert going_on.epoch == 2
    await again.close()


@played
async def test_a_closed_store_tells_nothing_of_trips(world: StoreWorld) -> None:
    """No record would mean an abort: it is a ``StoreError``."""
    store = world.new()
    store.open(NOW)
    await store.close()
    for reading in (store.find_trip("server1.trip.t1-1"), store.find_stops("server1.trip.t1-1")):
        with pytest.raises(StoreError):
            await reading
