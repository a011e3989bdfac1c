"""Who waits in front of points that are taken: first come, first served, and nobody is forgotten."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from simpy import Environment
from simpy.events import Event

from nodes.domain.commands import PlugIn
from nodes.records import Answer
from sim.fleet.line import Line, Place
from sim.fleet.target import Look
from tests.sim.fleet.scripted_city import Reply, ScriptedCity, problem

A, B = "server1.p1", "server1.p2"


@pytest.fixture
def line() -> Line:
    return Line()


def join(line: Line, *wanted: str) -> Place:
    return line.join(Environment(), wanted)


def test_who_came_first_is_called_first(line: Line) -> None:
    """Each vehicle that leaves a point calls one driver, in the order of coming."""
    places = [join(line, A) for _ in range(3)]
    for number in range(3):
        line.freed(A)
        assert [place.called_to for place in places] == [A] * (number + 1) + [None] * (2 - number)


def test_nobody_is_called_to_a_point_that_would_not_do(line: Line) -> None:
    """The first in line may want another one."""
    far, near = join(line, B), join(line, A, B)
    line.freed(A)
    assert (far.called_to, near.called_to) == (None, A)


def test_who_joins_right_after_a_point_was_left_is_called_to_it(line: Line) -> None:
    """Between the look that found it taken and the place in line it became free: nobody would ever call."""
    line.freed(A)
    assert join(line, B).called_to is None
    assert join(line, A).called_to == A
    assert join(line, A).called_to is None, "it is another's now"


def test_a_point_that_was_taken_meanwhile_is_not_vacant(line: Line) -> None:
    """Somebody who did not stand in line plugged in."""
    line.freed(A)
    line.taken(A)
    assert join(line, A).called_to is None


def test_who_gives_up_hands_the_point_on(line: Line) -> None:
    """Otherwise the next one would wait in front of a free point."""
    first, second = join(line, A), join(line, A)
    line.freed(A)
    line.leave(first, None)
    assert second.called_to == A
    assert len(line) == 1


def test_who_could_not_have_the_point_keeps_the_place(line: Line) -> None:
    """Being refused (a reservation begins soon) does not send anybody to the end of the line."""
    first, second = join(line, A), join(line, A)
    line.freed(A)
    line.stay(Environment(), first)
    assert (first.called_to, second.called_to) == (None, None)
    line.freed(A)
    assert (first.called_to, second.called_to) == (A, None)


def test_nobody_jumps_the_line(line: Line) -> None:
    """A free point belongs to who is called to it, or waits for it longest."""
    first, second = join(line, A), join(line, A, B)
    assert line.is_spoken_for(A)
    assert not line.is_spoken_for(A, first)
    assert line.is_spoken_for(A, second)
    assert not line.is_spoken_for(B, second)
    line.freed(A)
    assert line.is_spoken_for(A, second)
    assert not line.is_spoken_for("server1.p3")


def refusals(count: int) -> Iterator[Reply | None]:
    """Yield that many refusals, then yes."""
    yield from (problem("point-occupied") for _ in range(count))
    while True:
        yield None


def queueing_city(refused: int = 0, free_from_s: float = float("inf")) -> ScriptedCity:
    """Return a city whose point looks taken until some time, and refuses so many times."""
    said = refusals(refused)
    city = ScriptedCity(lambda _, request: next(said) if isinstance(request.action, PlugIn) else None)
    shown = city.target.look

    async def look(node_id: str, look: Look, timeout_ms: int) -> Answer:
        is_seen = look.free_from_ms is None or city.environment.now >= free_from_s
        city.target.free = [A] if is_seen else []
        return await shown(node_id, look, timeout_ms)

    city.target.look = look  # type: ignore[method-assign] # in place of the scripted one
    return city


def leave_at(city: ScriptedCity, *times_s: float) -> None:
    """Have vehicles leave the point at these times."""

    def leave() -> Generator[Event, Any, None]:
        for time_s in times_s:
            yield city.environment.timeout(time_s - city.environment.now)
            city.desk.line.freed(A)

    city.environment.process(leave())


def started_s(city: ScriptedCity, lines: list[dict[str, Any]]) -> list[float]:
    """Return when the driver tried to plug in."""
    asked = (line["civil_ms"] for line in lines if line["f"] == "start" and line["type"] == "invoke")
    return [(civil_ms - city.desk.start_ms) / 1000 for civil_ms in asked]


def test_a_driver_in_line_plugs_in_when_a_vehicle_leaves() -> None:
    """At that very time, and the waiting is what the history tells."""
    city = queueing_city()
    leave_at(city, 421.0)
    lines = city.drive(walks_up=True, queues=True)
    assert started_s(city, lines) == [421.0]
    (fate,) = (line["value"] for line in lines if line["f"] == "fate")
    assert (fate["fate"], fate["waited_s"]) == ("served", 421.0)
    assert len(city.desk.line) == 0


def test_patience_ends_the_waiting() -> None:
    """Who waits for longer than that gives up, and is not called any more."""
    city = queueing_city()
    leave_at(city, 1_801.0)
    city.drive(walks_up=True, queues=True, patience_s=1_800.0)
    assert city.fate == "gave_up"
    assert city.asked(PlugIn) == []
    assert len(city.desk.line) == 0


def test_a_refused_driver_stays_in_line_until_all_attempts_are_used_up() -> None:
    """A point that cannot be had does not keep everybody waiting behind one driver for ever."""
    city = queueing_city(refused=1)
    leave_at(city, 10.0, 20.0)
    assert started_s(city, city.drive(walks_up=True, queues=True)) == [10.0, 20.0]
    assert city.fate == "served"
    hopeless = queueing_city(refused=99)
    leave_at(hopeless, *range(10, 1_000, 10))
    hopeless.drive(walks_up=True, queues=True, attempts_max=3)
    assert (hopeless.fate, len(hopeless.asked(PlugIn))) == ("gave_up", 3)


def test_who_does_not_queue_gives_up_at_once() -> None:
    """The default: whoever finds every point taken goes away."""
    city = queueing_city()
    city.drive(walks_up=True)
    assert city.fate == "gave_up"
    assert city.environment.now == 0.0


def test_a_driver_in_line_is_sent_away_when_the_run_closes() -> None:
    """No run waits for who waits."""
    city = queueing_city()

    def close() -> Generator[Event, Any, None]:
        yield city.environment.timeout(100)
        city.desk.closing.succeed()

    city.environment.process(close())
    city.drive(walks_up=True, queues=True)
    assert city.fate == "left"


def test_a_point_that_becomes_free_unannounced_is_seen_by_looking() -> None:
    """A no-show frees a point, and no vehicle leaves it."""
    city = queueing_city(free_from_s=700)
    lines = city.drive(walks_up=True, queues=True)
    assert started_s(city, lines) == [900.0], "every 300 s"
