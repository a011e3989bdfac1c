"""Scenarios and cities for tests."""

from typing import Any

from sim.engine.randomness import Randomness
from sim.fleet.city import City, build_city
from sim.scenario.schema import Scenario


def scenario(**members: Any) -> Scenario:
    """Return a scenario of one hour with these members, as a file would say them."""
    return Scenario.model_validate({"name": "test", "time": {"duration_s": 3600}} | members)


def city_of(spec: Scenario, *, stations: tuple[str, ...] = ()) -> City:
    """Return the scenario's city."""
    return build_city(spec.network, spec.fleet.popularity_zipf_s, Randomness(spec.seed), stations)
