"""What a coordinator keeps of its trips: the list, the keys whose answers left memory, and what a stop leaves."""

import asyncio
from dataclasses import replace

from nodes.domain.trip import Trip
from nodes.request import HeldKind, ReadHeld
from tests.nodes.trips.trip_world import TripWorld, body, kind, played


@played()
async def test_a_coordinator_lists_its_trips(world: TripWorld) -> None:
    """By driver, page by page."""
    first = body(await world.plan(*world.stops(*world.points())))["id"]
    second = body(await world.plan(*world.stops(*world.points(), first=5), key="k2"))["id"]
    node = world.hosts[0].node
    assert node is not None
    query = ReadHeld(HeldKind.TRIPS, 10, "ana")
    newest, oldest = await node.store.list_held(query)
    assert isinstance(newest, Trip)
    assert [newest.id, oldest.id] == [second, first]
    rest = replace(query, before=(newest.created_ms, newest.id))
    assert await node.store.list_held(rest) == [oldest]
    assert await node.store.list_held(replace(query, driver_id="bob")) == []


@played("virtual.limits.answers_recent=1")
async def test_a_key_whose_answer_left_memory_still_meets_its_trip(world: TripWorld) -> None:
    """Memory holds the last answers only; the store holds a day's, and a retry comes when it comes, also twice at once."""
    stops = world.stops(*world.points())
    first = await world.plan(*stops)
    refused = await world.plan(*stops, key="k2")
    for turn in range(3):
        await world.plan(*world.stops(*world.other_points(), first=3 * turn), key=f"other-{turn}")
        again = await asyncio.gather(*(world.plan(*stops, via=via) for via in range(3)), world.plan(*stops, key="k2"))
        assert again == [first, first, first, refused]
        reused = await world.plan(*world.stops(*world.points(), first=9), key="k1")
        assert (reused.status, kind(reused)) == (422, "idempotency-key-reused")
    await world.told()
    assert len(world.statuses()) == 12


@played()
async def test_a_node_that_stops_begins_no_cancelling(world: TripWorld) -> None:
    """Its task would outlive the node; what an earlier request began goes on in the next life."""
    trip_id = body(await world.plan(*world.stops(*world.points())))["id"]
    await world.told()
    node = world.hosts[0].node
    assert node is not None
    await node.trips.stop()
    answer = await world.cancel(trip_id)
    assert (answer.status, kind(answer)) == (503, "draining")
    stored = await node.store.find_trip(trip_id)
    assert stored is not None and not stored.cancel_asked
