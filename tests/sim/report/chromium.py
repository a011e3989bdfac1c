"""An installed Chromium that opens pages and tells what they did."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


_START_MS = 120_000  # on a machine that is busy


@dataclass(frozen=True, slots=True)
class Window:
    """How a page is looked at."""

    width: int
    scheme: Literal["light", "dark"] = "light"
    javascript: bool = True


@dataclass(slots=True)
class Visit:
    """What happened while a page was open."""

    console: list[str] = field(default_factory=list)
    """Console messages and uncaught errors."""
    requests: list[str] = field(default_factory=list)
    """URLs that were asked for, the page's own left out."""
    overflow_px: int = 0
    """By how much the page is wider than the window."""
    text: str = ""
    """What can be read on it."""
    tip: str = ""
    """What appears when the pointer is on the first figure."""
    charts: int = 0
    """Time series that can be zoomed."""


def visit(path: Path, *windows: Window) -> Iterator[Visit]:
    """Open a page in several windows. Skips the test where there is no Chromium or no Playwright."""
    with browser() as chromium:
        for window in windows:
            yield _look(chromium, path, window)


@contextmanager
def opened(path: Path, window: Window) -> Iterator[Any]:
    """Open a page to do something with it. Skips the test as ``visit`` does."""
    with browser() as chromium:
        page = chromium.new_context(**_how(window), bypass_csp=True).new_page()  # axe evaluates itself
        page.goto(path.as_uri())
        yield page


@contextmanager
def browser() -> Iterator[Any]:
    """Have a Chromium. Skips the test where there is none, or no Playwright."""
    executable = next(filter(None, map(shutil.which, _NAMES)), None)
    if executable is None:
        pytest.skip("no Chromium is installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable, args=_FLAGS, timeout=_START_MS)
        try:
            yield chromium
        finally:
            chromium.close()


def _how(window: Window) -> dict[str, Any]:
    size = {"width": window.width, "height": 900}
    return {"viewport": size, "color_scheme": window.scheme, "java_script_enabled": window.javascript}


def _look(chromium: Any, path: Path, window: Window) -> Visit:
    found = Visit()
    context = chromium.new_context(**_how(window))
    page = context.new_page()
    page.on("console", lambda message: found.console.append(message.text))
    page.on("pageerror", lambda error: found.console.append(str(error)))
    page.on("request", lambda request: found.requests.append(request.url))
    page.goto(path.as_uri())
    found.requests.remove(path.as_uri())
    found.text = page.inner_text("main")
    size = context.new_cdp_session(page).send("Page.getLayoutMetrics")["cssContentSize"]
    found.overflow_px = round(size["width"]) - window.width
    target = page.locator("svg .point-at >> visible=true")
    if window.javascript and target.count():
        target.first.hover(force=True)  # whatever lies above it says something, too
        found.tip = page.inner_text(".tip")
    found.charts = page.locator(".live canvas >> visible=true").count()
    context.close()
    return found
