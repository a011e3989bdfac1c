"""From a run's folder to a report: verdict, explanation, errors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.report import Report, ReportError, build_report
from tests.sim.measure.made_run import MadeRun
from tests.sim.report.sample_runs import BROKEN, KEPT, all_unknown, none_accepted, nothing_asked, one_second, ordinary


def _report(run: MadeRun, tmp_path: Path, promises: dict[str, Any]) -> Report:
    return build_report(run.write(tmp_path / "run"), promises)


def test_a_run_passes_in_plain_words(tmp_path: Path) -> None:
    """The sentence that people take away, with its figures."""
    report = _report(ordinary(), tmp_path, KEPT)
    accepted = report.bookings.accepted
    assert report.verdict == "PASS"
    assert report.explanation.startswith(
        f"No charger was promised twice: {accepted} acknowledged reservations on 24 points, 0 overlaps. "
    )


def test_one_broken_promise_fails_the_run(tmp_path: Path) -> None:
    report = _report(one_second(), tmp_path, KEPT | {"P9": BROKEN["P2"]})
    assert report.verdict == "FAIL"
    assert report.explanation == "A promise was broken: P9 “The books balance” once."


def test_several_broken_promises_are_all_named(tmp_path: Path) -> None:
    report = _report(one_second(), tmp_path, BROKEN)
    assert report.verdict == "FAIL"
    assert report.explanation.startswith("3 promises were broken: P1 “No double booking” 137 times, P2")


def test_a_broken_promise_outweighs_an_invalid_generator(tmp_path: Path) -> None:
    """A violation is real, however late its requests were."""
    assert _report(all_unknown(), tmp_path, BROKEN).verdict == "FAIL"


def test_violations_fail_a_promise_whatever_its_verdict_says(tmp_path: Path) -> None:
    found = KEPT | {"P4": {"verdict": "PASS", "checked": 9, "violations": ["twice"]}}
    assert _report(one_second(), tmp_path, found).verdict == "FAIL"


def test_a_generator_that_fell_behind_makes_the_run_invalid(tmp_path: Path) -> None:
    run = one_second()
    run.late_ms_p99 = 400.0
    report = _report(run, tmp_path, KEPT)
    assert report.verdict == "INVALID"
    assert report.explanation.startswith("The run proves nothing: one request in a hundred was sent 400 ms late")


def test_an_interrupted_run_is_invalid(tmp_path: Path) -> None:
    run = one_second()
    run.ends = False
    report = _report(run, tmp_path, KEPT)
    assert (report.verdict, report.generator.unfinished) == ("INVALID", None)
    assert "interrupted" in report.explanation


def test_a_killed_run_whose_last_line_is_cut_is_reported_as_invalid(tmp_path: Path) -> None:
    """Somebody wants to know what it did until then; nothing is proven by it."""
    folder = one_second().write(tmp_path / "run")
    history = (folder / "history.jsonl").read_bytes()
    (folder / "history.jsonl").write_bytes(history[:-30])
    report = build_report(folder, {})
    assert (report.verdict, report.bookings.offered) == ("INVALID", 2)
    assert "interrupted" in report.explanation


def test_promises_without_data_do_not_fail_a_run_but_say_why(tmp_path: Path) -> None:
    promises = _report(one_second(), tmp_path, KEPT | {"P8": BROKEN["P8"]}).promises
    assert {name for name, promise in promises.items() if promise.verdict == "NO DATA"} == {
        "P3", "P6", "P7", "P8", "P10",
    }  # fmt: skip
    assert promises["P8"].note == "the scenario has no no-shows"
    assert promises["P3"].note == "not checked"


def test_a_run_of_which_nothing_was_checked_proves_nothing(tmp_path: Path) -> None:
    """No audit, no PASS."""
    report = _report(one_second(), tmp_path, {})
    assert (report.verdict, report.explanation) == ("INVALID", "The run proves nothing: no promise was checked.")


def test_a_run_in_which_nothing_was_accepted_does_not_boast_of_it(tmp_path: Path) -> None:
    report = _report(none_accepted(), tmp_path, KEPT)
    assert report.explanation.startswith("No vehicle reserved a charger (none of 200 requests was accepted)")


def test_trips_are_told_beside_reservations_or_without_them(tmp_path: Path) -> None:
    """Every trip is several reservations; who sold nothing but trips has sold something."""
    run = MadeRun()
    run.request(1.0, f="trip", point=None)
    run.request(2.0, f="trip", point=None, kind="fail", error="no-point-fits", status=409)
    run.request(3.0, f="cancel_trip", point=None)
    report = _report(run, tmp_path / "trips", KEPT)
    assert report.explanation.startswith("No charger was promised twice: 1 acknowledged trip on 2 points, 0 overlaps.")
    assert list(report.operations) == ["trip", "cancel_trip"]
    assert (report.operations["trip"].total.accepted, report.operations["trip"].total.refused) == (1, 1)
    run = MadeRun()
    run.request(1.0)
    for at_s in (2.0, 3.0):
        run.request(at_s, f="trip", point=None)
    report = _report(run, tmp_path / "both", KEPT)
    assert "1 acknowledged reservation and 2 acknowledged trips on 2 points" in report.explanation


def test_a_run_in_which_nobody_asked_can_be_reported(tmp_path: Path) -> None:
    report = _report(nothing_asked(), tmp_path, KEPT)
    assert (report.bookings.offered, report.latency_ms, report.fates) == (0, {}, [])
    assert report.explanation.startswith("No vehicle reserved a charger (nobody asked for one)")


def test_times_are_in_the_scenarios_zone(tmp_path: Path) -> None:
    """An evening in Recife is read as an evening."""
    run = _report(one_second(), tmp_path, KEPT).run
    assert run.civil_start.isoformat() == "2026-05-04T16:00:00-03:00"
    assert run.civil_end.isoformat() == "2026-05-04T16:01:00-03:00"
    assert run.started.isoformat() == "2026-11-23T01:38:32.998000+00:00"


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda folder: (folder / "history.jsonl").unlink(), r"history\.jsonl: cannot be read"),
        (lambda folder: (folder / "scenario.yaml").unlink(), r"scenario\.yaml"),
        (lambda folder: (folder / "scenario.yaml").write_text("name: [\n"), r"scenario\.yaml:\d+:\d+: "),
        (lambda folder: (folder / "nodes" / "server2.db").unlink(), r"server2\.db: missing"),
        (lambda folder: (folder / "nodes" / "server2.db").write_bytes(b"x" * 99), r"server2\.db: cannot be read"),
        (lambda folder: _cut(folder / "history.jsonl"), r"history\.jsonl:\d+: no JSON"),
    ],
)
def test_a_folder_that_is_not_whole_is_one_line(tmp_path: Path, damage: Callable[[Path], Any], complaint: str) -> None:
    """The name of the file and what is wrong with it; no traceback."""
    folder = ordinary().write(tmp_path / "run")
    damage(folder)
    with pytest.raises(ReportError, match=complaint) as caught:
        build_report(folder, KEPT)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="there is no such folder"):
        build_report(tmp_path / "nothing", {})


def _cut(path: Path) -> None:
    """Damage a line in the middle; the last one may be cut."""
    path.write_bytes(path.read_bytes()[:-30] + b"\n")
