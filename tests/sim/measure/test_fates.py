import pytest

from sim.measure.fates import Fates, Waiting


def test_fates_are_counted_by_class_and_the_largest_class_comes_first() -> None:
    fates = Fates()
    for _ in range(3):
        fates.add("taxi", {"fate": "gave_up", "attempts": 4})
    fates.add("bus", {"fate": "no_show", "attempts": 1})
    fates.add("taxi", {"fate": "canceled", "error": ""})
    taxi, bus = fates.by_class()
    assert (taxi.name, taxi.vehicles, taxi.fates) == ("taxi", 4, {"gave_up": 3, "canceled": 1})
    assert (bus.name, bus.vehicles, bus.served) == ("bus", 1, 0)


def test_means_are_over_those_that_say_so() -> None:
    fates = Fates()
    fates.add("car", {"fate": "gave_up", "attempts": 4})
    fates.add("car", {"fate": "canceled"})
    assert fates.by_class()[0].attempts_mean == 4
    assert fates.by_class()[0].waiting is None


def test_waiting_energy_and_cost_are_of_those_that_charged() -> None:
    fates = Fates()
    for waited_s in (-60.0, 0.0, 120.0):
        served = {"waited_s": waited_s, "attempts": 1, "energy_wh": 1_000, "cost_minor": 150, "wanted_wh": 2_000.4}
        fates.add("car", {"fate": "served", **served})
    fates.add("car", {"fate": "lost", "attempts": 2, "waited_s": 9_999.0, "wanted_wh": 1.0, "error": "timeout"})
    (car,) = fates.by_class()
    assert car.waiting == Waiting(p50_s=0.0, p90_s=120.0, max_s=120.0)
    assert (car.served, car.energy_wh, car.cost_minor, car.wanted_wh) == (3, 3_000, 450, 6_001)
    assert car.attempts_mean == pytest.approx(5 / 4)
