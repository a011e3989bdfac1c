"""P8 after healing: what stays without an answer, however often it is asked, is found out."""

from pathlib import Path

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import RunFolder
from tests.sim.audit.scripted_run import A, at, scripted_run

_STATUS = {"window-taken": 409, "node-busy": 503, "owner-timeout": 504}
HEALED_NS, SETTLED_NS, END_NS = int(107 * 60e9), int(108 * 60e9), int(109 * 60e9)


def healed(*asked: tuple[str, str | None, str | None], at_ns: int = SETTLED_NS) -> RunFolder:
    """Let the script's run be mended, then server2 be asked so often for a point of server1: outcome, error and key."""
    run = scripted_run().copy().run
    run.lines[0]["value"] = {"mode": "virtual", "civil_start_ms": at(0), "scale": 1.0}
    end = run.lines.pop()
    run.lines.append({"time_ns": HEALED_NS, "process": "run", "type": "info", "f": "heal"})
    run.lines.append(end | {"time_ns": at_ns})
    for outcome, error, key in asked:
        value = {"driver_id": "v50", "start_ms": at(300), "end_ms": at(310)}
        told = {"asked_node": "server2", "error": error, "status": _STATUS.get(error or "")}
        run.add_operation("reserve", A, value, outcome, **told, **({} if key is None else {"key": key}))
    run.lines[-1] = end | {"time_ns": END_NS}
    return run


def checks(run: RunFolder, folder: Path) -> set[str]:
    return {each.check for each in run.audit_in(folder).promises["P8"].violations}


def test_a_node_that_never_answers_for_a_point(tmp_path: Path) -> None:
    """Five times unknown, each time another request: the point, or the way to it, is stuck."""
    run = healed(*(("info", "timeout", None) for _ in range(5)))
    story = expect(run, tmp_path, "P8", "never-answered")
    assert "server2 was asked 5 times for server1.a" in story[0]


def test_a_node_that_is_busy_for_ever(tmp_path: Path) -> None:
    """Busy is no answer, when it is all that one is ever told."""
    expect(healed(*(("fail", "node-busy", None) for _ in range(5))), tmp_path, "P8", "never-answered")


def test_an_outcome_that_stays_unknown(tmp_path: Path) -> None:
    """The point answers others; what became of this key nobody is told."""
    run = healed(*(("info", "owner-timeout", "k50") for _ in range(5)), ("fail", "window-taken", "k51"))
    assert checks(run, tmp_path / "run") == {"never-resolved"}
    expect(run, tmp_path / "story", "P8", "never-resolved")


def test_an_answer_in_the_end_is_enough(tmp_path: Path) -> None:
    """A slow network loses some answers; who asks on is told."""
    answers = [("info", "timeout", "k50")] * 4 + [("fail", "window-taken", "k50")]
    assert checks(healed(*answers), tmp_path) == set()


def test_a_few_questions_without_an_answer_say_nothing(tmp_path: Path) -> None:
    """Four."""
    assert checks(healed(*[("info", "timeout", "k50")] * 4), tmp_path) == set()


def test_before_the_network_has_settled_nobody_need_be_answered(tmp_path: Path) -> None:
    """Nodes may still be starting."""
    asked = [("info", "timeout", "k50")] * 5
    assert checks(healed(*asked, at_ns=SETTLED_NS - 1), tmp_path / "before") == set()
    promise = healed(*asked).audit_in(tmp_path / "after").promises["P8"]
    assert promise.verdict is Verdict.FAIL
