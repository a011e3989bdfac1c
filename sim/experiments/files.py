"""``sweep.json``, ``sweep.csv`` and ``sweep.html``."""

import csv
import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from sim.experiments.errors import ExperimentError
from sim.experiments.grid import written
from sim.experiments.model import SCHEMA_VERSION, SweepReport
from sim.experiments.page import render
from sim.whole_file import read_versioned, replace_file

JSON_FILE, CSV_FILE, HTML_FILE = "sweep.json", "sweep.csv", "sweep.html"


def write_sweep(report: SweepReport, folder: Path) -> None:
    """Write all three; a file that is there is replaced, at once or not at all. Raises ``ExperimentError``."""
    replace_file(folder / JSON_FILE, orjson.dumps(asdict(report), option=orjson.OPT_INDENT_2), ExperimentError)
    replace_file(folder / CSV_FILE, _table(report).encode(), ExperimentError)
    replace_file(folder / HTML_FILE, render(report).encode(), ExperimentError)


def read_sweep(folder: Path) -> SweepReport:
    """Read ``sweep.json``. Raises ``ExperimentError`` if it is missing, cut, or of another schema."""
    read = TypeAdapter(SweepReport).validate_python
    advice = "; the same recarga sweep writes it anew"
    return read_versioned(folder / JSON_FILE, SCHEMA_VERSION, read, ExperimentError, advice)


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
