"""``report.json``: what other programs script against."""

from pathlib import Path

import orjson
import pytest

from sim.report import ReportError, build_report, read_report, write_report
from sim.report.json_schema import report_json_schema
from tests.sim.report.conftest import Reported
from tests.sim.report.sample_runs import KEPT, RUNS, ordinary


@pytest.mark.parametrize("name", list(RUNS))
def test_a_report_that_was_written_reads_as_the_same_report(reported: Reported, name: str) -> None:
    """`recarga report` and `compare` work from the file alone."""
    report, folder = reported(name)
    assert read_report(folder) == report


def test_the_members_that_are_promised_are_there(reported: Reported) -> None:
    """DESIGN.md's names; renaming one breaks somebody's script."""
    _, folder = reported("ordinary")
    report = orjson.loads((folder / "report.json").read_bytes())
    assert list(report) == [
        "schema_version", "run", "verdict", "explanation", "promises", "generator", "slo", "operations", "latency_ms",
        "heatmap", "ways", "slowest", "timeline", "concentration", "fairness", "refused_by_view", "staleness", "gauges",
        "agreed", "queues", "resources", "fates", "points", "nodes", "faults", "occupancy", "scenario",
    ]  # fmt: skip
    assert {"name", "seed", "mode", "scenario_hash", "trace_hash", "started", "command"} <= report["run"].keys()
    assert report["run"]["trace_hash"] is None
    assert list(report["promises"]) == [f"P{number}" for number in range(1, 11)]
    assert {"verdict", "checked", "violations"} <= report["promises"]["P1"].keys()
    assert report["operations"]["reserve"]["total"].keys() == {
        "offered", "accepted", "refused", "unavailable", "unknown",
    }  # fmt: skip
    assert report["latency_ms"]["reserve"]["all"].keys() == {"count", "from_intended", "from_sent"}
    assert report["latency_ms"]["reserve"]["accepted"]["from_intended"].keys() == {
        "mean", "p50", "p90", "p99", "p99_9", "max", "curve",
    }  # fmt: skip


@pytest.mark.parametrize("name", list(RUNS))
def test_a_report_is_what_its_json_schema_says(reported: Reported, name: str) -> None:
    """Who writes a program against the schema must not be surprised by a file."""
    report = orjson.loads((reported(name)[1] / "report.json").read_bytes())
    schemas = pytest.importorskip("jsonschema_rs")
    schemas.validator_for(report_json_schema()).validate(report)


def test_the_committed_json_schema_is_the_codes() -> None:
    committed = (Path(__file__).parents[3] / "docs" / "report.schema.json").read_bytes()
    assert orjson.loads(committed) == report_json_schema(), "run: make schemas"


def test_figures_about_the_same_thing_agree(reported: Reported) -> None:
    """Totals by kind, over time and by point are counted in different places."""
    report, _ = reported("ordinary")
    assert sum(report.timeline.offered) == report.bookings.offered == 2_000
    assert sum(point.demand.refused for point in report.points) == report.bookings.refused
    assert sum(node.requests.offered for node in report.nodes) == 2_800
    assert sum(pair.count for name, pair in report.latency_ms["reserve"].items() if name != "all") == 2_000
    assert sum(node.energy_wh for node in report.nodes) == sum(point.energy_wh for point in report.points)


def test_writing_again_replaces_what_was_there(tmp_path: Path) -> None:
    folder = ordinary().write(tmp_path / "run")
    report = build_report(folder, KEPT)
    for _ in range(2):
        write_report(report, folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "history.jsonl", "nodes", "report.html", "report.json", "scenario.yaml", "tables",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "cannot be read: No such file or directory"),
        ("", "no JSON"),
        ('{"schema_version": 1, "run"', "no JSON .*it may have been cut"),
        ("[]", "has schema_version None"),
        ('{"schema_version": 2}', "has schema_version 2; this version reads 3; recarga report writes it anew"),
        ('{"schema_version": 3}', "run: Field required"),
    ],
)
def test_a_report_that_cannot_be_read_is_one_line(tmp_path: Path, text: str | None, complaint: str) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    with pytest.raises(ReportError, match=complaint) as caught:
        read_report(tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "report.json"))
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    folder = ordinary().write(tmp_path / "run")
    report = build_report(folder, KEPT)
    with pytest.raises(ReportError, match=r"report\.json: cannot be written: No such file or directory"):
        write_report(report, tmp_path / "nothing")
