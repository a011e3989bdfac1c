"""``sweep.json``, ``sweep.csv`` and ``sweep.html``."""

import csv
import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from sim.experiments.errors import ExperimentError
from sim.experiments.grid import written
from sim.experiments.model import SCHEMA_VERSION, SweepReport
from sim.experiments.page import render
from sim.experiments.results import replace_file

JSON_FILE, CSV_FILE, HTML_FILE = "sweep.json", "sweep.csv", "sweep.html"


def write_sweep(report: SweepReport, folder: Path) -> None:
    """Write all three; a file that is there is replaced, at once or not at all. Raises ``ExperimentError``."""
    replace_file(folder / JSON_FILE, orjson.dumps(asdict(report), option=orjson.OPT_INDENT_2))
    replace_file(folder / CSV_FILE, _table(report).encode())
    replace_file(folder / HTML_FILE, render(report).encode())


def read_sweep(folder: Path) -> SweepReport:
    """Read ``sweep.json``. Raises ``ExperimentError`` if it is missing, cut, or of another schema."""
    path = folder / JSON_FILE
    try:
        data = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ExperimentError(f"{path}: cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise ExperimentError(f"{path}: no JSON ({error}); it may have been cut") from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        raise ExperimentError(f"{path}: has schema_version {version}; this version reads {SCHEMA_VERSION}")
    try:
        return TypeAdapter(SweepReport).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ExperimentError(f"{path}: {where}: {first['msg']}") from error


def _table(report: SweepReport) -> str:
    """Return one line per cell and figure: the form that pandas, R and spreadsheets take."""
    text = io.StringIO()
    paths = [axis.path for axis in report.axes]
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["cell", *paths, "measure", "value", "low", "high", "half_width", "replications"])
    for cell in report.cells:
        settings: list[Any] = [written(cell.settings[path]) for path in paths]
        for name, each in cell.estimates.items():
            rows.writerow([cell.number, *settings, name, each.value, each.low, each.high, each.half_width, each.count])
    return text.getvalue()
