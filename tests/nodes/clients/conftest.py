"""One network for all tests of a module, and a ledger and a time zone for each test."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes.clients.processes import NodeProcess, two_nodes


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[NodeProcess, NodeProcess]]:
    with two_nodes(tmp_path_factory.mktemp("network")) as started:
        yield started


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Nothing of the machine's: no ledger, no language, no token, no driver; UTC."""
    for name in (
        "RECARGA_NODES",
        "RECARGA_TOKEN",
        "RECARGA_TOKEN_FILE",
        "RECARGA_DRIVER",
        "RECARGA_LANGUAGE",
        "LC_ALL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RECARGA_CLIENT_LEDGER", str(tmp_path / "ledger.json"))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
