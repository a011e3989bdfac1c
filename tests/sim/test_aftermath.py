"""After healing: what nobody was told is asked again, under its key; and every node is asked for every point."""

from collections import Counter
from random import Random

from simpy import Environment

from nodes.domain.commands import Reserve
from nodes.request import PlanTrip, ReadPoint, Request, StopWish
from sim.aftermath import TRIES, Aftermath
from sim.engine.loop import VirtualLoop
from sim.fleet.desk import Identity
from sim.fleet.target import NoAnswerError
from tests.sim.fleet.scripted_city import Reply, Script, ScriptedCity, problem, trip

REQUEST = Request("server1.p1", Reserve("ana", 1_000, 2_000), "k1")
LOST: Reply = NoAnswerError("timeout")


def city_after(script: Script) -> ScriptedCity:
    """Let one reservation's answer be lost; what comes after it the script says."""
    first = [LOST]
    city = ScriptedCity(lambda node, request: first.pop() if first else script(node, request))
    city.environment.run(city.desk.request(Identity(4, "car", 4), "reserve", "server2", REQUEST, {"driver_id": "ana"}))
    return city


def play(city: ScriptedCity, *, everywhere: bool = False) -> None:
    aftermath = Aftermath(city.desk, Random(1))
    loop = VirtualLoop(Environment())  # type: ignore[abstract] # fenced
    loop.run_until_complete(aftermath.ask_everywhere() if everywhere else aftermath.go_on())


def test_an_unknown_outcome_is_asked_for_under_its_key_until_it_is_known() -> None:
    """P4 gives the same answer again; then nothing is left to ask."""
    answers: list[Reply] = [problem("node-busy", 503, 1), LOST]
    city = city_after(lambda _, request: answers.pop() if answers and request.key == "k1" else None)
    assert list(city.desk.unknown) == ["k1"]
    play(city)
    asked = [line for line in city.lines if line["type"] == "invoke" and line.get("key") == "k1"]
    assert len(asked) == 4
    assert {(line["vehicle"], line["class"]) for line in asked} == {(4, "car")}
    assert len({line["process"] for line in asked}) == 4
    assert city.desk.unknown == {}


def test_a_trip_that_was_not_decided_when_it_was_asked_for_is_asked_for_again() -> None:
    """What it came to is told under its key; 202 once more is no answer."""
    plan = PlanTrip("ana", (StopWish(1_000, 2_000, ("server1.p1",)),))
    request, asked = Request("server1", plan, "k1"), []

    def script(_: str, request: Request) -> Reply | None:
        if not isinstance(request.action, PlanTrip):
            return None
        asked.append(request)
        return trip("server1.trip.t1-1", plan, 202, "PENDING") if len(asked) < 3 else None

    city = ScriptedCity(script)
    city.environment.run(city.desk.request(Identity(4, "car", 4), "trip", "server2", request, {"driver_id": "ana"}))
    assert list(city.desk.unknown) == ["k1"]
    play(city)
    assert asked == 3 * [request]
    lines = [line for line in city.lines if line["f"] == "trip" and line["type"] != "invoke"]
    assert [(line["type"], line["trip"]) for line in lines] == [
        (kind, "server1.trip.t1-1") for kind in ("info", "info", "ok")
    ]
    assert city.desk.unknown == {}


def test_who_never_answers_is_not_asked_for_ever() -> None:
    """The audit counts how often; a run must end."""
    city = city_after(lambda _, request: LOST if request.key == "k1" else None)
    play(city)
    assert sum(request.key == "k1" for _, request in city.target.asked) == 1 + TRIES
    assert list(city.desk.unknown) == ["k1"]


def test_every_node_has_something_to_do() -> None:
    """A window is reserved on one of its points, and given back."""
    city = city_after(lambda _, __: None)
    play(city)
    worked = Counter(
        (line["f"], line["point"].partition(".")[0])
        for line in city.lines
        if line["type"] == "ok" and line["class"] == "aftermath"
    )
    assert worked == {(f, node): 1 for f in ("reserve", "cancel") for node in city.desk.city.node_ids}


def test_every_node_is_asked_for_every_point() -> None:
    """Fresh, so that the owner is asked: through each of the others too."""
    city = city_after(lambda _, __: None)
    play(city, everywhere=True)
    asked = {(node, request.point_id) for node, request in city.target.asked if isinstance(request.action, ReadPoint)}
    points = [point.id for point in city.desk.city.points]
    assert asked == {(node, point) for node in city.desk.city.node_ids for point in points}
