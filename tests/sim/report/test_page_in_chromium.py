"""``report.html`` in a browser: nothing is fetched, nothing fails, nothing stands out."""

import pytest

from tests.sim.report.chromium import Window, visit
from tests.sim.report.conftest import Reported
from tests.sim.report.sample_runs import RUNS

pytestmark = pytest.mark.system


@pytest.mark.parametrize("name", RUNS)
def test_a_page_opens_without_errors_and_without_the_network(reported: Reported, name: str) -> None:
    """At a desk and on a phone, with scripts and without."""
    path = reported(name)[1] / "report.html"
    for found in visit(path, Window(1280), Window(380), Window(380, javascript=False)):
        assert found.console == []
        assert found.requests == []
        assert found.overflow_px == 0
        assert all(heading in found.text for heading in ("Verdicts", "Contention", "Latency", "Occupancy", "Glossary"))


def test_a_figure_says_its_values_when_pointed_at(reported: Reported) -> None:
    """By day and by night; without the script a browser shows the same words, only later."""
    path = reported("one_second")[1] / "report.html"
    for found in visit(path, Window(1280), Window(1280, scheme="dark")):
        assert found.console == []
        assert found.tip.startswith("16:00:00 (0 s): 0 per 0.1 s")
