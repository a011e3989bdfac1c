"""Servers that ask who is there: a token is exchanged for a cookie, and kept nowhere else."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.nodes.web.network import HOUR_MS, Process, ask, node
from tests.nodes.web.test_away import is_loss
from tests.nodes.web.test_driving import slot, to_tomorrow, wait_for_class
from tests.nodes.web.visitor import PATIENCE_MS, Visitor

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


@dataclass
class Guarded:
    """A node with keys, behind a web server."""

    keys: Path
    node: Process
    web: Process
    other_web: Process

    def token(self, sub: str, role: str = "driver") -> str:
        made = recarga("token", "--keys", str(self.keys), "--role", role, "--sub", sub)
        return made.strip()

    def held(self, sub: str) -> list[Any]:
        until_ms = int(time.time() * 1000) + 72 * HOUR_MS
        path = f"{self.node.url}/v1/points/server1.farol/calendar?until_ms={until_ms}"
        return list(ask(path, Authorization=f"Bearer {self.token(sub)}").json["busy"])


def recarga(*arguments: str) -> str:
    command = [sys.executable, "-m", "sim", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    keys = tmp_path / "keys.json"
    recarga("keys", "new", str(keys))
    server = node(tmp_path, "server1", {"farol": "Farol"}, "--auth-keys", str(keys))
    web, other = (Process("web", "--port", "0", "--node", server.url) for _ in range(2))
    try:
        yield Guarded(keys, server, web, other)
    finally:
        other.stop()
        web.stop()
        server.stop()


def is_question(text: str) -> bool:
    """What a browser writes to its console of an answer 401."""
    return "401 (Unauthorized)" in text


def sign_in(page: Any, token: str) -> None:
    page.locator("#token").fill(token)
    page.locator("dialog").get_by_role("button", name="Sign in").click()


def test_a_token_is_changed_for_a_cookie_and_kept_nowhere(guarded: Guarded, visitor: Visitor) -> None:
    """No script, no address and no storage holds it; a wrong one is said to be wrong; drivers see no operator's page."""
    page = visitor.open(guarded.web.url, waits_for="dialog[open]", expects=is_question)
    sign_in(page, "no.such.token")
    page.wait_for_selector("dialog .error >> text=This token is not taken")
    token = guarded.token("rita")
    sign_in(page, token)
    page.wait_for_selector(".light.live")
    page.wait_for_selector(".points >> text=Farol")
    assert page.locator("dialog").count() == 0
    assert "rita" in page.inner_text(".who")
    assert page.locator(".nav a:visible").count() == 3
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    assert token not in kept
    assert token.split(".")[2] not in kept
    page.reload()
    page.wait_for_selector(".light.live")
    page.locator(".who").click()
    page.wait_for_selector("dialog[open]")


def test_when_the_cookie_is_gone_the_form_comes_back_and_nothing_typed_is_lost(
    guarded: Guarded, visitor: Visitor
) -> None:
    """What was asked meanwhile is asked again, with its key, once somebody has signed in."""
    page = visitor.open(guarded.web.url, "/#/point/server1.farol", waits_for="dialog[open]", expects=is_question)
    sign_in(page, guarded.token("rita"))
    page.wait_for_selector(".slots")
    to_tomorrow(page)
    wait_for_class(page, "10:00", "free")
    slot(page, "10:00").click()
    page.context.clear_cookies()
    page.get_by_role("button", name="Reserve", exact=True).click()
    page.wait_for_selector("dialog[open]")
    assert guarded.held("rita") == []
    sign_in(page, guarded.token("rita"))
    page.wait_for_selector(".note.good")
    assert len(guarded.held("rita")) == 1


def test_an_operator_sees_the_operators_page(guarded: Guarded, visitor: Visitor) -> None:
    """Their token says so."""
    page = visitor.open(guarded.web.url, waits_for="dialog[open]", expects=is_question)
    sign_in(page, guarded.token("ops", "operator"))
    page.wait_for_selector(".light.live")
    page.get_by_role("link", name="Operator").click()
    page.get_by_role("switch", name="Farol in service").click()
    page.wait_for_selector("[role=switch][aria-checked=false]")


def who(page: Any) -> Any:
    """Who the server takes the page's requests for."""
    return page.evaluate("fetch('/v1/session').then((told) => told.json()).then(({ sub }) => sub ?? null)")


def second_page(page: Any, url: str) -> Any:
    """Another page of the same browser."""
    other = page.context.new_page()
    other.set_default_timeout(PATIENCE_MS)
    other.goto(f"{url}/#/")
    return other


def test_two_clients_in_one_browser_are_two_sessions(guarded: Guarded, visitor: Visitor) -> None:
    """They differ in their port only, which cookies do not know: who signed in at the second was signed in at the first."""
    first = visitor.open(guarded.web.url, waits_for="dialog[open]", expects=is_question)
    sign_in(first, guarded.token("ana"))
    first.wait_for_selector(".who >> text=ana")
    second = second_page(first, guarded.other_web.url)
    second.wait_for_selector("dialog[open]")
    sign_in(second, guarded.token("bia"))
    second.wait_for_selector(".who >> text=bia")
    assert (who(first), who(second)) == ("ana", "bia")
    second.locator(".who").click()
    second.wait_for_selector("dialog[open]")
    assert (who(first), who(second)) == ("ana", None)
    first.reload()
    first.wait_for_selector(".who >> text=ana")
    assert {cookie["name"] for cookie in first.context.cookies()} == {
        f"recarga_session_{guarded.web.url.rpartition(':')[2]}"
    }


def test_a_page_shows_who_its_session_is(guarded: Guarded, visitor: Visitor) -> None:
    """Another page of the same client signs in anew: the first one notices when it is looked at, or is told that it may not."""
    first = visitor.open(
        guarded.web.url, waits_for="dialog[open]", expects=lambda text: is_question(text) or "403 (Forbidden)" in text
    )
    sign_in(first, guarded.token("ops", "operator"))
    first.wait_for_selector(".who >> text=ops")
    first.get_by_role("link", name="Operator").click()
    first.wait_for_selector("tbody tr")
    second = second_page(first, guarded.web.url)
    second.wait_for_selector(".who >> text=ops")
    second.locator(".who").click()
    sign_in(second, guarded.token("rita"))
    second.wait_for_selector(".who >> text=rita")
    first.get_by_role("switch", name="Farol in service").click()
    first.wait_for_selector(".who >> text=rita")
    second.locator(".who").click()
    sign_in(second, guarded.token("sara"))
    second.wait_for_selector(".who >> text=sara")
    first.evaluate("dispatchEvent(new Event('focus'))")  # headless pages are never looked away from
    first.wait_for_selector(".who >> text=sara")


def test_escape_leaves_no_page_that_is_dead(guarded: Guarded, visitor: Visitor) -> None:
    """Browsers let a dialog be held open against Escape once, and behind this one there is nothing."""
    page = visitor.open(guarded.web.url, waits_for="dialog[open]", expects=is_question)
    for _ in range(4):
        page.keyboard.press("Escape")
        page.wait_for_timeout(0)  # the browser's own steps come to an end
        page.wait_for_selector("dialog[open]")
    assert page.evaluate("document.activeElement.id") == "token"
    sign_in(page, guarded.token("rita"))
    page.wait_for_selector(".points >> text=Farol")
    page.wait_for_selector(".light.live")
    assert page.locator("dialog").count() == 0


def test_who_cannot_be_signed_out_is_told_so(guarded: Guarded, visitor: Visitor) -> None:
    """Only a server takes the cookie back. Whoever walks away from a page that says nothing leaves it to the next."""

    def expects(text: str) -> bool:
        return is_question(text) or is_loss(text)

    page = visitor.open(guarded.web.url, waits_for="dialog[open]", expects=expects)
    sign_in(page, guarded.token("rita"))
    page.wait_for_selector(".light.live")
    page.route("**/v1/session", lambda each: each.abort())
    page.locator(".who").click()
    page.wait_for_selector(".toast.bad >> text=You are still signed in")
    assert "rita" in page.inner_text(".who")
    page.unroute("**/v1/session")
    page.locator(".who").click()
    page.wait_for_selector("dialog[open]")
