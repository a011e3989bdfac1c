"""The summary after a run."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sim.report import Report, build_report, print_report
from sim.report.terminal import print_promises
from tests.sim.measure.made_run import MadeRun
from tests.sim.report.conftest import Reported
from tests.sim.report.sample_runs import BROKEN, KEPT, RUNS, hostile_names, ordinary


def _printed(tmp_path: Path, run: MadeRun, promises: dict[str, Any], *, terminal: bool, width: int = 100) -> str:
    folder = run.write(tmp_path / "run")
    return _summary(build_report(folder, promises), folder, terminal=terminal, width=width)


def _summary(report: Report, folder: Path, *, terminal: bool, width: int = 100) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=width, color_system="truecolor" if terminal else None)
    print_report(report, folder, console)
    return file.getvalue()


def test_plain_output_can_be_read_by_programs(tmp_path: Path) -> None:
    """No escape codes, no wrapped lines; the verdict is the first word."""
    text = _printed(tmp_path, ordinary(), KEPT, terminal=False, width=40)
    lines = text.splitlines()
    assert lines[0].startswith("PASS: made: No charger was promised twice: ")
    assert "\x1b" not in text
    assert f"Report: {tmp_path / 'run' / 'report.html'}" in lines
    assert "Again: recarga run made.yaml --seed 7" in lines


def test_a_terminal_gets_the_same_figures_in_colour(tmp_path: Path) -> None:
    plain = _printed(tmp_path / "plain", ordinary(), KEPT, terminal=False)
    rich = _printed(tmp_path / "rich", ordinary(), KEPT, terminal=True)
    assert "\x1b[" in rich
    row = next(line for line in plain.splitlines() if line.strip().startswith("reserve"))
    assert all(cell in rich for cell in row.split())


def test_a_row_tells_trips_and_one_tells_those_given_back(tmp_path: Path) -> None:
    """In words: a person reads it."""
    run = MadeRun()
    run.request(1.0, f="trip", point=None)
    run.request(2.0, f="cancel_trip", point=None)
    lines = _printed(tmp_path, run, KEPT, terminal=False).splitlines()
    rows = [line.split()[:-3] for line in lines if line.strip().startswith(("trip", "cancel"))]
    assert rows == [["trip", "1", "1", "0", "0", "0"], ["cancel", "trip", "1", "1", "0", "0", "0"]]


@pytest.mark.parametrize("terminal", [False, True])
def test_violations_are_told(tmp_path: Path, terminal: bool) -> None:
    text = _printed(tmp_path, ordinary(), BROKEN, terminal=terminal, width=200)
    assert "driver-3 was told: 201 RESERVED" in text
    assert "and 134 more" in text
    assert "FAIL" in text


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("name", list(RUNS))
def test_every_run_has_a_summary(reported: Reported, name: str, terminal: bool) -> None:
    text = _summary(*reported(name), terminal=terminal)
    assert "report.html" in text.replace("\n", "")


def test_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """A point may be called anything, an escape sequence or rich's markup too."""
    run = hostile_names()
    run.request(40.0, f="[red]\x1b[2Jboo[/red]", point=None)
    text = _printed(tmp_path, run, KEPT, terminal=False)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]\N{REPLACEMENT CHARACTER}[2Jboo[/red]" in text


@pytest.mark.parametrize("terminal", [False, True])
def test_an_audit_alone_can_be_printed(terminal: bool) -> None:
    """`recarga audit` has no report, only promises."""
    file = io.StringIO()
    print_promises(BROKEN, Console(file=file, force_terminal=terminal, width=120))
    text = file.getvalue()
    assert "No double booking" in text
    assert "a reservation is lost" in text
    assert "Load generator" not in text


def test_limits_are_told_with_figure_and_margin(reported: Reported) -> None:
    """Also those that the run does not fail by, which say so."""
    report, folder = reported("ordinary")
    text = _summary(report, folder, terminal=False)
    lines = {
        line.split("  ")[1].strip(): line.split()
        for line in text[text.index("\nLimits") :].splitlines()
        if line.startswith("  ")
    }
    assert lines["p99(reserve.latency_ms) < 250"][-4] == "PASS"
    assert lines["gini < 0.001 (not strict)"][-4] == "FAIL"
    assert lines["offered > 100"][-3:] == ["2,800", "100", "2,700"]
    assert report.verdict == "PASS"


def test_what_could_not_be_measured_is_told_and_fails(reported: Reported) -> None:
    report, folder = reported("everything_fails")
    text = _summary(report, folder, terminal=False)
    assert report.verdict == "FAIL"
    assert "recovery_s < 10 (no data)" in text
    assert "3 limits did not hold" in text
