"""One network and one browser for all tests here; each test has points of its own."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.nodes.web.network import Network, ask
from tests.nodes.web.visitor import Visitor, visiting
from tests.sim.report.chromium import browser


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    running = Network(tmp_path_factory.mktemp("network"))
    try:
        running.start()
        until_known(running)
        yield running
    finally:
        codes = running.stop()
    assert set(codes) == {0}


def until_known(running: Network) -> None:
    """Wait until each node knows the other's points."""
    for url in (running.server1.url, running.server2.url):
        while len(ask(f"{url}/v1/points?limit=1000").json["items"]) < 16:
            pass


@pytest.fixture(scope="module")  # no longer: Playwright's loop would be in the way of other modules' async tests
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture
def visitor(chromium: Any) -> Iterator[Visitor]:
    with visiting(chromium) as somebody:
        yield somebody
