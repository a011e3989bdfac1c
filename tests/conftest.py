"""What holds for all tests."""

import itertools
import os
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from bench.postgres import Postgres, Unavailable, postgres


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed (``RECARGA_ALL_INSTALLED``, set in CI), a program that is missing is a failure."""
    report = yield
    reason: Any = report.longrepr
    if os.environ.get("RECARGA_ALL_INSTALLED") and report.skipped and "not installed" in str(reason):
        report.outcome = "failed"
        report.longrepr = f"skipped where everything is installed: {reason}"
    return report


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL that all tests share, each with databases of its own."""
    with postgres(shared_buffers="32MB") as server:
        if isinstance(server, Unavailable):
            pytest.skip(server.reason)
        yield server


@pytest.fixture
def new_database(postgres_server: Postgres) -> Iterator[Callable[[], str]]:
    """Makes empty databases, which are gone after the test, and returns the URL of each."""
    made: list[str] = []

    def make() -> str:
        made.append(f"test_{next(_serial)}")
        return postgres_server.new_database(made[-1])

    yield make
    for name in made:
        postgres_server.sql(f"drop database {name} with (force)")


_serial = itertools.count(1)
