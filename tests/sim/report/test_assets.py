"""What the page brings along that is not ours."""

from importlib.resources import files

from sim.report.html import render
from tests.sim.report.conftest import Reported

UPLOT = files("sim.report") / "assets" / "uplot"


def test_uplot_comes_with_its_licence_in_the_package_and_in_every_page(reported: Reported) -> None:
    """MIT: the notice goes with every copy; and a page is one."""
    licence = (UPLOT / "LICENSE").read_text()
    assert "MIT License" in licence
    assert licence in render(reported("one_second")[0])


def test_uplot_is_the_release_that_its_licence_page_names(reported: Reported) -> None:
    """A minified file says its version itself: nobody edits it here."""
    script = (UPLOT / "uPlot.iife.min.js").read_text()
    assert script.startswith("/*! https://github.com/leeoniya/uPlot (v1.6.32) */")
    assert script in render(reported("one_second")[0])
