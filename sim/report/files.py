"""``report.json``, ``report.html`` and the tables beside them."""

from pathlib import Path

import orjson
from pydantic import ValidationError

from sim.report.errors import ReportError
from sim.report.html import render
from sim.report.model import SCHEMA_VERSION, Report
from sim.report.tables import as_parquet, tables
from sim.run_folder import RunFolder


def write_report(report: Report, run_dir: Path) -> None:
    """Write all files; a file that is there is replaced, at once or not at all. Raises ``ReportError``."""
    folder = RunFolder(run_dir)
    _replace(folder.report_json, orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2))
    _replace(folder.report_html, render(report).encode())
    try:
        folder.tables.mkdir(exist_ok=True)
    except OSError as error:
        raise ReportError(f"{folder.tables}: cannot be made: {error.strerror}") from error
    for name, content in tables(report).items():
        _replace(folder.tables / f"{name}.csv", content)
        parquet = as_parquet(content)
        if parquet is not None:
            _replace(folder.tables / f"{name}.parquet", parquet)


def read_report(run_dir: Path) -> Report:
    """Read ``report.json``. Raises ``ReportError`` if it is missing, cut, or of a newer schema."""
    path = RunFolder(run_dir).report_json
    try:
        data = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise ReportError(f"{path}: no JSON ({error}); the report may have been cut") from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        raise ReportError(
            f"{path}: has schema_version {version}; this version reads {SCHEMA_VERSION}; recarga report writes it anew"
        )
    try:
        return Report.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ReportError(f"{path}: {where}: {first['msg']}") from error


def _replace(path: Path, content: bytes) -> None:
    written = path.with_name(f"{path.name}.new")
    try:
        written.write_bytes(content)
        written.replace(path)
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror}") from error
