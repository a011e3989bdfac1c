"""The worlds of an exploration: all different, all valid, the same again for the same seed."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nodes.buggify import PLACES
from nodes.config import Limits
from sim.faults.plan import plan_faults
from sim.faults.swarm import TINY, swarm
from sim.scenario.load import load_scenario
from sim.scenario.random_faults import RandomFaults
from sim.scenario.schema import Scenario

Json = dict[str, Any]
EXPLORATION = Path(__file__).parents[3] / "scenarios" / "exploration.yaml"
SEEDS = range(1, 201)


@pytest.fixture(scope="module")
def data() -> Json:
    return load_scenario(EXPLORATION).resolved


@pytest.fixture(scope="module")
def worlds(data: Json) -> list[Json]:
    return [swarm(data, seed) for seed in SEEDS]


def scenario(data: Json) -> Scenario:
    return Scenario.model_validate_json(json.dumps(data))


def test_every_world_is_a_scenario_in_which_nothing_is_left_to_chance(worlds: list[Json]) -> None:
    """It is written to the run's folder, replayed from there, and shrunk fault by fault."""
    for seed, world in zip(SEEDS, worlds, strict=True):
        played = scenario(world)
        assert played.seed == seed
        assert "random_faults" not in world
        assert plan_faults(played) == played.faults
        assert played.virtual.shuffle
        assert isinstance(played.virtual.node_limits(), Limits)


def test_the_same_seed_draws_the_same_world(data: Json, worlds: list[Json]) -> None:
    """A seed is all that a report names."""
    before = json.dumps(data)
    assert swarm(data, 5) == worlds[4]
    assert json.dumps(data) == before, "the scenario itself is not changed"
    assert len({json.dumps(world) for world in worlds}) == len(worlds)


def test_each_thing_that_can_be_drawn_is_there_in_some_worlds_and_not_in_others(worlds: list[Json]) -> None:
    """That is what swarm testing is: features hide one another."""
    kinds = Counter(kind for world in worlds for kind in {fault["kind"] for fault in world["faults"]})
    assert 0 < kinds.pop("restore") < 0.1 * len(worlds), "a world in which nothing else breaks"
    assert set(kinds) == set(RandomFaults.model_fields)
    places = Counter(place for world in worlds for place in world["virtual"]["buggify"])
    assert set(places) == set(PLACES)
    limits = Counter(name for world in worlds for name in world["virtual"]["limits"])
    assert set(limits) == set(TINY)
    for counts, low, high in ((kinds, 0.2, 0.5), (places, 0.15, 0.4), (limits, 0.15, 0.4)):
        assert all(low * len(worlds) < count < high * len(worlds) for count in counts.values()), counts
    for name in ("through_api", "links", "crash_at_commit_share", "repeat_share", "nuisance_per_hour", "faults"):
        having = sum(bool(world["virtual"].get(name, world.get(name))) for world in worlds)
        assert 0 < having < len(worlds), name


def test_what_the_scenario_says_is_kept(data: Json) -> None:
    """Somebody wants to know about one thing: the rest may vary around it."""
    said = data | {
        "virtual": {"latency_ms": 7, "limits": {"mailbox_capacity": 3}, "through_api": True, "shuffle": False},
        "random_faults": {"crash": {"per_hour": 0}, "loss": {"per_hour": 30, "for_s": 5, "share": 0.5}},
    }
    for seed in range(1, 21):
        world = swarm(said, seed)
        assert world["virtual"] | said["virtual"] == world["virtual"]
        losses = [fault for fault in world["faults"] if fault["kind"] == "loss"]
        assert losses
        assert all(fault["share"] == 0.5 and fault["for_s"] <= 5 for fault in losses)
        assert all(fault["kind"] != "crash" for fault in world["faults"])


def test_own_faults_of_the_scenario_stay(data: Json) -> None:
    """They are what it is about."""
    own = {"at_s": 100.0, "kind": "crash", "for_s": 60.0, "node": "server2"}
    for seed in range(1, 6):
        assert own in swarm(data | {"faults": [own]}, seed)["faults"]


def test_what_is_said_moves_nothing_else(data: Json, worlds: list[Json]) -> None:
    """Keyed by identity: a fixed latency must not deal new faults."""
    fixed = swarm(data | {"virtual": {"latency_ms": 1}}, 3)
    assert fixed["faults"] == worlds[2]["faults"]
    assert fixed["virtual"] | {"latency_ms": None} == worlds[2]["virtual"] | {"latency_ms": None}


def test_tiny_limits_are_limits_and_smaller() -> None:
    """A limit that is larger than the default is reached less often."""
    for name, values in TINY.items():
        for value in values:
            replace(Limits(), **{name: value})
            assert value < getattr(Limits(), name) or name in ("gossip_flush_ms", "digest_ms")
