"""One network for all tests of a module, and a time zone for each test."""

import re
import time
from collections.abc import Iterator

import pytest

from tests.nodes.clients.command import Command
from tests.nodes.clients.guarded import Guarded, guarded_node
from tests.nodes.clients.processes import NodeProcess, two_nodes


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[NodeProcess, NodeProcess]]:
    with two_nodes(tmp_path_factory.mktemp("network")) as started:
        yield started


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded_node(tmp_path_factory.mktemp("guarded")) as started:
        yield started


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of the machine's: no language, no token, no driver; UTC."""
    for name in (
        "RECARGA_NODES",
        "RECARGA_TOKEN",
        "RECARGA_TOKEN_FILE",
        "RECARGA_DRIVER",
        "RECARGA_LANGUAGE",
        "LC_ALL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def client(nodes: tuple[NodeProcess, NodeProcess], request: pytest.FixtureRequest) -> Command:
    """A driver of each test's own, so that none sees another's."""
    command = Command(nodes)
    command.driver = re.sub(r"\W", "-", request.node.name)[:90]
    return command
