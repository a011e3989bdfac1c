"""What a sweep concludes, its page and its table."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sim.experiments.comparison import compare
from sim.experiments.errors import ExperimentError
from sim.experiments.files import read_sweep, write_sweep
from sim.experiments.grid import Axis
from sim.experiments.model import SweepReport
from sim.experiments.page import render
from sim.experiments.result import Result
from sim.experiments.schedule import Enough, Schedule
from sim.experiments.summary import Asked, summarise
from sim.experiments.task import Task
from tests.sim.experiments.made import cells, result_of, task_for

RATES = (10.0, 20.0)


def summed(folder: Path, play: Callable[[Task], Result], count: int = 4) -> SweepReport:
    schedule = Schedule(cells(folder, *RATES), Enough(count), task_for, lambda _: None)
    while (task := schedule.next()) is not None:
        schedule.take(task, play(task))
    asked = Asked(
        "quick.yaml",
        "recarga sweep quick.yaml",
        "local",
        "none",
        [Axis("fleet.rate_per_h", list(RATES))],
        Enough(count),
        datetime(2026, 5, 4, tzinfo=UTC),
        lambda state, seed: f"recarga run --set fleet.rate_per_h={state.cell.number} --seed {seed} <x>",
    )
    return summarise(asked, schedule, lambda result: f"reports/{result.key}.html" if result.seed == 1 else None)


def rising(task: Task) -> Result:
    """A common part per seed, and a cell's own: pairs tell it, cells alone do not."""
    return result_of(task, 0.2 * task.seed + (0.01 + 0.0001 * task.seed if task.cell else 0.0))


def test_pairs_of_the_same_seed_show_what_cells_alone_do_not(tmp_path: Path) -> None:
    """That is what common random numbers are for."""
    low, high = summed(tmp_path, rising).cells
    one, other = low.estimates["served_share"], high.estimates["served_share"]
    assert one.high is not None
    assert other.low is not None
    assert other.low < one.high, "the intervals overlap"
    found = high.differences["served_share"]
    assert high.against == 0
    assert found.low is not None
    assert 0.009 < found.low < 0.011
    assert (low.against, low.differences) == (None, {})


def test_a_percentile_is_that_of_all_replications_together(tmp_path: Path) -> None:
    """One long quiet replication and three short busy ones: the mean of their percentiles would be 75."""

    def play(task: Task) -> Result:
        return result_of(task, waits=(1.0,) * 10_000 if task.seed == 1 else (100.0,))

    p90 = summed(tmp_path, play).cells[0].estimates["waiting_p90_s"]
    assert p90.value == pytest.approx(1.0, rel=0.01)


def test_the_verdict_is_that_of_the_worst(tmp_path: Path) -> None:
    """One broken promise among many runs is a broken promise."""
    verdicts = {(0, 2): "INVALID", (1, 3): "FAIL"}
    report = summed(tmp_path, lambda task: result_of(task, verdict=verdicts.get((task.cell, task.seed), "PASS")))
    assert report.verdict == "FAIL"
    assert "seed 3" in report.explanation
    assert report.cells[1].verdicts == {"PASS": 3, "FAIL": 1}
    invalid = summed(tmp_path, lambda task: result_of(task, verdict="INVALID" if task.seed == 1 else "PASS"))
    assert invalid.verdict == "INVALID"
    assert "1 INVALID</span>" in render(invalid), "a figure from a run that proves nothing is marked"


def test_the_files_hold_the_same_and_are_read_again(tmp_path: Path) -> None:
    """The table for other programs, the page for people, the JSON for both."""
    report = summed(tmp_path, rising)
    write_sweep(report, tmp_path)
    assert read_sweep(tmp_path) == report
    rows = list(csv.DictReader(io.StringIO((tmp_path / "sweep.csv").read_text())))
    assert {row["fleet.rate_per_h"] for row in rows} == {"10.0", "20.0"}
    (row,) = (each for each in rows if each["measure"] == "served_share" and each["cell"] == "1")
    assert float(row["value"]) == report.cells[1].estimates["served_share"].value
    page = (tmp_path / "sweep.html").read_text()
    assert '<a href="reports/0-0.html">' in page
    assert "--seed 1 &lt;x&gt;" in page, "text is text"
    assert page.count("<svg") >= 2
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize("content", ["", "[]", '{"schema_version": 99}', '{"schema_version": 2}'])
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    """With its name."""
    (tmp_path / "sweep.json").write_text(content)
    with pytest.raises(ExperimentError) as refused:
        read_sweep(tmp_path)
    assert "sweep.json" in str(refused.value)
    assert "\n" not in str(refused.value)


def swept(folder: Path, play: Callable[[Task], Result]) -> Path:
    folder.mkdir()
    write_sweep(summed(folder, play, 8), folder)
    return folder


def test_a_small_loss_in_every_pair_is_a_regression_and_noise_is_none(tmp_path: Path) -> None:
    """Both change the mean by about the same."""
    before = swept(tmp_path / "before", lambda task: result_of(task, 0.4 + 0.05 * task.seed))
    worse = swept(tmp_path / "worse", lambda task: result_of(task, 0.3 + 0.05 * task.seed + 0.001 * (task.seed % 2)))
    noise = swept(tmp_path / "noise", lambda task: result_of(task, 0.3 + 0.05 * ((task.seed * 5) % 8)))
    found = compare(before, worse, tolerance=0.05)
    assert [(change.cell, change.measure.name) for change in found.regressions] == [
        ("rate_per_h 10.0", "served_share"),
        ("rate_per_h 20.0", "served_share"),
    ]
    assert all(change.paired for change in found.changes)
    assert not compare(before, noise, tolerance=0.05).has_regressed
    assert not compare(before, worse, tolerance=0.5).has_regressed, "within what is tolerated"
    assert not compare(worse, before, tolerance=0.05).has_regressed, "better is no regression"
    same = compare(before, before, tolerance=0.0)
    assert {change.verdict for change in same.changes} == {"same"}


def test_a_newly_broken_promise_is_a_regression_whatever_the_figures_say(tmp_path: Path) -> None:
    """Fast and wrong is wrong."""
    before = swept(tmp_path / "before", result_of)
    broken = swept(tmp_path / "broken", lambda task: result_of(task, verdict="FAIL" if task.cell else "PASS"))
    assert list(compare(before, broken, 0.05).newly_broken) == ["rate_per_h 20.0"]
    assert not compare(broken, broken, 0.05).has_regressed


def test_a_replication_that_newly_fails_is_a_regression_though_another_failed_before(tmp_path: Path) -> None:
    """One bad seed before is no licence for all of them."""
    one = swept(tmp_path / "one", lambda task: result_of(task, verdict="FAIL" if task.seed == 1 else "PASS"))
    all_of_them = swept(tmp_path / "all", lambda task: result_of(task, verdict="FAIL"))
    assert list(compare(one, all_of_them, 0.05).newly_broken) == ["rate_per_h 10.0", "rate_per_h 20.0"]
    assert not compare(all_of_them, one, 0.05).has_regressed


def test_runs_that_prove_nothing_are_named(tmp_path: Path) -> None:
    """Nothing became worse, as far as anybody can tell, which is not far."""
    before = swept(tmp_path / "before", result_of)
    invalid = swept(tmp_path / "invalid", lambda task: result_of(task, verdict="INVALID" if task.cell else "PASS"))
    for found in (compare(before, invalid, 0.05), compare(invalid, before, 0.05)):
        assert found.proves_nothing == ["rate_per_h 20.0"]
        assert not found.has_regressed


def test_a_difference_of_percentiles_is_one_of_all_replications_together(tmp_path: Path) -> None:
    """One long replication and many short ones: the mean of the percentiles of each would say that half the wait is gone."""

    def waits(short_s: float) -> Callable[[Task], Result]:
        return lambda task: result_of(task, waits=(1.0,) * 10_000 if task.seed == 1 else (short_s,))

    before, after = swept(tmp_path / "before", waits(100.0)), swept(tmp_path / "after", waits(50.0))
    (change, _) = (each for each in compare(before, after, 0.05).changes if each.measure.name == "waiting_p90_s")
    assert (change.before, change.after) == (pytest.approx(1.0, rel=0.01), pytest.approx(1.0, rel=0.01))
    assert change.difference.value == 0

    def cells_differ(task: Task) -> Result:
        return waits(50.0 if task.cell else 100.0)(task)

    assert summed(tmp_path, cells_differ).cells[1].differences["waiting_p90_s"].value == 0


def test_replications_that_one_side_lacks_are_in_no_pair(tmp_path: Path) -> None:
    """A stopping rule gives one side more of them; the others are still compared seed by seed."""
    before = swept(tmp_path / "before", lambda task: result_of(task, 0.1 * task.seed))
    (tmp_path / "after").mkdir()
    write_sweep(summed(tmp_path / "after", lambda task: result_of(task, 0.1 * task.seed - 0.05), 4), tmp_path / "after")
    (change, _) = (
        each for each in compare(before, tmp_path / "after", 0.01).changes if each.measure.name == "served_share"
    )
    assert change.paired
    assert change.difference.value == pytest.approx(-0.05)
    assert change.verdict == "worse"
