"""What can be left out of a scenario, and that the rest stays as it was."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nodes.documents import check
from sim.engine.randomness import Randomness
from sim.explore import simpler
from sim.fleet.arrivals import arrival_times
from sim.scenario.schema import Scenario
from tests.sim.explore.scenarios import FAULTS, TINY

DRAWN: dict[str, Any] = TINY | {
    "faults": FAULTS,
    "random_faults": {"crash": {"per_hour": 2}},
    "virtual": {
        "shuffle": True,
        "latency_ms": {"lognormal": [5, 1]},
        "settle_s": 60,
        "limits": {"keys_known": 100, "mailbox_capacity": 2},
        "buggify": ["mailbox.full"],
    },
}


def scenario_of(data: dict[str, Any]) -> Scenario:
    scenario = check(Scenario, data)
    assert isinstance(scenario, Scenario), scenario
    return scenario


def test_settings_left_out_are_as_plain_as_can_be() -> None:
    """A constant latency, no shuffling, default limits; how long a network may take to settle is no setting to lose."""
    plain = simpler.with_settings(DRAWN, [])
    assert simpler.settings_of(plain) == []
    assert plain["virtual"]["settle_s"] == 60
    assert plain["virtual"]["limits"] == {}


def test_settings_kept_are_as_they_were() -> None:
    """Each can be kept alone, a member of the limits too; what was left to its default stays so."""
    kept = ["latency_ms", "limits.keys_known", "buggify.mailbox.full", "fsync_ms"]
    some = simpler.with_settings(DRAWN, kept)
    assert sorted(simpler.settings_of(some)) == sorted(kept)
    assert some["virtual"]["latency_ms"] == {"lognormal": [5, 1]}
    assert some["virtual"]["limits"] == {"keys_known": 100}
    assert "fsync_ms" not in some["virtual"]
    assert simpler.with_settings(DRAWN, simpler.settings_of(DRAWN)) == DRAWN


def test_faults_left_out_are_gone_those_at_random_too() -> None:
    """What is played must be what is written, and nothing else."""
    fewer = simpler.with_faults(DRAWN, FAULTS[1:2])
    assert (simpler.faults_of(fewer), "random_faults" in fewer) == (FAULTS[1:2], False)
    scenario_of(fewer)


def test_all_vehicles_take_part_unless_some_are_named() -> None:
    """Also where the scenario says nothing of its fleet."""
    assert simpler.vehicles_of(TINY) == list(range(12))
    assert simpler.vehicles_of({"name": "x"}) == list(range(100))
    assert simpler.vehicles_of(simpler.with_vehicles(TINY, [4, 7])) == [4, 7]


@given(
    st.integers(0, 50),
    st.lists(st.floats(2, 580), min_size=1, max_size=2),
    st.lists(st.tuples(st.integers(1, 599), st.floats(0, 5)), max_size=3, unique_by=lambda step: step[0]),
)
def test_an_earlier_end_moves_nobody_who_came_before_it(
    seed: int, ends_s: list[float], steps: list[tuple[int, float]]
) -> None:
    """Or the failure would be gone because everybody comes at another time. Twice as well, and with any rates."""
    arrivals = [{"from_s": 0, "weight": 1}, *({"from_s": at, "weight": weight} for at, weight in sorted(steps))]
    data = TINY | {"fleet": {"vehicles": 40, "arrivals": arrivals}}
    before = _arrivals(data, seed)
    for end_s in sorted(ends_s, reverse=True):
        data = simpler.with_end(data, end_s)
    after = _arrivals(data, seed)
    end_s = min(ends_s)
    assert len(after) == 40
    for vehicle, time_s in before.items():
        if time_s < end_s - 1e-6:
            assert abs(after[vehicle] - time_s) < 1e-6
        else:
            assert after[vehicle] >= end_s - 1e-6


def _arrivals(data: dict[str, Any], seed: int) -> dict[int, float]:
    scenario = scenario_of(data)
    times = arrival_times(scenario.fleet, scenario.time.duration_s, Randomness(seed))
    return {vehicle: time_s for time_s, vehicle in times}


def test_an_earlier_end_leaves_out_and_cuts_faults() -> None:
    """All is mended when the safety phase ends."""
    ended = simpler.with_end(TINY | {"faults": FAULTS}, 100)
    assert [(fault["at_s"], fault["for_s"]) for fault in ended["faults"]] == [(60, 10), (90, 11)]
    assert ended["time"]["duration_s"] == 101
    scenario_of(ended)
