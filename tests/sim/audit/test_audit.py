"""The audit as a whole: what it hands over, how it ends, and what a cut history does to it."""

import gc
from pathlib import Path

import orjson
import pytest

from sim.audit import AuditError, Verdict, audit
from sim.audit.__main__ import main
from sim.audit.verdicts import VIOLATIONS_KEPT
from tests.sim.audit.run_folder import RESERVATION
from tests.sim.audit.scripted_run import A, B, at, scripted_run

PROMISES = [f"P{number}" for number in range(1, 11)]


def test_the_result_as_json_has_every_promise(tmp_path: Path):
    """The report reads it."""
    script = scripted_run().copy()
    script.run.nodes["server2"][RESERVATION].clear()
    found = script.run.audit_in(tmp_path).to_json()
    assert list(found) == PROMISES
    assert found["P1"] == {"verdict": "PASS", "checked": found["P1"]["checked"], "violation_count": 0} | {
        "note": None,
        "violations": [],
    }
    (violation,) = (each for each in found["P2"]["violations"] if each["check"] == "reservation-lost")
    first, second = violation["history"]
    lines = [orjson.loads(line) for line in (tmp_path / "history.jsonl").read_bytes().splitlines()]
    assert [lines[first]["type"], lines[second]["type"]] == ["invoke", "ok"]
    assert lines[second]["value"]["id"] == script.ids["elsewhere"]
    assert violation["journal"] == [["server2", 3]]
    assert violation["story"][0].startswith("P2 reservation-lost")
    assert orjson.loads(orjson.dumps(found)) == found


def test_the_same_run_gives_the_same_result(tmp_path: Path):
    """No set decides the order of anything."""
    script = scripted_run().copy()
    for row in script.run.rows(RESERVATION):
        row["price_per_kwh_minor"] += 1
    script.run.write(tmp_path)
    assert orjson.dumps(audit(tmp_path).to_json()) == orjson.dumps(audit(tmp_path).to_json())


def test_violations_are_all_counted_and_some_told(tmp_path: Path):
    """A node that breaks a promise with every request must not fill the memory with stories."""
    run = scripted_run().copy().run
    for _ in range(VIOLATIONS_KEPT + 20):
        run.add_operation("read", B, {}, "ok", status=200, witness=[2, 99], value={})
    promise = run.audit_in(tmp_path).promises["P5"]
    assert promise.violation_count == VIOLATIONS_KEPT + 20
    assert len(promise.violations) == VIOLATIONS_KEPT


def test_a_history_without_its_end_proves_nothing(tmp_path: Path):
    """A crash of the generator must not turn a violation in the lost part into a pass."""
    run = scripted_run().copy().run
    del run.lines[-3:]
    result = run.audit_in(tmp_path)
    assert {promise.verdict for promise in result.promises.values()} == {Verdict.NO_DATA}
    assert "was cut" in (result.promises["P1"].note or "")
    assert result.verdict is Verdict.NO_DATA


def test_a_history_whose_last_line_is_cut_acquits_of_nothing(tmp_path: Path):
    """A run that was killed left it so: what it says is looked at, and passes nothing."""
    scripted_run().run.write(tmp_path)
    history = tmp_path / "history.jsonl"
    history.write_bytes(history.read_bytes()[:-9])
    result = audit(tmp_path)
    assert {promise.verdict for promise in result.promises.values()} == {Verdict.NO_DATA}
    assert "was cut" in (result.promises["P1"].note or "")


def test_a_history_without_its_end_can_still_convict(tmp_path: Path):
    """What is there is evidence."""
    script = scripted_run().copy()
    del script.run.lines[-1]
    script.run.nodes["server2"][RESERVATION].clear()
    result = script.run.audit_in(tmp_path)
    assert result.promises["P2"].verdict is Verdict.FAIL
    assert result.promises["P1"].verdict is Verdict.NO_DATA


def test_a_run_in_which_nobody_charged_has_no_data_for_the_books(tmp_path: Path):
    """Nothing checked is not the same as nothing wrong."""
    run = scripted_run().copy().run
    run.nodes = {"server2": run.nodes["server2"]}
    run.lines = [run.lines[0], *(line for line in run.lines if line.get("node") == "server2"), run.lines[-1]]
    run.lines = [line for line in run.lines if line["type"] != "invoke" or line["f"] == "reserve"]
    run.lines = [line for line in run.lines if line["process"] == "run"]
    assert run.audit_in(tmp_path).promises["P9"].verdict is Verdict.NO_DATA


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is empty"),
        (b'{"index":0,"time_ns":0,"process":"run","type":"info","f":"begin"}\n{"index":1,"time\n', ":2: no JSON"),
        (b'{"index":0,"time', "is empty"),
        (b'{"index":4}\n', ":1: expected an object with index"),
        (b'{"index":4,"time_ns":0,"process":1,"type":"ok","f":"read"}\n', ":1: expected index 0, found 4"),
    ],
)
def test_a_history_that_cannot_be_read(tmp_path: Path, content: bytes, text: str):
    """Cut in the middle of a line, or at its beginning."""
    scripted_run().run.write(tmp_path)
    (tmp_path / "history.jsonl").write_bytes(content)
    with pytest.raises(AuditError) as caught:
        audit(tmp_path)
    assert text in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "history.jsonl"))


@pytest.mark.parametrize(
    ("name", "text"), [("history.jsonl", "cannot be read: No such file"), ("nodes/server2.db", "missing, but ")]
)
def test_a_file_that_is_missing(tmp_path: Path, name: str, text: str):
    """One line that names it."""
    scripted_run().run.write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(AuditError) as caught:
        audit(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / name}: {text}")
    assert "\n" not in str(caught.value)


def test_a_database_is_missed_by_whoever_asked_for_a_view_of_it(tmp_path: Path):
    """Nobody had asked its owner."""
    run = scripted_run().copy().run
    run.add_view("server1", "server7.x", [1, 1])
    with pytest.raises(AuditError, match=r"server7\.db: missing, but .* asks for server7\.x"):
        run.audit_in(tmp_path)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which files are open")
def test_many_audits_leave_nothing_behind(tmp_path: Path):
    """An exploration audits run after run in one process: no file stays open, no memory is kept."""
    scripted_run().run.write(tmp_path)

    def left() -> tuple[int, int]:
        audit(tmp_path)
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir())), len(gc.get_objects())

    left()
    files, objects = left()
    for _ in range(30):
        audit(tmp_path)
    after_files, after_objects = left()
    assert after_files == files
    assert after_objects <= objects + 50


def test_the_program_ends_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """0, 1 and 99 as everywhere in Recarga; an error is one line, and no traceback."""
    scripted_run().run.write(tmp_path / "good")
    bad = scripted_run().copy().run
    bad.acknowledge(bad.add_reservation(A, at(106), at(110), at(120) + 1))
    bad.write(tmp_path / "bad")
    assert main([str(tmp_path / "good")]) == 0
    assert "P1  PASS" in capsys.readouterr().out
    assert main([str(tmp_path / "bad")]) == 99
    out = capsys.readouterr().out
    assert "P1  FAIL" in out
    assert "P1 overlap-in-journal: " in out
    assert main([str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == f"{tmp_path}/none: there is no such folder\n"
    assert main([]) == 1
