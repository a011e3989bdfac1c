"""What a driver intends: shares as the scenario says them, and every vehicle by itself."""

from dataclasses import replace

import pytest

from nodes.api.trip_bodies import STOPS_MAX
from sim.engine.randomness import Randomness
from sim.fleet.plan import Plan, draw_plan
from sim.scenario.distribution import TRIP_STOPS_MAX
from tests.sim.fleet.examples import city_of, scenario

FLEET = {
    "vehicles": 2_000,
    "classes": [
        {"name": "taxi", "share": 3, "walk_up_share": 0.2, "no_show_share": 0.1, "cancel_share": 0.3, "overstay_share": 0.25},
        {"name": "car", "share": 1, "insists_share": 1, "stay_s": 600, "lateness_s": -60},
    ],
}  # fmt: skip


def plans(seed: int = 1, count: int = 2_000, **fleet: object) -> list[Plan]:
    spec = scenario(seed=seed, fleet=FLEET | fleet)
    city = city_of(spec)
    return [draw_plan(spec.fleet, city, Randomness(seed), vehicle, 0.0) for vehicle in range(count)]


def test_classes_and_habits_follow_their_shares() -> None:
    """Two thousand draws are enough to see one taken for another."""
    drawn = plans()
    taxis = [plan for plan in drawn if plan.class_name == "taxi"]
    cars = [plan for plan in drawn if plan.class_name == "car"]
    assert len(taxis) == pytest.approx(1_500, rel=0.06)
    for seen, share in (
        (sum(plan.walks_up for plan in taxis), 0.2),
        (sum(not plan.shows_up for plan in taxis), 0.1),
        (sum(plan.cancels for plan in taxis), 0.3),
        (sum(plan.overstay_s > 0 for plan in taxis), 0.25),
    ):
        assert seen == pytest.approx(share * len(taxis), rel=0.25)
    assert not any(plan.insists for plan in taxis)
    assert all(plan.insists and plan.stay_s == 600 and plan.lateness_s == -60 for plan in cars)
    assert {plan.home for plan in drawn} == {0, 1, 2}


def test_a_vehicle_is_drawn_by_its_number_alone() -> None:
    """Neither its arrival nor how many others there are changes what it wants."""
    spec = scenario(fleet=FLEET)
    city = city_of(spec)
    alone = draw_plan(spec.fleet, city, Randomness(1), 77, 5.0)
    assert replace(alone, arrival_s=0.0) == plans()[77]
    assert plans(count=50) == plans(count=50, vehicles=51)
    assert plans(count=50) != plans(seed=2, count=50)


def test_what_is_drawn_makes_sense_whatever_the_distributions_say() -> None:
    """Nobody stays for 0 s, nobody starts full, no battery is without power."""
    odd = {"name": "odd", "stay_s": 0, "lead_s": {"exponential": 1}, "battery": {"soc_at_arrival": 1}}
    for plan in plans(count=200, classes=[odd]):
        assert plan.stay_s >= 1
        assert plan.lead_s >= 0
        assert plan.soc <= 0.99
        assert plan.power_w >= 1_000


def test_who_plans_a_journey_is_drawn_beside_everything_else() -> None:
    """A class that plans none is as it was before there were journeys; one that does has as many stops as a node takes."""
    plain = plans(count=300)
    assert {plan.trip_stops for plan in plain} == {0}
    journeys = {"trip_share": 0.5, "trip_stops": {"exponential": 9, "at_least": 1}}
    taxi, car = FLEET["classes"]  # type: ignore[misc]
    drawn = plans(count=300, classes=[taxi | journeys, car])  # type: ignore[operator]
    assert [replace(plan, trip_stops=0) for plan in drawn] == plain
    counts = [plan.trip_stops for plan in drawn if plan.class_name == "taxi"]
    assert sum(count > 0 for count in counts) == pytest.approx(0.5 * len(counts), rel=0.25)
    assert (min(counts), max(counts)) == (0, STOPS_MAX)
    assert not any(plan.trip_stops for plan in drawn if plan.class_name == "car")


def test_a_scenario_may_ask_for_as_many_stops_as_a_node_takes() -> None:
    """Else every trip of some drivers would be refused for its form."""
    assert TRIP_STOPS_MAX == STOPS_MAX


def test_standing_in_line_is_drawn_by_itself() -> None:
    """With a share of queueing drivers everybody plans what they planned without."""
    walking = {"name": "walker", "walk_up_share": 1}
    some = plans(count=400, classes=[walking | {"queue_share": 0.5}])
    assert sum(plan.queues for plan in some) == pytest.approx(200, rel=0.2)
    assert [replace(plan, queues=False) for plan in some] == plans(count=400, classes=[walking])
