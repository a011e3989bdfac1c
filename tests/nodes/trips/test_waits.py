"""Where the time of a trip goes: each moment counts once, and all of them count."""

from dataclasses import replace

import pytest

from nodes.domain.commands import Reserve
from nodes.records import Answer, Timing
from nodes.request import CancelTrip, PlanTrip, ReadTrip, Request
from nodes.trips.waits import Part, Waits
from sim.scenario.faults import Partition
from tests.nodes.manual_clock import ManualClock
from tests.nodes.trips.trip_world import TripWorld, body, kind, played


async def test_of_several_things_that_are_waited_for_each_moment_counts_once() -> None:
    """Else a trip of ten stops would seem to wait ten times as long as it took."""
    clock = ManualClock()
    waits = Waits(clock, "server1")
    await clock.advance(1)
    with waits.waiting(Part.QUEUE):
        await clock.advance(2)
    with waits.asking("server2.a"):
        await clock.advance(4)
        with waits.asking("server3.a"), waits.asking("server1.a"):
            await clock.advance(8)
        await clock.advance(16)
    with waits.asking("server1.b"), waits.waiting(Part.QUEUE):
        await clock.advance(32)
    assert waits.timing() == Timing(queue_s=2, decide_s=1, write_s=32, forward_s=28)


async def test_who_joins_a_trip_waits_from_then_on() -> None:
    """Its time is its own, although somebody else began the trip."""
    clock = ManualClock()
    run = Waits(clock, "server1")
    with run.asking("server2.a"):
        await clock.advance(5)
        own = Waits(clock, "server1")
        with own.waiting(Part.QUEUE):
            await clock.advance(1)
        with own.waiting_with(run):
            await clock.advance(2)
    await clock.advance(9)
    with pytest.raises(KeyError), own.waiting_with(run):
        await clock.advance(3)
        raise KeyError
    assert own.timing() == Timing(queue_s=1, decide_s=12, write_s=0, forward_s=2)


async def _timed(world: TripWorld, request: Request, via: int = 0) -> tuple[Answer, Timing, float]:
    """Return the answer, what it tells of its time, and how long it took."""
    asked_s = world.small.loop.time()
    answer = await world.ask(replace(request, is_timed=True), via)
    assert answer.timing is not None
    return answer, answer.timing, world.small.loop.time() - asked_s


def _plan(world: TripWorld, *points: str, first: int = 0, key: str = "k1") -> Request:
    return Request(points[0].partition(".")[0], PlanTrip("ana", world.stops(*points, first=first)), key)


@played()
async def test_a_trip_over_several_nodes_waits_for_their_owners_and_its_own_disk(world: TripWorld) -> None:
    """In virtual time code takes none: what is left to deciding would be a wait that nobody noticed."""
    answer, timing, took_s = await _timed(world, _plan(world, *world.points()))
    assert answer.status == 201
    assert timing.forward_s > 0 and timing.write_s > 0
    assert timing.decide_s == pytest.approx(0, abs=1e-9)
    assert sum(timing) < took_s, "there and back is the caller's"
    assert sum(timing) > took_s / 3
    answer, timing, _ = await _timed(world, Request(body(answer)["id"], CancelTrip(body(answer)["id"], "ana")))
    assert answer.status == 200
    assert timing.forward_s > 0 and timing.write_s > 0 and timing.decide_s == pytest.approx(0, abs=1e-9)


@played()
async def test_a_trip_on_the_coordinators_own_points_is_never_forwarded(world: TripWorld) -> None:
    own = (world.points()[0], world.other_points()[0])
    answer, timing, _ = await _timed(world, _plan(world, *own))
    assert (answer.status, timing.forward_s) == (201, 0)
    assert timing.write_s > 0
    _, elsewhere, took_s = await _timed(world, _plan(world, *own, first=6, key="k2"), via=1)
    assert elsewhere.forward_s > 0, "the way to the coordinator"
    assert sum(elsewhere) < took_s


@played()
async def test_a_refusal_says_what_it_took_too(world: TripWorld) -> None:
    """Refusals are most of what a busy network tells, and take the longest: what was promised is given back first."""
    stops = world.stops(*world.points())
    await world.reserve(stops[2], "bob-1")
    answer, timing, _ = await _timed(world, _plan(world, *world.points()))
    assert kind(answer) == "window-taken"
    assert timing.forward_s > 0 and timing.decide_s == pytest.approx(0, abs=1e-9)
    answer, timing, _ = await _timed(world, _plan(world, *world.points()))
    assert kind(answer) == "window-taken"
    assert timing[1:] == pytest.approx((0, 0, 0), abs=1e-9), "a repeated answer is looked up, no more"


@played()
async def test_an_owner_that_cannot_be_reached_is_waited_for_and_told_as_such(world: TripWorld) -> None:
    """Here the slowest trips come from: that must be seen in their path."""
    cut = {"at_s": 0, "kind": "partition", "for_s": 60, "groups": [["server1", "vehicles"], ["server2"], ["server3"]]}
    world.small.world.breakage.begin(Partition.model_validate(cut))
    answer, timing, took_s = await _timed(world, _plan(world, *world.points()))
    assert answer.status in (202, 503)
    assert timing.forward_s > took_s / 2
    assert sum(timing) <= took_s


@played()
async def test_a_trip_that_is_read_is_timed(world: TripWorld) -> None:
    trip_id = body(await world.plan(*world.stops(*world.points())))["id"]
    await world.told()
    answer, timing, took_s = await _timed(world, Request(trip_id, ReadTrip(trip_id)))
    assert answer.status == 200
    assert sum(timing) <= took_s and timing.forward_s == 0


@played()
async def test_who_does_not_ask_is_told_nothing_and_no_answer_is_kept_with_its_times(world: TripWorld) -> None:
    answer = await world.plan(*world.stops(*world.points()))
    assert answer.timing is None
    repeated, timing, _ = await _timed(world, _plan(world, *world.points()))
    assert replace(repeated, timing=None) == answer
    assert timing.forward_s == 0
    single = Request(world.points()[1], Reserve("bob", *_window(world)), "k2")
    assert (await world.ask(single, 0)).timing is None


def _window(world: TripWorld) -> tuple[int, int]:
    stop = world.stops(world.points()[1], first=9)[0]
    return stop.start_ms, stop.end_ms
