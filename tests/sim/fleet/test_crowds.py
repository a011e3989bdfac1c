"""Crowds: the same point in the same moment; and nothing is left of them."""

from collections import defaultdict
from random import Random

from simpy.events import Event

from nodes.domain.commands import Cancel, Reserve
from sim.fleet.crowds import Crowds
from tests.sim.fleet.scripted_city import ScriptedCity, problem


def gathered(city: ScriptedCity, **settings: float) -> None:
    """Let a crowd of four gather, ten an hour, for half an hour."""
    settings = {"per_hour": 10, "until_s": 1_800} | settings
    crowds = Crowds(city.desk, Random(1), size=4, per_hour=settings["per_hour"], until_s=settings["until_s"])
    process: Event = city.environment.process(crowds.gather())
    city.environment.run(process)


def test_a_crowd_wants_one_point_and_gives_it_back() -> None:
    """Each driver asks once; who gets it cancels, so that vehicles lose nothing by it."""
    city = ScriptedCity()
    gathered(city)
    reserved = [request for _, request in city.target.asked if isinstance(request.action, Reserve)]
    canceled = [request for _, request in city.target.asked if isinstance(request.action, Cancel)]
    assert len(reserved) == len(canceled) >= 4
    crowds: dict[tuple[str, str], set[int]] = defaultdict(set)
    for request in reserved:
        assert isinstance(request.action, Reserve)
        crowds[request.action.driver_id.rpartition("-")[0], request.point_id].add(request.action.start_ms)
    assert len({name for name, _ in crowds}) == len(crowds) == len(reserved) / 4
    assert {len(starts) for starts in crowds.values()} == {1, 4}, "all the same window, or each its own"
    assert len({request.key for request in reserved + canceled}) == 2 * len(reserved)
    assert len({node for node, _ in city.target.asked}) > 1
    processes = [line["process"] for line in city.lines if line["type"] == "invoke"]
    assert len(set(processes)) == len(processes), "a process whose outcome is unknown must never ask again"


def test_who_is_refused_has_nothing_to_give_back() -> None:
    """And nobody tries for ever."""
    city = ScriptedCity(lambda _, __: problem("window-taken"))
    gathered(city)
    assert all(isinstance(request.action, Reserve) for _, request in city.target.asked)


def test_without_a_rate_there_are_no_crowds() -> None:
    """The default."""
    city = ScriptedCity()
    gathered(city, per_hour=0)
    assert city.target.asked == []
