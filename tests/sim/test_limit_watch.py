"""A limit with ``abort_after_s`` ends the run, and the report says so."""

from pathlib import Path

from sim.audit import audit
from sim.report import Report, build_report
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario
from sim.virtual_run import VirtualRun

SMOKE = Path("scenarios/smoke.yaml").absolute()


def _played(tmp_path: Path, limit: str) -> tuple[Report, str]:
    loaded = load_scenario(SMOKE, [f"slo=[{{{limit}}}]"])
    result = VirtualRun(loaded, RunFolder(tmp_path), "test", lambda _: None).play()
    return build_report(tmp_path, audit(tmp_path).to_json()), result.trace_hash


def test_a_run_ends_when_its_limit_does_not_hold_and_not_before(tmp_path: Path) -> None:
    """Nobody waits an hour to hear what was clear after ten minutes; and a slow start is not yet a failure."""
    report, trace = _played(tmp_path / "one", "limit: reserve.refused < 20, abort_after_s: 600")
    assert report.verdict == "FAIL"
    assert report.run.aborted_by == "reserve.refused < 20"
    assert "The run was ended early by the limit reserve.refused < 20." in report.explanation
    assert report.generator.verdict == "PASS"
    assert 0 < (report.generator.unfinished or 0) < 60
    assert report.bookings.refused >= 20
    asked = [at for at, offered in enumerate(report.timeline.offered) if offered]
    assert 600 <= asked[-1] * report.timeline.bucket_s < 1_800
    assert _played(tmp_path / "two", "limit: reserve.refused < 20, abort_after_s: 600")[1] == trace


def test_a_limit_that_holds_ends_nothing(tmp_path: Path) -> None:
    report, _ = _played(tmp_path / "run", "limit: reserve.refused < 100000, abort_after_s: 1")
    assert (report.verdict, report.run.aborted_by, report.generator.unfinished) == ("PASS", None, 0)
