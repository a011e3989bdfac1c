"""``report.html`` in a browser: nothing is fetched, nothing fails, nothing stands out."""

import pytest

from tests.sim.report.chromium import Window, opened, visit
from tests.sim.report.conftest import Reported
from tests.sim.report.sample_runs import RUNS

pytestmark = pytest.mark.system
ZOOMS = "() => window.timeSeries.map((chart) => `${chart.scales.x.min} ${chart.scales.x.max}`)"


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
        assert found.tip == "50.0 % of the points got 100 % of what was asked for"


def test_time_series_can_be_zoomed_where_scripts_run(reported: Reported) -> None:
    """And are drawn where they do not."""
    path = reported("ordinary")[1] / "report.html"
    with_scripts, without = visit(path, Window(1280), Window(1280, javascript=False))
    assert with_scripts.charts == 4
    assert without.charts == 0


def test_zooming_one_time_series_zooms_the_others(reported: Reported) -> None:
    """What happened at that moment is one question, whichever figure one begins with."""
    path = reported("ordinary")[1] / "report.html"
    with opened(path, Window(1280)) as page:
        before = page.evaluate(ZOOMS)
        over = page.locator(".live .u-over").first
        over.scroll_into_view_if_needed()
        box = over.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 50, steps=5)
        page.mouse.up()
        after = page.evaluate(ZOOMS)
        assert len(set(after)) == 1
        assert after[0] != before[0]
