"""Limits from the command line: what a script learns of them."""

import json
from pathlib import Path

import pytest

from tests.sim.cli.commands import recarga
from tests.sim.cli.conftest import SMOKE

pytestmark = pytest.mark.system


def test_a_limit_that_fails_is_exit_code_99_and_stands_in_the_summary(tmp_path: Path) -> None:
    """This is how a build notices."""
    run = tmp_path / "run"
    said = recarga("run", str(SMOKE), "--set", "slo=[offered < 10]", "--out", str(run))
    assert said.code == 99
    assert "FAIL: smoke: A limit did not hold: offered < 10 (it was " in said.out
    assert json.loads((run / "report.json").read_bytes())["slo"][0]["verdict"] == "FAIL"
    (run / "report.html").unlink()
    (run / "tables" / "points.csv").unlink()
    again = recarga("report", str(run))
    assert again.code == 99
    assert "A limit did not hold" in again.out
    assert (run / "report.html").exists()
    assert (run / "tables" / "points.csv").exists()


def test_a_limit_that_nobody_can_read_is_exit_code_2_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ntime: {duration_s: 60}\nslo:\n  - p99(latency) < 5\n")
    said = recarga("run", str(path))
    assert said.code == 2
    assert f"{path}:4:5: slo[0].limit: at character 5: there is no figure 'latency'" in said.err


def test_a_report_of_nothing_is_one_line(tmp_path: Path) -> None:
    said = recarga("report", str(tmp_path / "nothing"))
    assert said.code == 1
    assert "there is no such folder" in said.err
