"""The operator: prices change, points are out of service for a while; and none is left so."""

from collections import Counter
from random import Random

from simpy.events import Event

from nodes.domain.commands import ChangePoint, ClearFault, ReportFault
from nodes.request import Request
from sim.fleet.operator import Operator
from sim.fleet.target import NoAnswerError
from tests.sim.fleet.scripted_city import Reply, ScriptedCity

UNTIL_S = 20_000.0


def operated(city: ScriptedCity, *, per_hour: float = 60, put_in_order: bool = False) -> None:
    """Let the operator act until it is over."""
    operator = Operator(city.desk, Random(1), per_hour=per_hour, until_s=UNTIL_S)
    process: Event = city.environment.process(operator.operate())
    city.environment.run(process)
    if put_in_order:
        city.target.asked.clear()
        city.environment.run(city.environment.process(operator.put_in_order()))


def out_of_service(city: ScriptedCity) -> set[tuple[str, str]]:
    """Return the points that are left out of service, and by what."""
    left: set[tuple[str, str]] = set()
    for _, request in city.target.asked:
        match request.action:
            case ChangePoint(maintenance=True):
                left.add((request.point_id, "maintenance"))
            case ChangePoint(maintenance=False):
                left.discard((request.point_id, "maintenance"))
            case ReportFault():
                left.add((request.point_id, "fault"))
            case ClearFault():
                left.discard((request.point_id, "fault"))
    return left


def test_it_does_everything_through_any_node_and_leaves_every_point_in_service() -> None:
    """A point left out of service would look like one that is stuck."""
    city = ScriptedCity()
    operated(city)
    prices = [request for _, request in city.asked(ChangePoint) if request.action.price_per_kwh_minor is not None]  # type: ignore[union-attr] # asked for by its kind
    assert len(prices) > 5
    assert len(city.asked(ReportFault)) == len(city.asked(ClearFault)) > 5
    assert len(city.asked(ChangePoint)) > len(prices) + 10, "maintenance begins and ends"
    assert out_of_service(city) == set()
    assert {node for node, _ in city.target.asked} == set(city.desk.city.node_ids)
    invoked = [line for line in city.lines if line["type"] == "invoke"]
    assert {line["f"] for line in invoked} == {"operate"}
    assert len({line["process"] for line in invoked}) == len(invoked)
    assert len({line["key"] for line in invoked}) == len(invoked)


def test_what_nobody_answered_is_asked_again_under_its_key() -> None:
    """Else a point would stay out of service that somebody took out of it unheard."""
    heard: Counter[str] = Counter()

    def script(_: str, request: Request) -> Reply | None:
        assert request.key is not None
        heard[request.key] += 1
        return NoAnswerError("timeout") if heard[request.key] < 3 else None

    city = ScriptedCity(script)
    operated(city)
    assert set(heard.values()) == {3}
    assert out_of_service(city) == set()
    assert not city.desk.unknown
    processes = [line["process"] for line in city.lines if line["type"] == "invoke"]
    assert len(set(processes)) == len(processes), "a process whose outcome is unknown must never ask again"


def test_in_the_end_every_point_it_touched_is_put_in_order_once_more() -> None:
    """A copy of a request that was on its way for long may have undone that."""
    city = ScriptedCity()
    operated(city, put_in_order=True)
    ends = [request.action for _, request in city.target.asked]
    assert ends
    assert all(isinstance(action, ClearFault) or action == ChangePoint(maintenance=False) for action in ends)
    assert len({(request.point_id, type(request.action)) for _, request in city.target.asked}) == len(ends)


def test_without_a_rate_it_does_nothing() -> None:
    """The default."""
    city = ScriptedCity()
    operated(city, per_hour=0, put_in_order=True)
    assert city.target.asked == []
