"""``/docs`` in a browser: it works under its own policy, with nothing from elsewhere."""

import asyncio
from typing import Any

import pytest

from nodes.api.docs_page import _FILES
from tests.nodes.running import Client
from tests.sim.report.chromium import browser

OPERATION = "#operations-reservations-reserve"


def look(url: str) -> dict[str, Any]:
    """Open the page and one operation in it; return what was asked for, complained about, and read."""
    with browser() as chromium:
        page = chromium.new_context().new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{url}/docs", timeout=120_000)
        page.wait_for_selector(OPERATION, timeout=120_000)
        page.click(f"{OPERATION} button.opblock-summary-control")
        page.wait_for_selector(f"{OPERATION} .opblock-body", timeout=120_000)
        return {"asked": asked, "said": said, "text": page.inner_text("body")}


@pytest.mark.system
@pytest.mark.timeout(600)
async def test_a_browser_shows_it_and_asks_nobody_else(client: Client) -> None:
    """A node in a closed network has its documentation too, and no script but its own ever runs on its pages."""
    seen = await asyncio.to_thread(look, client.url)
    assert all(url.startswith((client.url, "data:")) for url in seen["asked"]), seen["asked"]
    assert seen["said"] == []
    assert "Reserve a point" in seen["text"]
    assert "Authorize" in seen["text"]


async def test_its_files_are_there_and_no_others(client: Client) -> None:
    """Under a policy that lets no script in from elsewhere, nor from within the page."""
    page = await client.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in page.body
    for name in (*_FILES, "start.js"):
        async with client.session.get(f"{client.url}/docs/{name}") as response:
            assert (response.status, len(await response.read()) > 100) == (200, True), name
    for name in ("redoc.standalone.js", "..%2fcore.py", "swagger-ui.css.map"):
        assert (await client.get(f"/docs/{name}")).status == 404, name
