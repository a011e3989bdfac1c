"""Both web clients of the duo in a real browser, as drivers use them: signed in, each at their own client."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.deploy.engine import Project, run
from tests.nodes.web.network import HOUR_MS, ask, point
from tests.nodes.web.test_away import is_loss
from tests.nodes.web.test_driving import is_refusal, plan, slot, to_tomorrow, wait_for_class
from tests.nodes.web.test_signing_in import is_question, sign_in
from tests.nodes.web.visitor import Visitor, visiting
from tests.sim.report.chromium import browser

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

SERVERS = {"server-1": "http://localhost:8000", "server-2": "http://localhost:8003"}
CLIENT_1, CLIENT_2 = "http://localhost:8001", "http://localhost:8002"
SLUGS = ("farol", "porto", "largo", "praca", "arena")

Enter = Callable[..., Any]
Book = Callable[[str, int, int], None]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture
def visitor(chromium: Any) -> Iterator[Visitor]:
    with visiting(chromium) as somebody:
        yield somebody


@pytest.fixture(scope="module")
def operator(duo: Project) -> dict[str, str]:
    """What an operator's requests say; both servers have points, and know each other's."""
    says = {"Authorization": f"Bearer {duo.token('operator', 'ops')}"}
    for node, url in SERVERS.items():
        for slug in SLUGS:
            made = ask(f"{url}/v1/points", "POST", point(slug, f"{slug} {node}"), Idempotency_Key=slug, **says)
            assert made.status == 201, made.body
    until_s = time.monotonic() + 120
    wanted = {f"{node}.{slug}" for node in SERVERS for slug in SLUGS}
    for url in SERVERS.values():
        while not wanted <= {each["id"] for each in ask(f"{url}/v1/points?limit=1000", **says).json["items"]}:
            assert time.monotonic() < until_s, f"{url} does not know all points"
            time.sleep(0.2)
    return says


@pytest.fixture
def enter(duo: Project, operator: dict[str, str], visitor: Visitor) -> Enter:
    """Open a client and sign in as somebody."""

    def signed_in(url: str, path: str, driver: str, expects: Callable[[str], bool] = lambda _: False) -> Any:
        page = visitor.open(
            url, path, waits_for="dialog[open]", expects=lambda text: is_question(text) or expects(text)
        )
        sign_in(page, duo.token("driver", driver))
        page.wait_for_selector(".light.live")
        return page

    return signed_in


@pytest.fixture
def book(operator: dict[str, str]) -> Book:
    """Reserve as somebody else, past any page."""

    def reserved(point_id: str, start_ms: int, end_ms: int) -> None:
        body = {"point_id": point_id, "driver_id": "bia", "start_ms": start_ms, "end_ms": end_ms}
        url = SERVERS[point_id.partition(".")[0]]
        assert ask(f"{url}/v1/reservations", "POST", body, Idempotency_Key=point_id, **operator).status == 201

    return reserved


@pytest.fixture
def held(operator: dict[str, str]) -> Callable[[str], list[list[int]]]:
    """Tell which windows of a point are taken, by its owner's word."""

    def busy(point_id: str) -> list[list[int]]:
        until_ms = time.time_ns() // 1_000_000 + 72 * HOUR_MS
        url = SERVERS[point_id.partition(".")[0]]
        return list(ask(f"{url}/v1/points/{point_id}/calendar?until_ms={until_ms}", **operator).json["busy"])

    return busy


def test_a_reservation_on_client_1_is_seen_live_on_client_2(enter: Enter) -> None:
    """Two people, two clients, two servers; nobody presses reload."""
    one = enter(CLIENT_1, "/#/point/server-1.farol", "ana")
    other = enter(CLIENT_2, "/#/point/server-1.farol", "bia")
    for page in (one, other):
        to_tomorrow(page)
        wait_for_class(page, "10:00", "free")
    other.evaluate("window.isStillTheSame = true")
    slot(one, "10:00").click()
    one.get_by_role("button", name="Reserve", exact=True).click()
    one.wait_for_selector(".note.good")
    wait_for_class(other, "10:00", "busy")
    wait_for_class(one, "10:00", "own")
    one.get_by_role("link", name="See my charging").click()
    one.wait_for_selector(".booking >> text=farol server-1")
    one.get_by_role("button", name="Cancel").click()
    wait_for_class(other, "10:00", "free")
    assert other.evaluate("window.isStillTheSame")


def test_a_trip_over_both_servers_is_planned_and_confirmed(enter: Enter, held: Callable[[str], Any]) -> None:
    """All or nothing, by clicks only."""
    page = enter(CLIENT_1, "/#/trip", "davi")
    plan(page, "largo server-1", "largo server-2")
    page.get_by_role("button", name="Reserve all stops").click()
    page.wait_for_selector(".note.good")
    assert [len(held(f"{node}.largo")) for node in SERVERS] == [1, 1]
    page.get_by_role("link", name="See my charging").click()
    page.wait_for_selector(".card.trip >> text=largo server-2")


def test_a_refusal_is_shown_with_what_can_be_had_instead(enter: Enter, book: Book, held: Callable[[str], Any]) -> None:
    """The next free window is taken with one click."""
    page = enter(CLIENT_2, "/#/point/server-1.porto", "caio", is_refusal)
    to_tomorrow(page)
    wait_for_class(page, "14:00", "free")
    slot(page, "14:00").click()
    start_ms = page.evaluate("new Date(new Date().setHours(38, 0, 0, 0)).getTime()")
    book("server-1.porto", start_ms, start_ms + HOUR_MS)
    page.get_by_role("button", name="Reserve", exact=True).click()
    page.wait_for_selector(".note.bad >> text=Somebody else has it")
    page.get_by_role("button", name="Take Tomorrow 15:00").click()
    page.wait_for_selector(".note.good >> text=Tomorrow 15:00")
    assert [each[0] for each in held("server-1.porto")] == [start_ms, start_ms + HOUR_MS]


def test_a_refused_trip_says_which_stop_and_reserves_none(enter: Enter, book: Book, held: Callable[[str], Any]) -> None:
    """One click moves the stop to where there is room."""
    now_ms = time.time_ns() // 1_000_000
    book("server-2.praca", now_ms + HOUR_MS, now_ms + 6 * HOUR_MS)
    page = enter(CLIENT_1, "/#/trip", "elis", is_refusal)
    plan(page, "praca server-1", "praca server-2")
    page.get_by_role("button", name="Reserve all stops").click()
    page.wait_for_selector(".stop.refused")
    assert "Stop 2 (praca server-2)" in page.inner_text(".outcome")
    assert held("server-1.praca") == []
    page.locator(".stop.refused").get_by_role("button", name="Move it to").click()
    page.get_by_role("button", name="Reserve all stops").click()
    page.wait_for_selector(".note.good")
    assert [each[0] for each in held("server-2.praca")] == [now_ms + HOUR_MS, now_ms + 6 * HOUR_MS]


def test_a_reservation_asked_of_a_killed_server_is_made_once_when_it_is_back(
    duo: Project, enter: Enter, held: Callable[[str], Any]
) -> None:
    """First its owner alone is away, and the client goes on with the other server; then both are, and the page says so."""
    page = enter(CLIENT_1, "/#/point/server-1.arena", "gil", is_loss)
    to_tomorrow(page)
    wait_for_class(page, "10:00", "free")
    slot(page, "10:00").click()
    killed = [duo.container(service) for service in ("server_1", "server_2")]
    try:
        run("docker", "kill", killed[0])
        page.get_by_role("button", name="Reserve", exact=True).click()
        page.wait_for_selector(".progress >> text=Asking again")
        run("docker", "kill", killed[1])
        page.wait_for_selector(".lost >> text=No server has answered since")
        assert page.evaluate("document.documentElement.className").split() == ["is-away"]
    finally:
        run("docker", "start", *killed)
    page.wait_for_selector(".lost", state="hidden")
    page.wait_for_selector(".note.good")
    wait_for_class(page, "10:00", "own")
    assert len(held("server-1.arena")) == 1
    duo.wait_until_healthy()


@pytest.mark.parametrize("path", ["#/", "#/trip"])
def test_axe_finds_nothing_on_the_page_of_somebody_signed_in(enter: Enter, path: str) -> None:
    """The other views are looked at in tests/nodes/web."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = enter(CLIENT_2, f"/{path}", "hugo")
    page.wait_for_selector("h1, .points .row")
    found = axe.Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
