"""Reports of the sample runs, each made once."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from sim.report import Report, build_report, write_report
from tests.sim.report.sample_runs import made

Reported = Callable[[str], tuple[Report, Path]]


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """Return a function from the name of a sample run to its report and the folder it was written to."""

    @cache
    def report_of(name: str) -> tuple[Report, Path]:
        run, promises = made(name)
        folder = run.write(tmp_path_factory.mktemp(name) / "run")
        report = build_report(folder, promises)
        write_report(report, folder)
        return report, folder

    return report_of
