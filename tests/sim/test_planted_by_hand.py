"""A bug planted by hand makes the audit fail, with exit code 99 and a minimal explanation.

Nothing is faked: ``recarga run`` plays a scenario on node processes that were started with a line of their source
changed, and must find out from what the vehicles saw and what the nodes wrote down. The same runs without the bug pass.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.sim.planting import Case, Played, Runs, audit_again

OVERLAP = Case("hot", "overlap-by-one-ms")
EARLY_REPLY = Case("faults", "reply-before-fsync")
FORGETFUL = Case("faults", "retry-forgotten")
STALE_READ = Case("hot", "read-from-old-copy")
KEPT_NO_SHOW = Case("hot", "no-show-kept")
COST = Case("hot", "cost-off-by-one", ("generator.late_ms_p99_max=0.001",))
SOUND = (Case("hot"), Case("faults"))

STORY_LINES = 7
"""What went wrong; two questions and their answers; two facts of journal or tables."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Runs]:
    """Have the runs. They are begun ahead unless other workers (pytest-xdist) would begin the same ones."""
    mine = {item.name.partition("[")[0] for item in request.session.items if item.path == request.path}
    alone = "PYTEST_XDIST_WORKER" not in os.environ and len(mine) > 1
    ahead = (*SOUND, OVERLAP, EARLY_REPLY, FORGETFUL, STALE_READ, KEPT_NO_SHOW, COST) if alone else ()
    played = Runs(tmp_path_factory.mktemp("planted"), ahead)
    yield played
    played.close()


def broken(played: Played, promise: str, *others: str) -> list[Json]:
    """Expect that this promise was found broken, and others only if they may be; return what was found."""
    assert played.code == 99, played.output
    report = played.report()
    assert report["verdict"] == "FAIL"
    found = {name for name, each in report["promises"].items() if each["verdict"] == "FAIL"}
    assert promise in found, played.output
    assert found <= {promise, *others}, played.output
    violations: list[Json] = report["promises"][promise]["violations"]
    again = audit_again(played.folder)
    assert again.code == 99, again.output
    for output in (played.output, again.output):
        assert "Traceback" not in output
        assert re.search(rf"^ +{promise} .* FAIL ", output, re.MULTILINE)
        assert all(line[:300] in output for line in violations[0]["story"][1:]), "the first explanation is not shown"
    return violations


def explained(played: Played, violation: Json) -> list[Json]:
    """Expect an explanation of a few lines that names the point and its lines of history; return those lines."""
    story, history = violation["story"], played.history()
    assert 2 <= len(story) <= STORY_LINES, story
    assert violation["point"] in "\n".join(story)
    assert violation["message"] in story[0]
    shown = [int(index) for index in re.findall(r"^  history (\d+), ", "\n".join(story), re.MULTILINE)]
    assert shown == violation["history"]
    assert {history[index]["point"] for index in shown} == {violation["point"]}
    return [history[index] for index in shown]


def first(violations: list[Json], check: str) -> Json:
    """Return the first violation that this check found."""
    return next(violation for violation in violations if violation["check"] == check)


def stored(played: Played, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask the node's database."""
    path = played.folder / "nodes" / "server1.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


@pytest.mark.system
@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.scenario)
def test_without_a_bug_the_same_runs_pass(runs: Runs, case: Case) -> None:
    """Else the failures below would prove nothing."""
    played = runs.of(case)
    assert played.code == 0, played.output
    verdicts = {name: each["verdict"] for name, each in played.report()["promises"].items()}
    assert set(verdicts.values()) <= {"PASS", "NO DATA"}
    assert {verdicts[name] for name in ("P1", "P2", "P4", "P5", "P8")} == {"PASS"}
    assert audit_again(played.folder).code == 0


@pytest.mark.system
def test_an_overlap_test_that_is_off_by_one(runs: Runs) -> None:
    """A single millisecond sold twice is found, with both reservations, their windows, and who was told of them when."""
    played = runs.of(OVERLAP)
    violation = first(broken(played, "P1", "P5"), "overlap-in-journal")
    lines = explained(played, violation)
    granted = [line for line in lines if line["type"] == "ok"]
    assert [line["type"] for line in lines].count("invoke") == len(granted) == 2
    assert len({line["process"] for line in lines}) == 2
    windows = sorted((told["value"]["start_ms"], told["value"]["end_ms"]) for told in granted)
    assert windows[0][1] - windows[1][0] == 1
    for told in granted:
        assert told["value"]["id"] in violation["message"]
        rows = stored(played, "SELECT start_ms, end_ms FROM reservation WHERE id = ?", told["value"]["id"])
        assert rows == [(told["value"]["start_ms"], told["value"]["end_ms"])]


@pytest.mark.system
def test_a_reply_before_its_commit(runs: Runs) -> None:
    """Killed in between, a node has lost what it had acknowledged: told is which reservation, and in which lines."""
    played = runs.of(EARLY_REPLY)
    violation = first(broken(played, "P2", "P1", "P4", "P5", "P9"), "reservation-lost")
    asked, told = explained(played, violation)
    assert len(violation["story"]) == 3
    assert (asked["type"], told["type"], told["f"]) == ("invoke", "ok", "reserve")
    assert told["value"]["id"] in violation["message"]
    assert told["witness"][0] == 1, "lost with the first life of the node"
    assert stored(played, "SELECT id FROM reservation WHERE id = ?", told["value"]["id"]) == []
    assert stored(played, "SELECT epoch FROM node") == [(2,)]


@pytest.mark.system
def test_a_retry_that_is_taken_for_a_new_request(runs: Runs) -> None:
    """Who asks again with the same key must not be refused the window that the first attempt has got."""
    played = runs.of(FORGETFUL)
    violation = first(broken(played, "P4", "P5"), "refused-and-done")
    lines = explained(played, violation)
    (key,) = {line["key"] for line in lines}
    assert key in violation["message"]
    assert [line["type"] for line in lines].count("fail") >= 1
    ((made,),) = stored(played, "SELECT id FROM reservation WHERE idempotency_key = ?", key)
    assert made in violation["message"]


@pytest.mark.system
def test_a_read_from_before_an_acknowledged_write(runs: Runs) -> None:
    """An answer from a state that somebody had seen left behind: both answers are shown."""
    played = runs.of(STALE_READ)
    *_, told_later, asked, told_stale = explained(played, first(broken(played, "P5"), "real-time"))
    assert asked["f"] == told_stale["f"] == "read"
    assert told_later["index"] < asked["index"] < told_stale["index"]
    assert told_stale["witness"] < told_later["witness"]


@pytest.mark.system
def test_a_no_show_that_keeps_its_point(runs: Runs) -> None:
    """The reservation, and what was granted while it should have been over."""
    played = runs.of(KEPT_NO_SHOW)
    violation = first(broken(played, "P8"), "no-show-held")
    asked, told = explained(played, violation)
    assert (asked["f"], told["type"]) == ("reserve", "ok")
    assert told["value"]["id"] in violation["message"]


@pytest.mark.system
def test_a_cost_that_is_off_by_one(runs: Runs) -> None:
    """One cent. That the generator was late as well (which makes a sound run INVALID) excuses nothing."""
    played = runs.of(COST)
    violation = first(broken(played, "P9"), "cost")
    _, told = explained(played, violation)
    assert played.report()["generator"]["verdict"] == "INVALID"
    query = "SELECT energy_wh, price_per_kwh_minor, cost_minor FROM session WHERE id = ?"
    ((energy_wh, price, cost),) = stored(played, query, told["value"]["id"])
    assert cost == (energy_wh * price + 500) // 1000 + 1
