"""Somebody in front of a browser: opens the client, and remembers whatever the page did wrong."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

STILL_S = 0.5
"""Longer than any motion of the page."""
PATIENCE_MS = 120_000
"""On a machine that is busy; what is there sooner is waited for no longer."""
_ASKS_WHO = "/v1/session"
"""It answers 401 or 404 where nobody is signed in or nobody is asked to; browsers write that to the console."""


@dataclass
class Visitor:
    """One browser profile."""

    chromium: Any
    wrong: list[str] = field(default_factory=list)
    """Console errors, uncaught errors, dialogs, and requests to anywhere else."""
    contexts: list[Any] = field(default_factory=list)

    def open(
        self,
        url: str,
        path: str = "#/",
        *,
        width: int = 1280,
        scheme: str = "light",
        language: str = "en-US",
        driver: str = "Ana",
        waits_for: str = ".light.live",
        expects: Callable[[str], bool] = lambda _: False,
    ) -> Any:
        """Open the client and wait until it is live (or for another selector). ``expects``: console messages that belong to the test."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, locale=language, reduced_motion="reduce"
        )
        self.contexts.append(context)
        context.add_init_script(
            "localStorage['recarga.settings'] ??="
            f' JSON.stringify({{theme: null, language: null, driver: "{driver}"}});'
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        here = urlsplit(url).netloc

        def on_console(message: Any) -> None:
            asks_who = message.location.get("url", "").endswith(_ASKS_WHO)
            if message.type in ("error", "warning") and not asks_who and not expects(message.text):
                self.wrong.append(f"{message.type}: {message.text}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: self.wrong.append(f"uncaught: {error}"))
        page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self._look(request.url, here))
        page.goto(url + path)
        page.wait_for_selector(waits_for)
        return page

    def close(self) -> None:
        """Close what was opened."""
        for context in self.contexts:
            context.close()

    def _look(self, url: str, here: str) -> None:
        if urlsplit(url).netloc != here:
            self.wrong.append(f"asked elsewhere: {url}")


@contextmanager
def visiting(chromium: Any) -> Iterator[Visitor]:
    """Have somebody whose browser must have nothing to object to in the end."""
    somebody = Visitor(chromium)
    try:
        yield somebody
        assert not somebody.wrong, somebody.wrong
    finally:
        somebody.close()


def until(page: Any, expression: str) -> None:
    """Wait until a page says so. (Playwright's own way evaluates text in the page, which its policy forbids.)"""
    end_s = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < end_s, f"never came true: {expression}"
        page.wait_for_timeout(20)


def settled(page: Any, expression: str) -> Any:
    """Return what a page says once it has said the same for a while: it may be in motion."""
    end_s, told, since_s = time.monotonic() + PATIENCE_MS / 1000, None, 0.0
    while told is None or time.monotonic() < since_s + STILL_S:
        assert time.monotonic() < end_s, f"never the same for long: {expression}"
        if (now := page.evaluate(expression)) != told:
            told, since_s = now, time.monotonic()
        page.wait_for_timeout(20)
    return told
