"""The page of a sweep in a browser."""

from pathlib import Path

from sim.experiments.files import write_sweep
from tests.sim.experiments.test_summary import rising, summed
from tests.sim.report.chromium import Window, visit


def test_a_sweeps_page_opens_anywhere(tmp_path: Path) -> None:
    """No errors, no network, nothing wider than the window, on a desk and on a phone, with and without JavaScript."""
    write_sweep(summed(tmp_path, rising), tmp_path)
    page = tmp_path / "sweep.html"
    assert page.stat().st_size < 500_000
    for seen in visit(page, Window(1280), Window(360, "dark"), Window(360, javascript=False)):
        assert (seen.console, seen.requests, seen.overflow_px) == ([], [], 0)
        assert "From one setting to the next" in seen.text
