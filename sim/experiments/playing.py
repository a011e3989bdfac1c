"""One replication: played in virtual time, audited, measured."""

import gc
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sim.audit import audit
from sim.errors import LaboratoryError
from sim.experiments.measuring import Measured, measure
from sim.experiments.records import read_records
from sim.experiments.result import Result
from sim.experiments.task import Task
from sim.explore.one_seed import loaded_from
from sim.report import build_report, write_report
from sim.run_folder import RunFolder
from sim.scenario.load import LoadedScenario
from sim.virtual_run import VirtualRun

MISTAKE = "MISTAKE"


def play(task: Task) -> Result:
    """Play a task in a folder of its own, which is gone afterwards. Raises ``DocumentError`` for data that is no scenario."""
    started_s = time.process_time()
    loaded = loaded_from(task.data, f"seed {task.seed}")
    try:
        with TemporaryDirectory(prefix="recarga-", ignore_cleanup_errors=True) as path:
            return _played(task, loaded, RunFolder(Path(path)), started_s)
    finally:
        gc.collect()  # a run leaves circles behind, thousands of runs must not


def _played(task: Task, loaded: LoadedScenario, folder: RunFolder, started_s: float) -> Result:
    try:
        trace_hash = VirtualRun(loaded, folder, task.command, lambda _: None).play().trace_hash
    except LaboratoryError as error:
        nothing = Measured(0.0, settled=True, figures={})
        words = f"{type(error).__name__}: {error}"
        return _result(task, loaded, nothing, started_s, verdict=MISTAKE, explanation=words, trace_hash=None)
    report = build_report(folder.path, audit(folder.path).to_json())
    page = b""
    if task.with_report or report.verdict != "PASS":
        write_report(report, folder.path)
        page = folder.report_html.read_bytes()
    found = measure(read_records(folder.path), task.warm_up)
    said: dict[str, Any] = {"verdict": report.verdict, "explanation": report.explanation, "trace_hash": trace_hash}
    return _result(task, loaded, found, started_s, **said, report=page)


def _result(task: Task, loaded: LoadedScenario, found: Measured, started_s: float, **said: Any) -> Result:
    return Result(
        key=task.key,
        seed=task.seed,
        scenario_hash=loaded.hash,
        figures=found.figures,
        histograms=found.histograms,
        from_s=found.from_s,
        settled=found.settled,
        cpu_s=time.process_time() - started_s,
        has_report=bool(said.get("report")),
        **said,
    )
