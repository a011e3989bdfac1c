"""When vehicles arrive: as often as the weights say, and each by itself."""

from collections import Counter

import pytest

from sim.engine.randomness import Randomness
from sim.fleet.arrivals import arrival_times, count_vehicles
from sim.scenario.schema import Fleet

STEPS = [{"from_s": 0, "weight": 1}, {"from_s": 1000, "weight": 3}, {"from_s": 2000, "weight": 0}]


def arrivals(
    vehicles: int, steps: list[dict[str, float]], duration_s: float = 4000, seed: int = 1
) -> list[tuple[float, int]]:
    fleet = Fleet.model_validate({"vehicles": vehicles, "arrivals": steps})
    return list(arrival_times(fleet, duration_s, Randomness(seed)))


def test_vehicles_arrive_as_often_as_the_weights_say() -> None:
    """Three times the weight, three times the vehicles; none while the weight is 0; all of them once, in order."""
    times = arrivals(8_000, [*STEPS, {"from_s": 3000, "weight": 4}])
    in_step = Counter(int(time_s // 1000) for time_s, _ in times)
    assert in_step[2] == 0
    for step, weight in ((0, 1), (1, 3), (3, 4)):
        assert in_step[step] == pytest.approx(1000 * weight, rel=0.15)
    assert times == sorted(times)
    assert sorted(vehicle for _, vehicle in times) == list(range(8_000))
    assert all(0 <= time_s < 4000 for time_s, _ in times)


def test_within_a_step_arrivals_are_spread_evenly() -> None:
    """Its halves are alike."""
    times = arrivals(4_000, STEPS)
    second = [time_s for time_s, _ in times if time_s >= 1000]
    assert sum(time_s < 1500 for time_s in second) == pytest.approx(len(second) / 2, rel=0.1)


def test_nobody_arrives_before_the_first_step_or_after_the_end() -> None:
    """A step behind the end of the scenario counts for nothing."""
    times = arrivals(500, [{"from_s": 100, "weight": 1}, {"from_s": 5000, "weight": 99}], 200)
    assert len(times) == 500
    assert all(100 <= time_s < 200 for time_s, _ in times)


def test_a_vehicle_more_moves_no_other() -> None:
    """Comparing 100 vehicles with 101 must compare the same 100."""
    hundred = {vehicle: time_s for time_s, vehicle in arrivals(100, STEPS)}
    more = {vehicle: time_s for time_s, vehicle in arrivals(101, STEPS)}
    assert {vehicle: more[vehicle] for vehicle in hundred} == hundred


def test_the_same_seed_gives_the_same_arrivals_and_another_seed_others() -> None:
    """A seed is how a run is repeated."""
    assert arrivals(50, STEPS) == arrivals(50, STEPS)
    assert arrivals(50, STEPS) != arrivals(50, STEPS, seed=2)


def test_a_fleet_that_is_sorted_by_parts_arrives_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large fleets wait in a file, so that memory does not follow them; nobody may get lost or overtaken there."""
    whole = arrivals(1_234, STEPS)
    monkeypatch.setattr("sim.fleet.arrivals._AT_ONCE", 100)
    assert arrivals(1_234, STEPS) == whole


def counted(rate_per_h: float, seed: int, duration_s: float = 7_200) -> int:
    return count_vehicles(Fleet(rate_per_h=rate_per_h), duration_s, Randomness(seed))


def test_a_rate_brings_as_many_vehicles_as_a_poisson_process() -> None:
    """Its mean is the rate times the time, and so is its variance; a fixed number would have none."""
    counts = [counted(50, seed) for seed in range(2_000)]
    mean = sum(counts) / len(counts)
    variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
    assert mean == pytest.approx(100, abs=0.9), "four standard errors"
    assert variance == pytest.approx(100, rel=0.13)


def test_a_higher_rate_has_the_vehicles_of_a_lower_one_and_more() -> None:
    """Loads are compared under the same random numbers: what is common to both must be the same."""
    for seed in range(50):
        low, high = counted(40, seed), counted(60, seed)
        assert low <= high
    few = arrival_times(Fleet(rate_per_h=40), 7_200, Randomness(3))
    many = {vehicle: time_s for time_s, vehicle in arrival_times(Fleet(rate_per_h=60), 7_200, Randomness(3))}
    assert all(many[vehicle] == time_s for time_s, vehicle in few)


def test_a_rate_may_bring_nobody() -> None:
    """A quiet night is a scenario too."""
    assert counted(0.001, 1) == 0
    assert list(arrival_times(Fleet(rate_per_h=0.001), 7_200, Randomness(1))) == []
