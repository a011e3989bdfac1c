"""What holds for all tests."""

import os
from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed (``RECARGA_ALL_INSTALLED``, set in CI), a program that is missing is a failure."""
    report = yield
    reason: Any = report.longrepr
    if os.environ.get("RECARGA_ALL_INSTALLED") and report.skipped and "not installed" in str(reason):
        report.outcome = "failed"
        report.longrepr = f"skipped where everything is installed: {reason}"
    return report
