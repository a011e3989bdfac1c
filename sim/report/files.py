"""``report.json``, ``report.html`` and the tables beside them."""

from pathlib import Path

import orjson

from sim.report.errors import ReportError
from sim.report.html import render
from sim.report.model import SCHEMA_VERSION, Report
from sim.report.tables import as_parquet, tables
from sim.run_folder import RunFolder
from sim.whole_file import read_versioned, replace_file


def write_report(report: Report, run_dir: Path) -> None:
    """Write all files; a file that is there is replaced, at once or not at all. Raises ``ReportError``."""
    folder = RunFolder(run_dir)
    replace_file(folder.report_json, orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2), ReportError)
    replace_file(folder.report_html, render(report).encode(), ReportError)
    try:
        folder.tables.mkdir(exist_ok=True)
    except OSError as error:
        raise ReportError(f"{folder.tables}: cannot be made: {error.strerror}") from error
    for name, content in tables(report).items():
        replace_file(folder.tables / f"{name}.csv", content, ReportError)
        parquet = as_parquet(content)
        if parquet is not None:
            replace_file(folder.tables / f"{name}.parquet", parquet, ReportError)


def read_report(run_dir: Path) -> Report:
    """Read ``report.json``. Raises ``ReportError`` if it is missing, cut, or of another schema."""
    path, advice = RunFolder(run_dir).report_json, "; recarga report writes it anew"
    return read_versioned(path, SCHEMA_VERSION, Report.model_validate, ReportError, advice)
