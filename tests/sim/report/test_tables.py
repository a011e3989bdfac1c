"""The tables beside the report: every one says what the report says, to a spreadsheet."""

import csv
import sys
from io import StringIO

import pytest

from sim.report.tables import as_parquet, tables
from tests.sim.report.conftest import Reported
from tests.sim.report.sample_runs import RUNS


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode())))


@pytest.mark.parametrize("name", RUNS)
def test_every_table_is_written_and_has_a_value_or_nothing_in_every_column(reported: Reported, name: str) -> None:
    report, folder = reported(name)
    found = tables(report)
    assert {path.stem for path in (folder / "tables").glob("*.csv")} == set(found)
    for content in found.values():
        rows = _rows(content)
        assert rows
        assert all(None not in row and None not in row.values() for row in rows)


def test_tables_add_up_to_the_report(reported: Reported) -> None:
    report, _ = reported("ordinary")
    found = {name: _rows(content) for name, content in tables(report).items()}
    assert sum(int(row["demand.refused"]) for row in found["points"]) == report.bookings.refused
    assert sum(int(row["offered"]) for row in found["timeline"]) == report.bookings.offered
    assert sum(int(row["count"]) for row in found["operations"]) == sum(
        counts.total.offered for counts in report.operations.values()
    )
    assert [row["limit"] for row in found["limits"]] == [limit.limit for limit in report.slo]
    assert float(found["limits"][0]["figure"]) == report.slo[0].figure


def test_no_cell_is_taken_for_a_formula(reported: Reported) -> None:
    """Names come from users, and people open these files in spreadsheets."""
    for content in tables(reported("hostile_names")[0]).values():
        for row in _rows(content):
            assert not any(value[:1] in "=+@" for value in row.values() if value)


def test_parquet_holds_the_same_with_types(reported: Reported) -> None:
    """For whoever works on with pandas or DuckDB."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
    _, folder = reported("ordinary")
    found = parquet.read_table(folder / "tables" / "points.parquet").to_pylist()
    rows = _rows((folder / "tables" / "points.csv").read_bytes())
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert [row["energy_wh"] for row in found] == [int(row["energy_wh"]) for row in rows]


def test_no_thread_of_arrow_holds_what_is_pythons() -> None:
    """A thread that lets go of it while the interpreter ends aborts the process after a run that went well."""
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    content = b"".join([b"a,b", b"\n1,2" * 50])
    held = sys.getrefcount(content)
    for _ in range(300):
        assert as_parquet(content)
        assert sys.getrefcount(content) == held
