"""Nuisances: each trick is asked as it should be, and nothing is kept."""

from collections import Counter, defaultdict
from random import Random

from nodes.domain.commands import Cancel, Reserve, ReserveNow, StartReservation
from nodes.request import ReadCalendar, ReadReservation, Request
from sim.fleet.nuisance import Nuisance
from tests.sim.fleet.scripted_city import Reply, ScriptedCity, problem


def visited(city: ScriptedCity, per_hour: float = 60) -> None:
    """Let nuisances come for an hour."""
    nuisance = Nuisance(city.desk, Random(1), per_hour=per_hour, until_s=3_600)
    city.environment.run(city.environment.process(nuisance.come()))


def correct(_: str, request: Request) -> Reply | None:
    """Refuse what a node would: a trespasser's wish. Whoever asks for a key again is not known here."""
    if isinstance(request.action, (Cancel, StartReservation)) and "trespasser" in str(request.action.driver_id):
        return problem("unknown-reservation", 404)
    return None


def test_every_trick_is_played() -> None:
    """A trick that is never played finds nothing."""
    city = ScriptedCity(correct)
    visited(city)
    asked = [request for _, request in city.target.asked]
    kinds = Counter(type(request.action) for request in asked)
    assert (
        min(kinds[kind] for kind in (ReserveNow, Reserve, Cancel, StartReservation, ReadReservation, ReadCalendar)) > 1
    )
    by_key: dict[str | None, set[int]] = defaultdict(set)
    for request in asked:
        if isinstance(request.action, Reserve):
            by_key[request.key].add(request.action.start_ms)
    assert any(len(starts) == 2 for starts in by_key.values()), "a key comes with two windows"
    assert any(request.if_match == (1, 2) for request in asked)
    assert any(isinstance(each.action, Cancel) and "trespasser" in str(each.action.driver_id) for each in asked)
    assert len({node for node, _ in city.target.asked}) > 1


def test_the_history_says_what_the_audit_needs() -> None:
    """Who asked for another's, and which state was demanded; and nobody asks twice as one process."""
    city = ScriptedCity(correct)
    visited(city)
    invokes = [line for line in city.lines if line["type"] == "invoke"]
    assert any(line["f"] == "cancel" and "trespasser" in line["value"].get("driver_id", "") for line in invokes)
    assert any(line["value"].get("if_match") == [1, 2] for line in invokes)
    assert {line["value"]["what"] for line in invokes if line["f"] == "read"} == {"reservation", "calendar"}
    assert len({line["process"] for line in invokes}) == len(invokes)


def test_whatever_a_nuisance_gets_its_driver_gives_back() -> None:
    """Vehicles lose nothing by it."""
    city = ScriptedCity(correct)
    visited(city)
    got = {request.key for _, request in city.target.asked if isinstance(request.action, (Reserve, ReserveNow))}
    back = [each for _, each in city.asked(Cancel) if "trespasser" not in str(each.action)]
    assert len(back) == len(got)


def test_who_is_refused_plays_no_trick() -> None:
    """There is nothing to play it with; and nobody tries for ever."""
    city = ScriptedCity(lambda _, __: problem("window-taken"))
    visited(city)
    assert city.target.asked
    assert all(isinstance(request.action, (Reserve, ReserveNow)) for _, request in city.target.asked)


def test_without_a_rate_nobody_comes() -> None:
    """The default."""
    city = ScriptedCity()
    visited(city, per_hour=0)
    assert city.target.asked == []
