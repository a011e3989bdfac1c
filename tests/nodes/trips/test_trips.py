"""Trips over three nodes in virtual time: all stops or none, whatever happens in between."""

import asyncio

from nodes.domain.reservation import ReservationStatus
from sim.scenario.faults import Crash, Partition
from tests.nodes.trips.trip_world import HOUR_MS, TripWorld, body, kind, played

RESERVED, PENDING = ReservationStatus.RESERVED, ReservationStatus.PENDING


@played()
async def test_a_trip_reserves_all_its_stops(world: TripWorld) -> None:
    """What a driver plans a journey for."""
    answer = await world.plan(*world.stops(*world.points()))
    trip = body(answer)
    assert (answer.status, answer.location) == (201, f"/v1/trips/{trip['id']}")
    assert [stop["point_id"] for stop in trip["stops"]] == world.points()
    assert {stop["status"] for stop in trip["stops"]} == {"RESERVED"}
    await world.told()
    assert world.statuses() == [RESERVED] * 3
    assert await world.read(trip["id"], via=2) == trip


@played()
async def test_one_stop_that_is_taken_refuses_the_trip_and_leaves_nothing(world: TripWorld) -> None:
    """Two of three stops are worth nothing to a driver, and would keep others away."""
    stops = world.stops(*world.points())
    await world.reserve(stops[2], "bob-1")
    answer = await world.plan(*stops)
    problem = body(answer)
    assert (answer.status, kind(answer), problem["stop"]) == (409, "window-taken", 2)
    assert problem["next_free_start_ms"] == stops[2].end_ms
    await world.told()
    assert world.statuses() == [RESERVED]
    assert (await world.read(problem["trip_id"]))["status"] == "ABORTED"


@played()
async def test_the_same_key_meets_the_same_trip_whoever_is_asked(world: TripWorld) -> None:
    """A driver whose answer was lost asks again, perhaps another node."""
    stops = world.stops(*world.points())
    first, second = await asyncio.gather(world.plan(*stops, via=0), world.plan(*stops, via=1))
    third = await world.plan(*stops, via=2)
    assert first == second == third
    await world.told()
    assert len(world.statuses()) == 3


@played()
async def test_a_refusal_is_repeated_too(world: TripWorld) -> None:
    """Else a key would stand for two answers."""
    stops = world.stops(*world.points())
    taken = body(await world.reserve(stops[1], "bob-1"))
    first = await world.plan(*stops)
    await world.cancel_one(taken["id"])
    assert await world.plan(*stops, via=1) == first
    assert world.statuses() == []


@played()
async def test_a_key_that_came_with_another_trip_is_refused(world: TripWorld) -> None:
    """It is a mistake of the client, and better said than guessed."""
    await world.plan(*world.stops(*world.points()))
    answer = await world.plan(*world.stops(*world.points(), first=5))
    assert (answer.status, kind(answer)) == (422, "idempotency-key-reused")
    await world.told()
    assert len(world.statuses()) == 3


@played()
async def test_a_stop_may_have_alternatives(world: TripWorld) -> None:
    """Any of these points, the first that is free."""
    points, others = world.points(), world.other_points()
    stops = world.stops(points[0], (points[1], others[1]), points[2])
    await world.reserve(world.stops(points[0], points[1])[1], "bob-1")
    trip = body(await world.plan(*stops))
    assert [stop["point_id"] for stop in trip["stops"]] == [points[0], others[1], points[2]]
    await world.told()
    assert world.statuses() == [RESERVED] * 4


@played()
async def test_stops_that_overlap_are_refused(world: TripWorld) -> None:
    """Nobody charges at two places at once."""
    stops = world.stops(*world.points())
    answer = await world.plan(stops[1], stops[0])
    assert (answer.status, kind(answer), body(answer)["stop"]) == (422, "stops-overlap", 1)
    assert world.statuses() == []


@played()
async def test_a_stop_that_can_never_be_is_told_as_such(world: TripWorld) -> None:
    """Each with the problem that a reservation would have; and nothing stays promised."""
    points = world.points()
    first = world.stops(points[0])[0]
    past = world.stops(points[1], first=-48)[0]
    beyond = world.stops(points[1], first=24 * 4_000)[0]
    unknown = world.stops("server9.p01", first=1)[0]
    nowhere = world.stops("server2.nowhere", first=1)[0]
    for key, stop, slug in (
        ("a", past, "window-in-past"),
        ("b", beyond, "window-beyond-horizon"),
        ("c", unknown, "unknown-node"),
        ("d", nowhere, "unknown-point"),
    ):
        stops = (stop, first) if slug == "window-in-past" else (first, stop)
        answer = await world.plan(*stops, key=key)
        assert (kind(answer), body(answer)["stop"]) == (slug, stops.index(stop))
    assert world.statuses() == []


@played()
async def test_an_owner_that_cannot_be_reached_refuses_the_trip_for_now(world: TripWorld) -> None:
    """Nothing half-done; and the same key is a new try."""
    stops = world.stops(*world.points())
    crash = Crash.model_validate({"at_s": 0, "kind": "crash", "for_s": 60, "node": world.hosts[2].id})
    mend = world.small.world.breakage.begin(crash)
    answer = await world.plan(*stops)
    assert (answer.status, kind(answer)) == (503, "owner-unreachable")
    await mend()
    await world.small.world.settled(60)
    assert world.statuses() == []
    assert (await world.plan(*stops)).status == 201


@played()
async def test_a_coordinator_that_dies_undecided_leaves_nothing(world: TripWorld) -> None:
    """No record is no trip: who holds a promise asks, and is told so."""
    stops = world.stops(*world.points())
    asking = asyncio.ensure_future(world.asked_in_vain(world.plan(*stops)))
    await world.eventually(lambda: PENDING in world.statuses())
    world.hosts[0].kill()
    assert await asking
    world.hosts[0].start()
    await world.small.world.settled(60)
    await world.eventually(lambda: world.statuses() == [])


@played()
async def test_what_was_confirmed_stands_when_the_coordinator_dies(world: TripWorld) -> None:
    """Owners that were not told are told after the restart; and the key's answer is the one decision."""
    stops = world.stops(*world.points())
    coordinator = world.hosts[0]
    asking = asyncio.ensure_future(world.asked_in_vain(world.plan(*stops)))
    assert coordinator.node is not None
    runs = coordinator.node.trips.coordinator
    await world.eventually(lambda: len(runs) == 1)
    journal = coordinator.node.server.journal
    while not any(run.trip.stops for run in runs._ledger.runs.values()):
        await asyncio.sleep(0.0005)
    await journal.flushed()
    coordinator.kill()
    await asking
    coordinator.start()
    await world.small.world.settled(60)
    await world.eventually(lambda: world.statuses() == [RESERVED] * 3)
    assert (await world.plan(*stops, via=1)).status == 201
    await world.told()
    assert len(world.statuses()) == 3


@played()
async def test_an_owner_that_dies_with_a_promise_keeps_it(world: TripWorld) -> None:
    """A promise is on disk before it is given."""
    stops = world.stops(*world.points())
    asking = asyncio.ensure_future(world.plan(*stops, timeout_ms=20_000))
    point = world.points()[2]
    await world.eventually(lambda: bool(world.point(point).in_doubt))
    world.hosts[2].kill()
    world.hosts[2].start()
    answer = await asking
    await world.small.world.settled(60)
    expected = [RESERVED] * 3 if answer.status == 201 else []
    await world.eventually(lambda: world.statuses() == expected)


@played()
async def test_a_promise_outlives_its_window_while_nobody_can_be_asked(world: TripWorld) -> None:
    """To let it expire would be to decide alone."""
    stops = world.stops(*world.points(), first=0)
    asking = asyncio.ensure_future(world.asked_in_vain(world.plan(*stops)))
    point = world.points()[2]
    await world.eventually(lambda: bool(world.point(point).in_doubt))
    for host in world.hosts[:2]:
        host.is_kept_down = True
        host.kill()
    await asking
    await asyncio.sleep(4 * HOUR_MS / 1000)
    assert [held.status for held in world.point(point).reservations.values()] == [PENDING]
    for host in world.hosts[:2]:
        host.is_kept_down = False
        host.start()
    await world.small.world.settled(60)
    await world.eventually(lambda: world.statuses() == [])


@played()
async def test_a_trip_whose_decision_is_late_is_promised_an_outcome(world: TripWorld) -> None:
    """202 says where to look; the status then becomes final by itself."""
    stops = world.stops(*world.points())
    cut = Partition.model_validate(
        {"at_s": 0, "kind": "partition", "for_s": 60, "groups": [["server1", "server2"], ["server3"]]}
    )
    mend = world.small.world.breakage.begin(cut)
    answer = await world.plan(*stops, timeout_ms=1_000)
    assert answer.status == 202
    trip_id = body(answer)["id"]
    assert answer.location == f"/v1/trips/{trip_id}"
    assert (await world.read(trip_id))["status"] == "PENDING"
    await asyncio.sleep(20)
    assert (await world.read(trip_id))["status"] == "ABORTED"
    await mend()
    await world.small.world.settled(60)
    await world.eventually(lambda: world.statuses() == [])
    again = await world.plan(*stops)
    assert (again.status, kind(again)) == (409, "trip-aborted")


@played()
async def test_a_cancelled_trip_gives_all_its_stops_back(world: TripWorld) -> None:
    """And to cancel it again changes nothing."""
    trip_id = body(await world.plan(*world.stops(*world.points())))["id"]
    first = await world.cancel(trip_id, via=1)
    assert (first.status, body(first)["status"]) == (200, "CANCELED")
    assert {stop["status"] for stop in body(first)["stops"]} == {"CANCELED"}
    assert world.statuses() == []
    assert (await world.cancel(trip_id, via=2)).body == first.body


@played("network.terms.cancel_until_s=600")
async def test_a_stop_whose_terms_are_over_is_kept_when_its_trip_is_cancelled(world: TripWorld) -> None:
    """Per their terms: the driver is told which."""
    stops = world.stops(*world.points())
    trip_id = body(await world.plan(*stops))["id"]
    now_ms = world.hosts[0].clock.now_ms()
    await asyncio.sleep((stops[0].start_ms - 300_000 - now_ms) / 1000)
    answer = await world.cancel(trip_id)
    assert [stop["status"] for stop in body(answer)["stops"]] == ["RESERVED", "CANCELED", "CANCELED"]
    await world.told()
    assert world.statuses() == [RESERVED]


@played()
async def test_two_that_cancel_at_once_are_told_the_same(world: TripWorld) -> None:
    """One cancelling is under way; the other waits for it, or asks again."""
    trip_id = body(await world.plan(*world.stops(*world.points())))["id"]
    answers = await asyncio.gather(world.cancel(trip_id, via=0), world.cancel(trip_id, via=1))
    assert {answer.status for answer in answers} <= {200, 503}
    assert 200 in {answer.status for answer in answers}
    assert world.statuses() == []


@played()
async def test_a_driver_sees_no_trip_of_another(world: TripWorld) -> None:
    """Whose trip it is not, for them it does not exist."""
    trip_id = body(await world.plan(*world.stops(*world.points())))["id"]
    answer = await world.cancel_as("bob", trip_id)
    assert (answer.status, kind(answer)) == (404, "unknown-trip")
    await world.told()
    assert len(world.statuses()) == 3


@played("virtual.limits.trips_max=1")
async def test_no_more_trips_than_the_bound_are_under_way(world: TripWorld) -> None:
    """Over it the answer is 503, and nothing is begun."""
    first = world.plan(*world.stops(*world.points()))
    second = world.plan(*world.stops(*world.other_points()), key="k2")
    answers = await asyncio.gather(first, second)
    assert sorted(answer.status for answer in answers) == [201, 503]
    await world.told()
    assert len(world.statuses()) == 3
