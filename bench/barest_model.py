"""Less than the same vehicles: each holds a SimPy ``Resource`` for as long as it charges. No requests, no history.

This is how charging is usually modelled; what the bare model adds to it is that drivers ask, look, and are refused.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Environment, Resource
from simpy.events import Event

from sim.engine.few_collections import few_collections
from sim.engine.randomness import Randomness
from sim.fleet.arrivals import arrival_times
from sim.fleet.battery import Charge
from sim.fleet.city import build_city
from sim.fleet.plan import Plan, draw_plan
from sim.scenario.schema import Scenario


def play(scenario: Scenario) -> tuple[float, int]:
    """Play a scenario; return the virtual time at its end, and how many vehicles charged."""
    environment, randomness = Environment(), Randomness(scenario.seed)
    city = build_city(scenario.network, scenario.fleet.popularity_zipf_s, randomness)
    points = {point.id: Resource(environment) for point in city.points}
    served: list[int] = []

    def drive(plan: Plan) -> Generator[Event, Any, None]:
        yield environment.timeout(plan.lead_s)
        point = city.favourite(randomness.stream("act", plan.vehicle))
        with points[point.id].request() as mine:
            yield mine | environment.timeout(plan.patience_s)
            if mine.triggered:
                power_w = min(plan.power_w, point.max_power_w)
                charge = Charge(power_w, plan.capacity_wh, plan.soc, plan.taper_from, plan.wanted_wh)
                yield environment.timeout(min(plan.stay_s, charge.duration_s))
                served.append(plan.vehicle)

    def send_off() -> Generator[Event, Any, None]:
        for arrival_s, vehicle in arrival_times(scenario.fleet, scenario.time.duration_s, randomness):
            yield environment.timeout(max(0.0, arrival_s - environment.now))
            environment.process(drive(draw_plan(scenario.fleet, city, randomness, vehicle, arrival_s)))

    environment.process(send_off())
    with few_collections():
        environment.run()
    return environment.now, len(served)
