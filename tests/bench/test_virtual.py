"""The models that virtual time is compared with do the work that they are said to do."""

from pathlib import Path

import pytest

from bench import compare_scale
from bench.virtual_process import Figures, measure, outcomes_in
from sim.explore.one_seed import loaded_from

HOURS = {
    "name": "hours",
    "time": {"duration_s": 10_800, "drain_s": 3_600},
    "network": {"nodes": 2, "points_per_node": 8},
    "fleet": {"vehicles": 250, "look_radius_m": 4_000},
}


@pytest.fixture(scope="module")
def turns() -> dict[str, Figures]:
    loaded = loaded_from(HOURS, "hours")
    return {model: measure(model, loaded) for model in ("full", "bare", "barest")}


@pytest.mark.parametrize("what", ["requests", "reserve ok", "start ok", "meter ok", "stop ok", "fate served"])
def test_the_bare_model_does_the_same_work_as_the_nodes(turns: dict[str, Figures], what: str) -> None:
    """A ratio between runs in which different things happen would mean nothing."""
    full, bare = turns["full"]["outcomes"], turns["bare"]["outcomes"]
    assert full[what] > 50
    assert bare[what] == pytest.approx(full[what], rel=0.05)


def test_drivers_are_refused_by_the_bare_model_too(turns: dict[str, Figures]) -> None:
    """Points without windows would be no model of points."""
    assert turns["full"]["outcomes"]["reserve fail"] > 20
    assert turns["bare"]["outcomes"]["reserve fail"] > 20


def test_the_barest_model_charges_vehicles(turns: dict[str, Figures]) -> None:
    """It is a bound only if it does something."""
    assert 50 < turns["barest"]["outcomes"]["fate served"] <= 250


def test_time_and_memory_are_measured(turns: dict[str, Figures]) -> None:
    """A figure that is missing would divide by nothing."""
    assert turns["full"]["cpu_s"] > turns["bare"]["cpu_s"] > turns["barest"]["cpu_s"] > 0
    assert turns["full"]["peak_mb"] > 20
    departed = [part["departed"] for part in turns["full"]["parts"]]
    assert departed == sorted(departed)
    assert departed[-1] >= 200


def test_vehicles_of_every_size_of_fleet_come_equally_often() -> None:
    """Then those who are there at one time are equally many, and memory must not grow."""
    for vehicles in (1_000, 1_000_000):
        loaded = loaded_from(dict(compare_scale.scenario(vehicles)), "scale")
        assert loaded.scenario.time.duration_s / vehicles == 30


def test_only_what_vehicles_ask_is_counted(tmp_path: Path) -> None:
    """Others read as well: the watcher of views, the last reader."""
    history = tmp_path / "history.jsonl"
    line = '{{"index":{},"time_ns":0,"process":1,"type":"invoke","f":"read","vehicle":{}}}\n'
    history.write_text(line.format(0, -1) + line.format(1, 4))
    assert outcomes_in(history) == {"read invoke": 1, "requests": 1}
