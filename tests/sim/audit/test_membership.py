"""P7: nodes that do not come to know who is there, or who is not, are found out."""

from pathlib import Path
from typing import Any

import pytest

from sim.audit import Verdict
from sim.audit.verdicts import PromiseResult
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import NODE, RunFolder
from tests.sim.audit.scripted_run import A, C, scripted_run

S = 1_000_000_000
IDS = ("server1", "server2")


def healed() -> RunFolder:
    run = scripted_run().copy().run
    run.add_line("run", "heal")
    return run


def later(run: RunFolder, seconds: float) -> int:
    """Let time pass at the end of the history; return what time it is."""
    run.lines[-1]["time_ns"] += int(seconds * S)
    return int(run.lines[-1]["time_ns"])


def epoch(run: RunFolder, node_id: str) -> int:
    return int(run.nodes[node_id][NODE][0]["epoch"])


def add_members(run: RunFolder, node_id: str, **believed: Any) -> None:
    """Let a node say whom it believes to be there: everybody, or as ``believed`` says."""
    nodes = {other: ["ALIVE", epoch(run, other)] for other in IDS if other != node_id} | believed
    nodes = {other: each for other, each in nodes.items() if each is not None}
    run.add_line("run", "members", node=node_id, value={"epoch": epoch(run, node_id), "nodes": nodes})


def audited(run: RunFolder, folder: Path) -> PromiseResult:
    return run.audit_in(folder).promises["P7"]


def test_nodes_that_know_each_other_pass(tmp_path: Path):
    """And each belief counts."""
    run = healed()
    later(run, 200)
    for node_id in IDS:
        add_members(run, node_id)
    promise = audited(run, tmp_path)
    assert (promise.verdict, promise.checked) == (Verdict.PASS, 2)


@pytest.mark.parametrize("believed", [["DEAD", 1], ["SUSPECT", 1], ["LEFT", 1], ["ALIVE", 0], ["ALIVE", 7], None])
def test_a_node_that_is_wrong_about_another_in_the_end(tmp_path: Path, believed: list[Any] | None):
    """Dead, in doubt, of another epoch, or not there at all."""
    run = healed()
    later(run, 200)
    add_members(run, "server1")
    add_members(run, "server2", server1=believed)
    promise = audited(run, tmp_path)
    assert [each.check for each in promise.violations] == ["members-differ"]
    assert "server2 believes of server1" in promise.violations[0].message


def test_nothing_is_asked_of_nodes_too_soon_after_healing(tmp_path: Path):
    """A round of asking takes its time."""
    run = healed()
    later(run, 100)
    add_members(run, "server1", server2=["DEAD", 1])
    promise = audited(run, tmp_path)
    assert promise.violation_count == 0
    assert "who is there was not compared" in str(promise.note)


def down(run: RunFolder, node_id: str, *, asked_after_s: float, stale: bool, paused: bool = False) -> None:
    """Keep a node down, and let somebody ask the other one for a point of it."""
    other, point = ("server2", A) if node_id == "server1" else ("server1", C)
    run.add_line("nemesis", "crash", node=node_id, value={"state": "broken"})
    if paused:
        run.add_line("nemesis", "pause", node=other, value={"state": "broken"})
    later(run, asked_after_s)
    run.add_view(other, point, [1, 3], stale=stale)
    run.add_line("nemesis", "crash", node=node_id, value={"state": "mending"})


def test_a_node_that_vouches_for_what_has_been_down_for_long(tmp_path: Path):
    """Its own word is all a driver has."""
    run = scripted_run().copy().run
    down(run, "server1", asked_after_s=60, stale=False)
    story = expect(run, tmp_path, "P7", "dead-vouched-for")
    assert "down for 60 s" in story[0]


@pytest.mark.parametrize(
    "how", [{"asked_after_s": 30, "stale": False}, {"asked_after_s": 60, "stale": True}, {"asked_after_s": 60, "stale": False, "paused": True}], ids=str
)  # fmt: skip
def test_who_cannot_know_yet_who_says_so_and_who_was_stopped_pass(tmp_path: Path, how: dict[str, Any]):
    """It takes time to find out, and a process that does not run finds out nothing."""
    run = scripted_run().copy().run
    down(run, "server1", **how)
    assert audited(run, tmp_path).violation_count == 0


def test_a_node_that_was_started_more_often_than_it_has_epochs(tmp_path: Path):
    """Nobody could tell its lives apart."""
    run = healed()
    for _ in range(epoch(run, "server1")):
        run.add_line("run", "gauges", node="server1", value={"gauges": [{"name": "x", "value": 0, "bound": 1}]})
    assert audited(run, tmp_path / "as often").violation_count == 0
    run.add_line("run", "gauges", node="server1", value={"gauges": [{"name": "x", "value": 0, "bound": 1}]})
    assert [each.check for each in audited(run, tmp_path / "more often").violations] == ["epoch-reused"]
