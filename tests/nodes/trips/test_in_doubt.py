"""Who holds a promise and hears nothing: whom it asks, and what it makes of the answers."""

import asyncio
from collections.abc import Sequence

import orjson

from nodes.domain.commands import AbortStop, Cancel, Command, CommitStop, PrepareStop
from nodes.domain.reservation import Reservation, ReservationStatus
from nodes.errors import PeerUnreachable
from nodes.problems import UNKNOWN_NODE, error_answer, problem
from nodes.records import Answer
from nodes.request import ReadDecision, ReadStop, Request
from nodes.trips.delivery import Delivery
from nodes.trips.in_doubt import Known
from nodes.trips.waits import Waits
from sim.scenario.faults import Partition
from tests.nodes.trips.trip_world import HOUR_MS, TripWorld, body, kind, played

TRIP, POINTS = "server2.trip.t1-1", ("server2.a", "server3.b")
AWAY = error_answer(PeerUnreachable("server2", "away"))
STOP = Reservation("server1.a.r1-2", "server1.a", "ana", ReservationStatus.PENDING, 1, 2, 1, "BRL", 0, 1, 2)
STOP.trip_id, STOP.trip_stop, STOP.trip_points = TRIP, 0, POINTS
COMMIT, ABORT, REPLACED = CommitStop(STOP.id, TRIP), AbortStop(TRIP, 0), AbortStop(TRIP, 0, is_replaced=True)


class Others:
    """The other nodes, who answer as they are told to, one request after the other."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    async def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answers.pop(0)


def knows(known: str) -> Answer:
    return Answer(200, orjson.dumps({"known": known}))


def decided(status: str, *, belongs: bool) -> Answer:
    return Answer(200, orjson.dumps({"status": status, "belongs": belongs}))


async def decision(world: TripWorld, *answers: Answer) -> tuple[Command | None, Sequence[Request]]:
    """Return what a real node makes of these answers, and whom it asked. All of them must be needed."""
    node, others = world.hosts[0].node, Others(*answers)
    assert node is not None
    in_doubt = node.trips.in_doubt
    own, in_doubt._ask = in_doubt._ask, others.ask
    try:
        made = await in_doubt._decision(STOP)
    finally:
        in_doubt._ask = own
    assert others.answers == []
    return made, others.asked


@played()
async def test_the_coordinator_is_asked_first_and_believed(world: TripWorld) -> None:
    """Its word is the decision: nobody else is asked."""
    for answer, expected in (
        (decided("CONFIRMED", belongs=True), COMMIT),
        (decided("CANCELED", belongs=True), COMMIT),
        (decided("CONFIRMED", belongs=False), REPLACED),
        (decided("ABORTED", belongs=False), ABORT),
        (decided("PENDING", belongs=False), None),
    ):
        made, asked = await decision(world, answer)
        assert made == expected
        assert [(request.point_id, request.action) for request in asked] == [(TRIP, ReadDecision(TRIP, STOP.id))]


@played()
async def test_while_the_coordinator_is_away_the_other_owners_are_asked(world: TripWorld) -> None:
    """One who knows is enough; who is in doubt, or was not asked, or is away too, says nothing of the trip."""
    committed, aborted, in_doubt, nothing = (knows(known) for known in Known)
    for answers, expected in (
        ([committed], COMMIT),
        ([aborted], ABORT),
        ([in_doubt, committed], COMMIT),
        ([nothing, aborted], ABORT),
        ([AWAY, committed], COMMIT),
        ([in_doubt, nothing], None),
        ([AWAY, AWAY], None),
        ([nothing, nothing], None),
    ):
        made, asked = await decision(world, AWAY, *answers)
        assert made == expected
        assert [request.action for request in asked[1:]] == [ReadStop(p, TRIP) for p in POINTS[: len(answers)]]


@played()
async def test_a_promise_with_alternatives_asks_nobody_but_the_coordinator(world: TripWorld) -> None:
    """That the trip stands does not say with which of its points."""
    points = world.points()
    wishes = world.stops(points[0], (points[1], world.other_points()[1]))
    assert (await world.plan(*wishes)).status == 201
    told = [held for point in points[:2] for held in world.point(point).reservations.values()]
    assert [held.trip_points for held in told] == [(points[1],), ()]
    STOP.trip_points = ()
    try:
        made, asked = await decision(world, AWAY)
    finally:
        STOP.trip_points = POINTS
    assert (made, len(asked)) == (None, 1)


@played()
async def test_what_an_owner_knows_of_a_trip_is_what_became_of_its_stop(world: TripWorld) -> None:
    """Others decide by it: a replaced stop says nothing of the trip, a stop that stood and was cancelled says all."""
    point, start_ms = world.points()[0], world.hour_ms

    async def known(trip_id: str) -> str:
        return str(body(await world.ask(Request(point, ReadStop(point, trip_id)), 1))["known"])

    for at, (ends, expected) in enumerate(
        (("commit", Known.COMMITTED), ("cancel", Known.COMMITTED), ("abort", Known.ABORTED), ("replace", Known.NOTHING))
    ):
        trip_id = f"server2.trip.t9-{at}"
        assert await known(trip_id) == Known.NOTHING
        window = (start_ms + at * HOUR_MS, start_ms + (at + 1) * HOUR_MS)
        # The real coordinator would say at once that there is no such trip: ask before the owner does.
        stop = body(await world.ask(Request(point, PrepareStop(trip_id, 0, "ana", *window), f"k{at}"), 0))
        assert await known(trip_id) == Known.IN_DOUBT
        deeds: dict[str, list[Command]] = {
            "commit": [CommitStop(stop["id"], trip_id)],
            "cancel": [CommitStop(stop["id"], trip_id), Cancel(stop["id"])],
            "abort": [AbortStop(trip_id, 0)],
            "replace": [AbortStop(trip_id, 0, is_replaced=True)],
        }
        for command in deeds[ends]:
            assert (await world.ask(Request(point, command), 0)).status == 200
        assert await known(trip_id) == expected


@played()
async def test_a_decision_is_told_until_its_owner_itself_has_acknowledged_it(world: TripWorld) -> None:
    """Who is away, or was never heard of, or is not ready, has not heard it."""
    clock, limits = world.hosts[0].clock, world.hosts[0].node.config.limits  # type: ignore[union-attr]
    unknown = problem(UNKNOWN_NODE, "never heard of it")
    others = Others(AWAY, unknown, AWAY, unknown, Answer(200, b"{}"))
    answer = await Delivery(others.ask, clock, limits).send(Request("server2.a", COMMIT), Waits(clock, "server1"))
    assert (answer, len(others.asked)) == (Answer(200, b"{}"), 5)
    assert len({request.fingerprint for request in others.asked}) == 1

    others = Others(*[AWAY] * 9)
    before_s = clock.monotonic_s()
    assert (
        await Delivery(others.ask, clock, limits).send(Request("server2.a", ABORT), Waits(clock, "server1"), tries=4)
        is None
    )
    assert len(others.asked) == 4
    assert 1.5 <= clock.monotonic_s() - before_s <= 1.5 * 1.25, (
        "0.1 s, doubled each time, with up to a quarter of jitter"
    )


@played()
async def test_a_coordinator_that_stops_promises_an_outcome_and_the_next_life_has_it(world: TripWorld) -> None:
    """Stopping must not wait for owners that are away; and who was told 202 finds a decision there."""
    stops, coordinator = world.stops(*world.points()), world.hosts[0]
    cut = Partition.model_validate(
        {"at_s": 0, "kind": "partition", "for_s": 60, "groups": [["server1", "server2"], ["server3"]]}
    )
    mend = world.small.world.breakage.begin(cut)
    asking = asyncio.ensure_future(world.plan(*stops, timeout_ms=30_000))
    await world.eventually(lambda: bool(world.point(world.points()[1]).in_doubt))
    await coordinator.stop()
    answer = await asking
    assert answer.status == 202
    coordinator.start()
    await mend()
    await world.small.world.settled(60)
    told = await world.read(body(answer)["id"], via=1)
    assert (told["status"], told["reason"]) == ("ABORTED", "its coordinator restarted before it was decided")
    await world.eventually(lambda: world.statuses() == [])
    again = await world.plan(*stops)
    assert (again.status, kind(again)) == (409, "trip-aborted")
