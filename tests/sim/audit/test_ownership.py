"""P6: whoever but its owner decides about a point, or is told a version of it that never was, is found out."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import ANSWER, JOURNAL, POINT, RESERVATION, SESSION, Row
from tests.sim.audit.scripted_run import A, B, C, Script, scripted_run

Mutation = Callable[[Script], None]


def move(script: Script, table: str, row: Row, node: str) -> None:
    """Let a row stand in another node's table."""
    script.run.nodes[row["point_id"].partition(".")[0]][table].remove(row)
    script.run.nodes[node][table].append(row)


def foreign_point(script: Script) -> None:
    script.run.nodes["server2"][POINT].append(deepcopy(script.run.row(POINT, A)))


def foreign_reservation(script: Script) -> None:
    script.run.nodes["server1"][RESERVATION].append(deepcopy(script.held("elsewhere")))


def foreign_session(script: Script) -> None:
    move(script, SESSION, script.session("running"), "server2")


def event_of_another_node(script: Script) -> None:
    script.run.rows(JOURNAL)[5]["node"] = "server2"


def event_of_a_foreign_point(script: Script) -> None:
    script.run.nodes["server2"][JOURNAL][-1]["point_id"] = A


def kept_by_another(script: Script) -> None:
    (told,) = script.run.completions("reserve", id=script.ids["elsewhere"])
    (row,) = (row for row in script.run.nodes["server2"][ANSWER] if row["key"] == told["key"])
    script.run.nodes["server1"][ANSWER].append(row)


def decided_by_another(script: Script) -> None:
    (told,) = script.run.completions("reserve", id=script.ids["elsewhere"])
    told["node"] = script.run.invoke_of(told)["node"] = "server1"
    move(script, RESERVATION, script.held("elsewhere"), "server1")


def view_of_a_version_to_come(script: Script) -> None:
    script.run.add_view("server1", C, [1, 99])


def view_of_an_epoch_to_come(script: Script) -> None:
    script.run.add_view("server2", B, [9, script.run.row(POINT, B)["seq"]])


def view_of_no_point(script: Script) -> None:
    script.run.add_view("server2", "server1.none", [1, 1])


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        (foreign_point, "foreign-row"),
        (foreign_reservation, "foreign-row"),
        (foreign_session, "foreign-row"),
        (event_of_another_node, "foreign-event"),
        (event_of_a_foreign_point, "foreign-event"),
        (kept_by_another, "foreign-answer"),
        (decided_by_another, "decided-elsewhere"),
        (view_of_a_version_to_come, "view-of-nothing"),
        (view_of_an_epoch_to_come, "view-of-nothing"),
        (view_of_no_point, "view-of-nothing"),
    ],
)
def test_somebody_else_than_the_owner(tmp_path: Path, mutation: Mutation, check: str):
    """Each table, the journal, the kept answers, what was acknowledged and what was told."""
    script = scripted_run().copy()
    mutation(script)
    expect(script.run, tmp_path, "P6", check)


def test_what_is_lost_everywhere_was_not_decided_elsewhere(tmp_path: Path):
    """That is P2's business, and told once."""
    script = scripted_run().copy()
    (told,) = script.run.completions("reserve", id=script.ids["elsewhere"])
    told["node"] = script.run.invoke_of(told)["node"] = "server1"
    script.run.nodes["server2"][RESERVATION].clear()
    result = script.run.audit_in(tmp_path)
    assert result.promises["P2"].verdict is Verdict.FAIL
    assert result.promises["P6"].verdict is Verdict.PASS


def test_forged_gossip_may_make_a_view_say_anything(tmp_path: Path):
    """It makes no booking wrong; but what views said before is held against the node."""
    script = scripted_run().copy()
    script.run.add_line("nemesis", "gossip_forge", value={"state": "broken"})
    view_of_a_version_to_come(script)
    promise = script.run.audit_in(tmp_path).promises["P6"]
    assert promise.verdict is Verdict.PASS
    assert promise.note == "1 views were told after gossip had been forged: they may say anything"
    before = scripted_run().copy()
    view_of_a_version_to_come(before)
    before.run.add_line("nemesis", "gossip_forge", value={"state": "broken"})
    expect(before.run, tmp_path / "before", "P6", "view-of-nothing")


def test_a_view_that_is_old_is_not_wrong(tmp_path: Path):
    """Gossip may come late, of a state that an older epoch told of."""
    script = scripted_run().copy()
    script.run.add_view("server2", A, [1, 2])
    script.run.add_view("server2", B, [2, 1])
    assert script.run.audit_in(tmp_path).promises["P6"].verdict is Verdict.PASS
