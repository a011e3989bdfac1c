"""Requests as the history sees them: who asked, what came of it, and how late it was sent."""

import orjson
import pytest

from nodes.domain.commands import Reserve
from nodes.records import Answer
from nodes.request import Request
from sim.fleet.desk import Identity, Outcome, read_answer
from sim.fleet.target import Look, NoAnswerError, NotSentError
from tests.sim.fleet.scripted_city import Reply, ScriptedCity, problem

POINT = "server1.p1"
REQUEST = Request(POINT, Reserve("ana", 1_000, 2_000), "k1")
VALUE = {"driver_id": "ana"}


def one(reply: Reply | None) -> tuple[ScriptedCity, Identity, Outcome]:
    """Make one request to a network that replies so."""
    city = ScriptedCity(lambda _, __: reply)
    caller = Identity(4, "car", 4)
    event = city.desk.request(caller, "reserve", "server2", REQUEST, VALUE)
    city.environment.run(event)
    return city, caller, event.value


def test_a_request_is_two_lines_of_history() -> None:
    """With all that an audit needs: the process, the key, the point, the witness, what was asked and what was said."""
    city, caller, outcome = one(None)
    invoke, completion = city.lines
    assert (invoke["type"], completion["type"]) == ("invoke", "ok")
    common = {
        "process": 4,
        "f": "reserve",
        "point": POINT,
        "key": "k1",
        "node": "server2",
        "vehicle": 4,
        "class": "car",
    }
    assert common.items() <= invoke.items()
    assert common.items() <= completion.items()
    assert invoke["value"] == VALUE
    assert (invoke["civil_ms"], invoke["intended_ns"]) == (city.desk.start_ms, 0)
    assert (completion["status"], completion["witness"]) == (200, [1, 2])
    assert completion["value"]["status"] == "RESERVED"
    assert (outcome.kind, caller.process) == ("ok", 4)
    assert city.desk.counts == {"reserve.ok": 1}


@pytest.mark.parametrize(
    "reply",
    [
        NoAnswerError("timeout"),
        NoAnswerError("disconnected"),
        problem("owner-timeout", 504),
        problem("deadline-exceeded", 504),
        problem("store-failed", 503),
        problem("internal-error", 500),
        Answer(502, b"<html>bad gateway</html>"),
        Answer(200, b"<html>please log in</html>"),
    ],
)
def test_after_an_unknown_outcome_the_process_is_another(reply: Reply) -> None:
    """A process that invoked again would say that its last request was over; it may still take effect."""
    city, caller, outcome = one(reply)
    assert (outcome.kind, outcome.may_be_retried, outcome.needs_another_node) == ("info", True, True)
    assert [line["type"] for line in city.lines] == ["invoke", "info"]
    assert [line["process"] for line in city.lines] == [4, 4]
    assert caller.process == 14
    caller.renew(10)
    assert caller.process == 24, "of ten vehicles, none ever takes another's process"


@pytest.mark.parametrize(
    ("reply", "error", "may_be_retried", "needs_another_node"),
    [
        (NotSentError("refused"), "unreachable", True, True),
        (problem("window-taken"), "window-taken", False, False),
        (problem("point-busy", 429, 2), "point-busy", True, False),
        (problem("owner-unreachable", 503, 1), "owner-unreachable", True, False),
        (problem("draining", 503, 1), "draining", True, True),
        (problem("unknown-point", 404), "unknown-point", False, False),
        (Answer(404, b"nothing here"), "no-problem", False, False),
    ],
)
def test_a_refusal_is_known_to_have_done_nothing(
    reply: Reply, error: str, may_be_retried: bool, needs_another_node: bool
) -> None:
    """The process goes on; which refusals are worth another try, and where, depends on the problem."""
    city, caller, outcome = one(reply)
    assert (outcome.kind, outcome.error) == ("fail", error)
    assert (outcome.may_be_retried, outcome.needs_another_node) == (may_be_retried, needs_another_node)
    assert city.lines[1]["type"] == "fail"
    assert city.lines[1]["error"] == error
    assert caller.process == 4


def test_when_a_refusal_says_when_to_come_back_it_is_kept() -> None:
    """Retry-After is the node's way of slowing its callers down."""
    assert read_answer(problem("node-busy", 429, 3)).retry_after_s == 3
    assert read_answer(problem("window-taken", 409, next_free_start_ms=77)).body["next_free_start_ms"] == 77


def test_lateness_is_recorded_and_latency_counts_from_the_intended_time() -> None:
    """A generator that falls behind must not make the nodes look fast."""
    city = ScriptedCity()
    city.bridge.behind_ns = 7_000_000
    city.environment.run(city.desk.request(Identity(4, "car", 4), "reserve", "server1", REQUEST, VALUE))
    assert city.desk.lateness.max_ms == 7.0
    assert city.desk.lateness.percentile_ms(0.5) == 7.0
    invoke = city.lines[0]
    assert invoke["time_ns"] - invoke["intended_ns"] == 7_000_000


def test_a_look_is_a_read_of_no_single_point() -> None:
    """What matters of it is how many points it showed, and how many of them were stale."""
    city = ScriptedCity()
    city.target.free = ["server1.p1", "server2.p2"]
    look = Look(1.0, 2.0, 500, 50)
    event = city.desk.look(Identity(4, "car", 4), "server3", look)
    city.environment.run(event)
    assert city.target.looks == [look]
    assert [line["f"] for line in city.lines] == ["read", "read"]
    assert city.lines[1]["value"] == {"count": 2, "stale": 0}
    assert "point" not in city.lines[0]


def test_keys_are_never_the_same_twice() -> None:
    """Not within a vehicle, not between vehicles, not between runs."""
    vehicles = [Identity(1, "car", 1), Identity(11, "car", 11)]
    keys = [vehicle.next_key(run) for run in ("a", "b") for vehicle in vehicles for _ in range(12)]
    assert len(set(keys)) == 48


def test_a_fate_is_a_line_of_the_runs_own() -> None:
    """It is no request; the audit passes over it, the report counts it."""
    city = ScriptedCity()
    city.desk.fate(Identity(4, "car", 14), "gave_up", attempts=3)
    (line,) = city.lines
    assert (line["process"], line["type"], line["f"], line["vehicle"]) == ("run", "info", "fate", 4)
    assert line["value"] == {"fate": "gave_up", "attempts": 3}
    assert city.desk.counts["fate.gave_up"] == 1
    assert orjson.dumps(line)
