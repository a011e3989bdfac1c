"""Whoever only looks, looks when there is something to see."""

from random import Random

from nodes.domain.commands import Reserve
from nodes.request import ReadPoint, Request
from sim.fleet.desk import Identity
from sim.fleet.watcher import Watcher
from tests.sim.fleet.scripted_city import ScriptedCity

POINT = "server2.p1"


def ask_to_reserve(city: ScriptedCity, number: int) -> None:
    """Have a vehicle ask for an hour, with a key."""
    wish = Request(POINT, Reserve("ana", 0, 3_600_000), f"k{number}")
    city.desk.request(Identity(1, "commuter", 1), "reserve", "server1", wish, {})


def test_a_point_is_read_in_the_moment_in_which_a_change_of_it_is_asked_for() -> None:
    """A read at any other time tells what has long been on disk, and shows no dirty one."""
    city = ScriptedCity()
    city.environment.process(Watcher(city.desk).watch_points(Random(1), per_hour=3_600_000))
    city.environment.run(1.0)
    assert city.target.asked == [], "nothing is changing"
    for number in range(20):
        ask_to_reserve(city, number)
        city.environment.run(city.environment.now + 1.0)
    reads = city.asked(ReadPoint)
    assert [request.point_id for _, request in reads] == [POINT] * 20
    assert {node for node, _ in reads} == {"server1", "server2", "server3"}
    lines = [line for line in city.lines if line["type"] == "invoke"]
    assert [line["f"] for line in lines] == ["reserve", "read"] * 20
    asked, read = lines[:2]
    assert read["time_ns"] == asked["time_ns"]
    assert read["value"] == {"what": "point"}


def test_nobody_reads_points_without_a_rate_nor_after_the_end() -> None:
    """The default; and when vehicles leave, the liveness phase does not wait for another change."""
    for per_hour, ends_first in ((0.0, False), (3_600_000.0, True)):
        city = ScriptedCity()
        watching = city.environment.process(Watcher(city.desk).watch_points(Random(1), per_hour))
        city.environment.run(1.0)
        if ends_first:
            assert watching.is_alive
            city.desk.closing.succeed()
        city.environment.run(2.0)
        assert not watching.is_alive
        ask_to_reserve(city, 1)
        assert city.asked(ReadPoint) == []
