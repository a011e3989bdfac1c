"""What a driver does who plans several stops: when the trip is had, when a stop is not, and when nobody says."""

from collections.abc import Callable
from itertools import count, pairwise
from typing import Any

import pytest

from nodes.domain.commands import Cancel, Meter, StartReservation, Stop
from nodes.domain.ids import owner_of
from nodes.records import Answer
from nodes.request import CancelTrip, PlanTrip, ReadTrip, Request, StopWish, coordinator_of
from sim.fleet.target import NoAnswerError
from tests.sim.fleet.examples import scenario
from tests.sim.fleet.scripted_city import Reply, Script, ScriptedCity, problem, trip

ON_POINTS = {
    "trip_share": 1,
    "trip_any_of_share": 0,
    "trip_near_share": 0,
    "trip_give_back_share": 0,
    "no_show_share": 0,
}
TRIP = "server1.trip.t1-1"


def a_city(script: Script = lambda _, __: None, **behaviour: Any) -> ScriptedCity:
    """Return a city whose drivers plan journeys and behave so."""
    classes = [ON_POINTS | {"think_s": 1} | behaviour]
    spec = scenario(network={"nodes": 3, "points_per_node": 4}, fleet={"classes": classes})
    return ScriptedCity(script, spec)


def plans_of(city: ScriptedCity) -> list[tuple[str, Request, PlanTrip]]:
    """Return the trips asked for: which node was asked, with which request."""
    asked = []
    for node, request in city.asked(PlanTrip):
        assert isinstance(request.action, PlanTrip)
        asked.append((node, request, request.action))
    return asked


def first_times(reply: Callable[[Request], Reply], times: int = 1, kind: type = PlanTrip) -> Script:
    """Return a script: that many requests of a kind get this reply, all others yes."""
    serial = count()
    return lambda _, request: reply(request) if isinstance(request.action, kind) and next(serial) < times else None


def in_order(stops: tuple[StopWish, ...]) -> bool:
    """Whether every stop begins when the one before has ended, or later."""
    return all(before.end_ms <= after.start_ms for before, after in pairwise(stops))


def test_a_journey_is_planned_made_and_charged_for_at_every_stop() -> None:
    """All stops in one request; then each is used like any reservation, in its order."""
    city = a_city()
    lines = city.drive(trip_stops=3)
    ((_, request, plan),) = plans_of(city)
    assert (len(plan.stops), in_order(plan.stops)) == (3, True)
    assert request.point_id == coordinator_of(plan.stops) == owner_of(plan.stops[0].points[0])
    owners = [owner_of(stop.points[0]) for stop in plan.stops]
    assert all(before != after for before, after in pairwise(owners)), "the next stop is another company's"
    kinds = [type(request.action) for _, request in city.target.asked if not isinstance(request.action, Meter)]
    assert kinds == [PlanTrip] + 3 * [StartReservation, Stop]
    starts = [line["civil_ms"] for line in lines if line["f"] == "start" and line["type"] == "invoke"]
    assert starts == [stop.start_ms for stop in plan.stops]
    fate = lines[-1]["value"]
    assert (fate["fate"], fate["stops"], fate["stops_served"], fate["cost_minor"]) == ("served", 3, 3, 15)


def test_the_history_tells_what_was_asked_and_which_trip_it_became() -> None:
    """No point, which a trip has not; the trip's id instead, and its stops as they were told."""
    lines = a_city().drive(trip_stops=2)
    invoke, completion = lines[:2]
    assert (invoke["f"], invoke["type"], completion["type"]) == ("trip", "invoke", "ok")
    assert invoke["value"].keys() == {"driver_id", "coordinator", "stops"}
    assert [stop.keys() for stop in invoke["value"]["stops"]] == 2 * [{"start_ms", "end_ms", "point_id"}]
    assert completion["trip"] == completion["value"]["id"]
    assert completion["trip"].startswith(f"{invoke['value']['coordinator']}.trip.")
    assert [stop["point_id"] for stop in completion["value"]["stops"]] == [
        stop["point_id"] for stop in invoke["value"]["stops"]
    ]
    assert "point" not in invoke
    assert "trip" not in invoke
    assert invoke["key"] == completion["key"]


def test_some_stops_name_several_points_and_some_a_place() -> None:
    """A trip of places alone names the node that is to decide."""
    city = a_city(trip_any_of_share=1)
    city.drive(trip_stops=4)
    ((_, _, plan),) = plans_of(city)
    assert {len(stop.points) for stop in plan.stops} <= {2, 3}
    assert all(len(set(stop.points)) == len(stop.points) for stop in plan.stops)
    city = a_city(trip_near_share=1)
    city.drive(trip_stops=2)
    ((_, request, plan),) = plans_of(city)
    assert coordinator_of(plan.stops) is None
    assert request.point_id in city.desk.city.node_ids
    near = [stop.near for stop in plan.stops]
    assert all(place is not None and place.radius_m == city.desk.scenario.fleet.look_radius_m for place in near)
    assert "near" in city.lines[0]["value"]["stops"][0]


def test_a_taken_stop_moves_to_the_window_that_is_free_next_and_those_after_it_make_room() -> None:
    """It is another trip then: another key."""
    later_ms = 600_000

    def taken(request: Request) -> Answer:
        assert isinstance(request.action, PlanTrip)
        stop = request.action.stops[1]
        return problem("window-taken", stop=1, trip_id=TRIP, next_free_start_ms=stop.start_ms + later_ms)

    city = a_city(first_times(taken), trip_drive_s=60)
    lines = city.drive(trip_stops=3, insists=True)
    (_, one, before), (_, other, after) = plans_of(city)
    assert one.key != other.key
    assert after.stops[0] == before.stops[0]
    assert after.stops[1].start_ms == before.stops[1].start_ms + later_ms
    assert after.stops[1].points == before.stops[1].points
    assert after.stops[1].end_ms - after.stops[1].start_ms == before.stops[1].end_ms - before.stops[1].start_ms
    assert after.stops[2].start_ms == after.stops[1].end_ms, "no later than it takes"
    refusal = lines[1]
    assert (refusal["type"], refusal["error"], refusal["trip"]) == ("fail", "window-taken", TRIP)
    assert refusal["value"] == {"stop": 1, "next_free_start_ms": before.stops[1].start_ms + later_ms}
    assert city.fate == "served"


@pytest.mark.parametrize("slug", ["window-taken", "point-unavailable", "no-point-fits"])
def test_a_stop_that_is_not_to_be_had_goes_elsewhere_and_the_others_stay(slug: str) -> None:
    """A driver who is not told when it is free, or would have to wait for too long, looks for another point."""
    far_ms = 10**14
    city = a_city(first_times(lambda _: problem(slug, stop=2, trip_id=TRIP, next_free_start_ms=far_ms), times=6))
    city.drive(trip_stops=3, attempts_max=7)
    plans = [plan for _, _, plan in plans_of(city)]
    assert len(plans) == 7
    assert len({plan.stops[:2] for plan in plans}) == 1
    assert len({(plan.stops[2].start_ms, plan.stops[2].end_ms) for plan in plans}) == 1
    assert len({plan.stops[2].points for plan in plans}) > 1
    assert city.fate == "served"


def test_attempts_are_bounded() -> None:
    """Whoever is refused again and again gives up."""
    city = a_city(first_times(lambda _: problem("trip-aborted", reason="deadline-passed"), times=99))
    city.drive(trip_stops=2, attempts_max=3)
    assert len(plans_of(city)) == 3
    assert city.fate == "gave_up"


def test_after_no_answer_the_same_trip_is_asked_for_with_the_same_key_elsewhere() -> None:
    """It may stand; it must not stand twice."""
    city = a_city(first_times(lambda _: NoAnswerError("timeout"), times=2))
    lines = city.drive(trip_stops=2)
    plans = plans_of(city)
    assert [node for node, _, _ in plans] == ["server1", "server2", "server3"]
    assert len({request for _, request, _ in plans}) == 1
    assert [line["type"] for line in lines if line["f"] == "trip"] == 2 * ["invoke", "info"] + ["invoke", "ok"]
    assert not city.desk.unknown, "what became of it is known now"
    assert city.fate == "served"


def under_way(request: Request) -> Answer:
    """Return the answer that a trip is not decided."""
    assert isinstance(request.action, PlanTrip)
    return trip(TRIP, request.action, 202, "PENDING")


def looks(*words: str) -> Script:
    """Return a script: the trip is not decided when it is asked for, and when it is looked at it is so, one after the other."""
    told, asked = iter(words), []

    def script(_: str, request: Request) -> Answer | None:
        if isinstance(request.action, PlanTrip) and not asked:
            asked.append(request.action)
            return under_way(request)
        return trip(TRIP, asked[0], 200, next(told)) if isinstance(request.action, ReadTrip) else None

    return script


def test_a_trip_that_is_not_decided_is_looked_at_until_it_is() -> None:
    """202 is no answer: the process that asked is gone, and the key is asked again when all is over."""
    city = a_city(looks("PENDING", "PENDING", "CONFIRMED"))
    lines = city.drive(trip_stops=2)
    told = [(line["f"], line["type"], line.get("error")) for line in lines if line["f"] in ("trip", "read")]
    assert told[:2] == [("trip", "invoke", None), ("trip", "info", "not-decided")]
    assert told[2:] == 3 * [("read", "invoke", None), ("read", "ok", None)]
    assert lines[1]["trip"] == TRIP
    assert {line["trip"] for line in lines if line["f"] == "read"} == {TRIP}
    assert [line["value"]["status"] for line in lines if line["f"] == "read" and line["type"] == "ok"][
        -1
    ] == "CONFIRMED"
    assert {line["process"] for line in lines if line["f"] == "read"} == {14}
    times = [line["time_ns"] for line in lines if line["type"] == "invoke"][:4]
    assert [round((after - before) / 1e9) for before, after in pairwise(times)] == [1, 2, 4]
    assert list(city.desk.unknown) == [lines[0]["key"]]
    assert city.fate == "served"


def test_a_trip_that_was_aborted_while_the_driver_waited_is_planned_anew() -> None:
    """With another key: the old one is spent."""
    city = a_city(looks("PENDING", "ABORTED"))
    city.drive(trip_stops=2)
    (_, one, _), (_, other, _) = plans_of(city)
    assert one.key != other.key
    assert city.fate == "served"


def test_looks_are_bounded() -> None:
    """A trip that is never decided keeps nobody waiting for ever."""
    city = a_city(looks(*["PENDING"] * 99))
    city.drive(trip_stops=1, attempts_max=1)
    assert 2 <= len(city.asked(ReadTrip)) <= 20
    assert city.fate == "gave_up"


def test_who_cancels_gives_the_whole_trip_back_before_it_begins_or_after_the_first_stop() -> None:
    """Which of the two is drawn; either way all of it, in one request with a key, by its id."""
    seen = set()
    for vehicle in range(12):
        city = a_city()
        lines = city.drive(trip_stops=3, cancels=True, vehicle=vehicle)
        ((_, request),) = city.asked(CancelTrip)
        assert request.action == CancelTrip(lines[1]["trip"], f"driver-{vehicle}")
        (invoke,) = (line for line in lines if line["f"] == "cancel_trip" and line["type"] == "invoke")
        assert invoke["value"] == {"id": lines[1]["trip"], "driver_id": f"driver-{vehicle}"}
        assert (invoke["trip"], "point" in invoke) == (lines[1]["trip"], False)
        started = len(city.asked(StartReservation))
        assert started <= 1
        seen.add((started, city.fate))
    assert seen == {(0, "canceled"), (1, "served")}


def test_a_cancellation_under_way_is_asked_again_until_it_is_done() -> None:
    """Under the same key."""
    going_on = Answer(202, b'{"id": "x", "status": "CONFIRMED", "stops": []}', retry_after_s=1)
    city = a_city(first_times(lambda _: going_on, 2, CancelTrip))
    city.drive(trip_stops=2, cancels=True, vehicle=0)
    assert len(city.asked(CancelTrip)) == 3
    assert len({request for _, request in city.asked(CancelTrip)}) == 1
    assert not city.desk.unknown


def test_who_gives_one_stop_back_uses_the_others() -> None:
    """The reservation is cancelled like any other; the rest of the trip stands."""
    city = a_city(trip_give_back_share=1)
    city.drive(trip_stops=3)
    ((_, request),) = city.asked(Cancel)
    assert isinstance(request.action, Cancel)
    used = [request.action for _, request in city.asked(StartReservation)]
    assert len(used) == 2
    assert request.action.reservation_id not in [action.reservation_id for action in used]  # type: ignore[union-attr]
    assert city.fate == "served"


def test_who_does_not_come_says_nothing() -> None:
    """Whatever the reason: the whole journey, or every stop of it."""
    city = a_city()
    city.drive(trip_stops=2, shows_up=False)
    assert len(city.target.asked) == 1
    assert city.fate == "no_show"
    city = a_city(no_show_share=1)
    city.drive(trip_stops=2)
    assert len(city.target.asked) == 1
    assert city.fate == "no_show"


def test_a_stop_that_is_refused_on_arrival_is_driven_past() -> None:
    """The next one is reserved all the same."""
    city = a_city(first_times(lambda _: problem("reservation-over"), 1, StartReservation))
    lines = city.drive(trip_stops=3)
    fate = lines[-1]["value"]
    assert (fate["fate"], fate["stops_served"]) == ("served", 2)
    city = a_city(first_times(lambda _: problem("reservation-over"), 9, StartReservation))
    fate = city.drive(trip_stops=3)[-1]["value"]
    assert (fate["fate"], fate["stops_served"], fate["error"]) == ("refused_at_start", 0, "reservation-over")


def test_what_a_journey_wanted_is_told_of_every_stop_that_was_not_given_up() -> None:
    """Unserved demand is as much a journey's as a single reservation's; who charges at two of three stops wanted three."""
    wanted_wh = a_city().drive(trip_stops=3)[-1]["value"]["wanted_wh"]
    assert wanted_wh > 0
    driven_past = a_city(first_times(lambda _: problem("reservation-over"), kind=StartReservation))
    in_vain = a_city(
        lambda _, request: problem("reservation-over") if isinstance(request.action, StartReservation) else None
    )
    refused = a_city(lambda _, request: problem("window-taken") if isinstance(request.action, PlanTrip) else None)
    for city, fate in ((driven_past, "served"), (in_vain, "refused_at_start"), (refused, "gave_up")):
        told = city.drive(trip_stops=3)[-1]["value"]
        assert (told["fate"], told["wanted_wh"]) == (fate, wanted_wh)


def test_a_journey_is_drawn_by_its_vehicles_number_alone() -> None:
    """What others do changes nothing of it."""

    def stops(vehicle: int) -> tuple[StopWish, ...]:
        city = a_city(trip_any_of_share=0.5, trip_near_share=0.3)
        city.drive(trip_stops=3, vehicle=vehicle)
        return plans_of(city)[0][2].stops

    assert stops(1) == stops(1)
    assert stops(1) != stops(2)
