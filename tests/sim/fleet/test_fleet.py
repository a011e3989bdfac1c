"""Which vehicles of a scenario take part."""

from nodes.documents import check
from sim.fleet.fleet import Fleet
from sim.scenario.schema import Scenario


def fleet(**members: object) -> Fleet:
    data = {"name": "few", "time": {"duration_s": 600}, "fleet": {"vehicles": 30, **members}}
    scenario = check(Scenario, data)
    assert isinstance(scenario, Scenario), scenario
    return Fleet(scenario)


def test_some_vehicles_alone_plan_what_they_planned_among_all() -> None:
    """A shrinker leaves vehicles out: those that stay must not change, or the failure is gone for no reason."""
    whole, some = fleet(), fleet(only=[17, 3, 9])
    assert [plan for plan in whole._plans() if plan.vehicle in (3, 9, 17)] == list(some._plans())
    assert (whole.size, some.size) == (30, 3)


def test_numbers_stay_what_they_are() -> None:
    """A process that goes on under another number must not take that of a vehicle which takes part."""
    assert fleet(only=[2]).numbers == fleet().numbers == 30


def test_nobody_may_take_part() -> None:
    """It is the first thing that a shrinker tries."""
    nobody = fleet(only=[])
    assert (nobody.size, list(nobody._plans())) == (0, [])
