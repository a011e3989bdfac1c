"""The page under axe-core, which knows the rules of WCAG: names, landmarks, headings, tables, contrast."""

import pytest

from tests.sim.report.chromium import Window, opened
from tests.sim.report.conftest import Reported

pytestmark = pytest.mark.system


@pytest.mark.parametrize("window", [Window(1280), Window(390, scheme="dark")], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["ordinary", "one_second", "everything_fails", "none_accepted", "virtual"])
def test_axe_finds_nothing(reported: Reported, name: str, window: Window) -> None:
    """Whoever cannot see the figures, or not well, has the same report."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    with opened(reported(name)[1] / "report.html", window) as page:
        found = axe.Axe().run(page).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
