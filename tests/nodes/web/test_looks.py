"""Who can use the client: with any eyes, in any light, in both languages, on a phone."""

from typing import Any

import pytest

from tests.nodes.web.network import Network
from tests.nodes.web.visitor import Visitor, settled, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

BACKGROUND = "getComputedStyle(document.body.parentElement).backgroundColor"
VIEWS = ("", "point/server2.lagoa", "trip", "mine", "operator")


def views(page: Any, url: str) -> Any:
    """Go through all views, each once it is drawn."""
    for view in VIEWS:
        page.goto(f"{url}/#/{view}")
        page.wait_for_selector("h1, .points .row")
        until(page, "document.querySelectorAll('.skeleton').length === 0")
        yield view


@pytest.mark.parametrize(("scheme", "language", "width"), [("light", "pt-BR", 1280), ("dark", "en-US", 390)])
def test_axe_finds_nothing(network: Network, visitor: Visitor, scheme: str, language: str, width: int) -> None:
    """Names, landmarks, headings, contrast: the rules of WCAG, in every view."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = visitor.open(network.client_1.url, scheme=scheme, language=language, width=width)
    for view in views(page, network.client_1.url):
        found = axe.Axe().run(page).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == [], view


@pytest.mark.parametrize("language", ["pt-BR", "en-US"])
def test_on_a_phone_nothing_has_to_be_moved_sideways(network: Network, visitor: Visitor, language: str) -> None:
    """The narrowest phones that are sold are 320 wide."""
    page = visitor.open(network.client_2.url, width=320, language=language)
    for view in views(page, network.client_2.url):
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, view


def test_language_and_theme_can_be_switched_and_stay(network: Network, visitor: Visitor) -> None:
    """The browser's wishes count first, then the user's; neither costs what was typed."""
    page = visitor.open(network.client_1.url, language="pt-PT")
    assert page.evaluate("document.documentElement.lang") == "pt-BR"
    page.locator("#search").fill("farol")
    until(page, "document.querySelectorAll('.points .row').length === 2")
    page.get_by_role("button", name="Switch to English").click()
    page.wait_for_selector("text=2 points")
    assert page.locator("#search").input_value() == "farol"
    light = page.evaluate(BACKGROUND)
    page.get_by_role("button", name="Dark theme").click()
    until(page, f"{BACKGROUND} !== {light!r}")
    until(page, "document.getAnimations().length === 0")
    dark = page.evaluate(BACKGROUND)
    page.reload()
    page.wait_for_selector(".light.live")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate(BACKGROUND) == dark


def test_the_map_is_used_with_keys_and_pointer(network: Network, visitor: Visitor) -> None:
    """Clusters come apart, points open, and the list filters what the map shows."""
    page = visitor.open(network.client_1.url)
    page.locator("#search").fill("mercado dois")
    until(page, "document.querySelectorAll('.marks > g').length === 1")
    page.locator(".map").focus()
    page.keyboard.press("Enter")
    until(page, "(document.activeElement.getAttribute('aria-label') || '').startsWith('Mercado dois')")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1 >> text=Mercado dois")
    page.goto(f"{network.client_1.url}/#/")
    page.locator("#search").fill("")
    page.wait_for_selector(".marks > g.cluster")
    page.locator(".map").focus()
    page.keyboard.press("0")  # all of it: the map may still show what was searched for
    before = settled(page, "document.querySelector('.scale').innerText")
    for _ in range(4):
        page.keyboard.press("+")
    until(page, f"document.querySelector('.scale').innerText !== {before!r}")
    page.keyboard.press("0")
    until(page, f"document.querySelector('.scale').innerText === {before!r}")
    page.locator(".marks > g").first.click()
    until(page, f"document.querySelector('.scale').innerText !== {before!r} || location.hash !== '#/'")


@pytest.mark.parametrize("path", ["#/%E0%A4%A", "#/point/%E0%A4%A", "#/%", "#/point/a/b/c"])
def test_an_address_that_is_none_shows_the_map(network: Network, visitor: Visitor, path: str) -> None:
    """Somebody pasted half of one, and got an empty page for ever."""
    page = visitor.open(network.client_1.url, f"/{path}")
    page.wait_for_selector(".points >> text=Farol um")
    page.evaluate("location.hash = '#/mine'")
    page.wait_for_selector("h1 >> text=My charging")
    page.evaluate(f"location.hash = {path!r}")
    page.wait_for_selector(".points >> text=Farol um")
