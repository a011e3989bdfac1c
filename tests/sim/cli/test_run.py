"""``recarga run scenarios/smoke.yaml`` from one end to the other, once in each mode; and what can be done with its folder afterwards."""

import json
import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from sim.history import read_history
from sim.scenario.load import load_scenario
from tests.sim.cli.commands import Said, recarga
from tests.sim.cli.conftest import SMOKE, FinishedRun

pytestmark = pytest.mark.system


def test_it_passes_and_says_so(smoke: FinishedRun) -> None:
    """Plain lines where there is no terminal: no colours, no carriage returns, no spinner."""
    said = smoke.said
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("starting the network\ndriving: ")
    assert ("\nstopping the network\n" in said.out) == (smoke.mode == "local")
    assert "PASS" in said.out
    assert f"runs/{smoke.folder.name}/report.html" in said.out.replace("\n", "")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", said.out)


def test_it_leaves_everything_that_proves_it(smoke: FinishedRun) -> None:
    """The folder's name says which scenario and when."""
    assert re.fullmatch(r"smoke-\d{8}T\d{6}Z", smoke.folder.name)
    found = {str(path.relative_to(smoke.folder)) for path in smoke.folder.rglob("*")}
    assert {"report.html", "report.json", "history.jsonl", "scenario.yaml"} <= found
    assert {"nodes/server1.db", "nodes/server2.db"} <= found
    if smoke.mode == "local":
        assert {"nodes/server1.log", "nodes/broker.log"} <= found
    html = (smoke.folder / "report.html").read_text()
    assert "smoke" in html
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.?https?:", html), "one file, no network"
    for node in ("server1", "server2"):
        if smoke.mode == "local":
            assert (smoke.folder / "nodes" / f"{node}.log").read_text() == ""
        with closing(sqlite3.connect(smoke.folder / "nodes" / f"{node}.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("SELECT count(*) FROM reservation").fetchone()[0] > 0


def test_the_report_is_of_this_run(smoke: FinishedRun) -> None:
    """Name, seed, hash and command are how somebody else plays it again."""
    report = json.loads((smoke.folder / "report.json").read_bytes())
    run = report["run"]
    assert report["verdict"] == "PASS"
    assert (run["name"], run["seed"], run["mode"]) == ("smoke", 1, smoke.mode)
    assert run["scenario_hash"] == load_scenario(SMOKE).hash
    assert run["command"] == f"recarga run {SMOKE}" + (" --mode local" if smoke.mode == "local" else "")
    assert list(report["promises"]) == [f"P{number}" for number in range(1, 11)]
    for promise in ("P1", "P2", "P4", "P5", "P8", "P9"):
        assert report["promises"][promise]["verdict"] == "PASS"
        assert report["promises"][promise]["checked"] > 0


def test_the_history_is_one_that_an_audit_can_trust(smoke: FinishedRun) -> None:
    """It has a begin and an end; every process waits for its answer, and none goes on after an unknown outcome."""
    lines = list(read_history(smoke.folder / "history.jsonl"))
    assert (lines[0]["f"], lines[-1]["f"]) == ("begin", "end")
    assert lines[-1]["value"]["unfinished"] == 0
    assert lines[-1]["value"]["departed"] == 60
    state: dict[int, str] = {}
    for line in lines:
        if isinstance(line["process"], int):
            before = state.get(line["process"])
            assert before != "info"
            assert (line["type"] == "invoke") == (before != "invoke")
            state[line["process"]] = line["type"]
    assert "invoke" not in state.values(), "every request has an answer"
    times = [line["time_ns"] for line in lines]
    assert times == sorted(times)
    keys = Counter(line["key"] for line in lines if line["type"] == "invoke" and "key" in line)
    assert len(keys) > 60
    fates = Counter(line["value"]["fate"] for line in lines if line["f"] == "fate")
    assert fates.total() == 60
    assert fates["served"] > 0
    assert {line["f"] for line in lines} >= {"reserve", "start", "stop", "read", "fate"}


def test_every_point_is_read_once_at_the_end(smoke: FinishedRun) -> None:
    """What the owners say then must be where the history has led."""
    lines = list(read_history(smoke.folder / "history.jsonl"))
    reader = "reader" if smoke.mode == "local" else "aftermath"
    read = [line for line in lines if (line.get("class"), line["type"], line["f"]) == (reader, "ok", "read")]
    last = [line for line in read if line["point"].startswith(f"{line['node']}.")]
    assert len({line["point"] for line in last}) == 8
    assert len({line["process"] for line in last}) == 8
    assert all(line["witness"] for line in last)


def test_the_same_scenario_can_be_played_again_from_the_folder(smoke: FinishedRun) -> None:
    """It holds the resolved scenario, not the name of a file that may change."""
    said = recarga("validate", smoke.folder / "scenario.yaml", "--json")
    assert said.events[0]["hash"] == load_scenario(SMOKE).hash


def test_show_and_audit_come_to_the_same_again(smoke: FinishedRun) -> None:
    """From the folder alone, in both forms."""
    report = json.loads((smoke.folder / "report.json").read_bytes())
    (audited,) = recarga("audit", smoke.folder, "--json").events
    assert audited["verdict"] == "PASS"
    verdicts = {name: promise["verdict"] for name, promise in audited["promises"].items()}
    assert verdicts == {name: promise["verdict"] for name, promise in report["promises"].items()}
    plain = recarga("audit", smoke.folder)
    assert plain.code == 0
    assert "P1" in plain.out
    shown = recarga("show", smoke.folder, "--json")
    assert (shown.code, shown.events[0]["verdict"]) == (0, "PASS")
    text = recarga("show", smoke.folder).out
    assert "PASS" in text
    assert "Requests" in text


def test_a_folder_that_holds_a_run_is_refused(smoke: FinishedRun) -> None:
    """And not touched."""
    before = {path: path.stat().st_mtime_ns for path in smoke.folder.rglob("*")}
    said = recarga("run", SMOKE, "--out", smoke.folder, "--json")
    (event,) = said.events
    assert (said.code, event["exit_code"]) == (1, 1)
    assert said.err == f"recarga: {smoke.folder} holds a run already\n"
    assert {path: path.stat().st_mtime_ns for path in smoke.folder.rglob("*")} == before


def audited(smoke: FinishedRun, folder: Path, history: list[bytes], change: str = "") -> Said:
    """Audit a copy of the run with another history, and databases after a statement of SQL."""
    shutil.copytree(smoke.folder, folder)
    (folder / "history.jsonl").write_bytes(b"".join(history))
    if change:
        for path in (folder / "nodes").glob("*.db"):
            with closing(sqlite3.connect(path)) as database:
                database.execute(change)
                database.commit()
    return recarga("audit", folder, "--json")


def test_the_audits_exit_code_tells_broken_from_unproven(smoke: FinishedRun, tmp_path: Path) -> None:
    """99: a promise was broken, here an acknowledged reservation lost; 3: the history was cut, nothing is proven."""
    history = (smoke.folder / "history.jsonl").read_bytes().splitlines(keepends=True)
    lost = audited(smoke, tmp_path / "lost", history, "DELETE FROM reservation")
    assert (lost.code, lost.events[0]["verdict"]) == (99, "FAIL")
    assert lost.events[0]["promises"]["P2"]["verdict"] == "FAIL"
    cut = audited(smoke, tmp_path / "cut", history[:-1])
    assert (cut.code, cut.events[0]["verdict"]) == (3, "NO DATA")
    torn = audited(smoke, tmp_path / "torn", [*history[:5], history[5][:30] + b"\n"])
    assert torn.code == 1
    assert "history.jsonl:6: no JSON" in torn.err
    killed = audited(smoke, tmp_path / "killed", [*history[:-1], history[-1][:30]])
    assert (killed.code, killed.events[0]["verdict"]) == (3, "NO DATA")
