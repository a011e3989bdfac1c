"""What drivers do in the web client, in a real browser on real servers."""

import time
from typing import Any

import pytest

from tests.nodes.web.network import HOUR_MS, Network, ask
from tests.nodes.web.visitor import Visitor, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


SAID = """async () => {
    const script = document.querySelector("script[type=module]").src;
    const [{ explain }, { Problem }] = await Promise.all(["problems.js", "api.js"].map((name) => import(new URL(name, script))));
    const said = (slug, members) => explain(new Problem(422, { type: `urn:recarga:problem:${slug}`, detail: "theirs", ...members }, null));
    return [said("point-invalid"), said("invalid-request", { errors: [{ field: "max_power_w", message: "theirs" }] }), said("of-tomorrow")];
}"""
"""What the page says of three problems: two of kinds that it knows, one of a kind that it does not."""


def is_refusal(text: str) -> bool:
    """What a browser writes to its console of an answer 409."""
    return "409 (Conflict)" in text


def slot(page: Any, hour: str) -> Any:
    """The half hour that begins then, on the day that is shown."""
    return page.locator(f".slots button[aria-label^='{hour} ']")


def to_tomorrow(page: Any) -> None:
    page.locator(".days button").nth(1).click()


def wait_for_class(page: Any, hour: str, name: str) -> None:
    page.wait_for_selector(f".slots button.{name}[aria-label^='{hour} ']")


def held(url: str, point_id: str) -> list[list[int]]:
    until_ms = int(time.time() * 1000) + 72 * HOUR_MS
    return list(ask(f"{url}/v1/points/{point_id}/calendar?until_ms={until_ms}&fresh=true").json["busy"])


def test_a_reservation_on_one_client_is_seen_live_on_the_other(network: Network, visitor: Visitor) -> None:
    """Two clients, two servers, one point: nobody presses reload."""
    one = visitor.open(network.client_1.url, "/#/point/server1.farol")
    other = visitor.open(network.client_2.url, "/#/point/server1.farol", driver="Bia")
    for page in (one, other):
        to_tomorrow(page)
        wait_for_class(page, "10:00", "free")
    slot(one, "10:00").click()
    one.get_by_role("button", name="Reserve", exact=True).click()
    one.wait_for_selector(".note.good")
    wait_for_class(other, "10:00", "busy")
    wait_for_class(one, "10:00", "own")
    one.get_by_role("link", name="See my charging").click()
    one.wait_for_selector(".booking >> text=Farol um")
    one.get_by_role("button", name="Cancel").click()
    one.wait_for_selector(".past-list >> text=Cancelled")
    wait_for_class(other, "10:00", "free")


def test_what_is_reserved_on_one_device_is_there_on_another(network: Network, visitor: Visitor) -> None:
    """The servers list it: a phone's booking on a desk, without a code to type, and nothing of it is kept in a browser."""
    desk = visitor.open(network.client_2.url, "/#/mine", driver="Olga")
    desk.wait_for_selector("text=Nothing reserved yet")
    phone = visitor.open(network.client_1.url, "/#/point/server1.lagoa", driver="Olga", width=390)
    to_tomorrow(phone)
    wait_for_class(phone, "10:00", "free")
    slot(phone, "10:00").click()
    phone.get_by_role("button", name="Reserve", exact=True).click()
    phone.wait_for_selector(".note.good")
    desk.wait_for_selector(".booking >> text=Lagoa um")
    desk.reload()
    desk.wait_for_selector(".booking >> text=Lagoa um")
    assert phone.evaluate("Object.keys(localStorage).filter((name) => name.includes('mine'))") == []
    desk.goto(f"{network.client_2.url}/#/point/server1.lagoa")
    to_tomorrow(desk)
    wait_for_class(desk, "10:00", "own")
    desk.goto(f"{network.client_2.url}/#/mine")
    desk.get_by_role("button", name="Cancel").click()
    desk.wait_for_selector(".past-list >> text=Cancelled")
    phone.goto(f"{network.client_1.url}/#/mine")
    phone.wait_for_selector(".past-list >> text=Cancelled")


def test_a_refusal_offers_the_next_free_window_and_it_is_taken_with_one_click(
    network: Network, visitor: Visitor
) -> None:
    """Whoever comes second is told what can be had instead."""
    page = visitor.open(network.client_2.url, "/#/point/server1.porto", driver="Caio", expects=is_refusal)
    to_tomorrow(page)
    wait_for_class(page, "14:00", "free")
    slot(page, "14:00").click()
    start_ms = page.evaluate("new Date(new Date().setHours(38, 0, 0, 0)).getTime()")
    body = {"point_id": "server1.porto", "driver_id": "bia", "start_ms": start_ms, "end_ms": start_ms + HOUR_MS}
    assert ask(f"{network.client_1.url}/v1/reservations", "POST", body, Idempotency_Key="before-caio").status == 201
    page.get_by_role("button", name="Reserve", exact=True).click()
    page.wait_for_selector(".note.bad")
    assert "Somebody else has it" in page.inner_text(".note.bad")
    page.get_by_role("button", name="Take Tomorrow 15:00").click()
    page.wait_for_selector(".note.good >> text=Tomorrow 15:00")
    assert held(network.server1.url, "server1.porto") == [
        [start_ms, start_ms + HOUR_MS],
        [start_ms + HOUR_MS, start_ms + HOUR_MS * 3 // 2],
    ]


def test_a_refusal_is_told_in_portuguese_and_so_is_what_can_be_had_instead(network: Network, visitor: Visitor) -> None:
    """Nodes give their reasons in English; the page knows the kinds and has its own words for them."""
    page = visitor.open(
        network.client_2.url, "/#/point/server1.farol", driver="Iara", language="pt-BR", expects=is_refusal
    )
    to_tomorrow(page)
    wait_for_class(page, "18:00", "free")
    slot(page, "18:00").click()
    start_ms = page.evaluate("new Date(new Date().setHours(42, 0, 0, 0)).getTime()")
    body = {"point_id": "server1.farol", "driver_id": "bia", "start_ms": start_ms, "end_ms": start_ms + HOUR_MS}
    assert ask(f"{network.client_1.url}/v1/reservations", "POST", body, Idempotency_Key="before-iara").status == 201
    page.get_by_role("button", name="Reservar", exact=True).click()
    page.wait_for_selector(".note.bad")
    told = page.inner_text(".note.bad")
    assert "Outra pessoa já tem" in told
    assert "reserved" not in told
    page.locator(".note.bad").get_by_role("button", name="19:00").wait_for()


@pytest.mark.parametrize(
    ("language", "told"), [("pt-BR", "O ponto não pode ser descrito assim"), ("en-US", "The point cannot be described")]
)
def test_kinds_that_seldom_come_have_words_and_those_that_are_news_the_servers(
    network: Network, visitor: Visitor, language: str, told: str
) -> None:
    """What the page cannot know it passes on rather than say nothing."""
    page = visitor.open(network.client_1.url, language=language)
    known, named, unknown = page.evaluate(SAID)
    assert told in known
    assert "max_power_w" in named
    assert "theirs" not in known + named
    assert unknown == "theirs"


def plan(page: Any, *names: str) -> None:
    """Add stops by name."""
    for name in names:
        page.get_by_role("button", name="Add a stop").click()
        page.locator(".picker input").fill(name)
        page.locator(".picker .row", has_text=name).click()
    until(page, f"document.querySelectorAll('.stop').length === {len(names)}")


def test_a_trip_over_two_servers_is_reserved_as_a_whole(network: Network, visitor: Visitor) -> None:
    """All or nothing, and then it is among the driver's own."""
    page = visitor.open(network.client_1.url, "/#/trip", driver="Davi")
    plan(page, "Largo um", "Largo dois")
    page.get_by_role("button", name="Reserve all stops").click()
    page.wait_for_selector(".note.good")
    assert len(held(network.server1.url, "server1.largo")) == 1
    assert len(held(network.server2.url, "server2.largo")) == 1
    page.get_by_role("link", name="See my charging").click()
    page.wait_for_selector(".card.trip >> text=Largo dois")
    page.get_by_role("button", name="Cancel trip").click()
    page.wait_for_selector(".past-list >> text=Largo um")
    assert held(network.server1.url, "server1.largo") == held(network.server2.url, "server2.largo") == []


def test_a_refused_trip_says_which_stop_and_what_can_be_had_instead(network: Network, visitor: Visitor) -> None:
    """Nothing is reserved; one click moves the stop, and what is behind it, to where there is room."""
    now_ms = int(time.time() * 1000)
    body = {
        "point_id": "server2.praca",
        "driver_id": "bia",
        "start_ms": now_ms + HOUR_MS,
        "end_ms": now_ms + 6 * HOUR_MS,
    }
    assert ask(f"{network.server2.url}/v1/reservations", "POST", body, Idempotency_Key="before-elis").status == 201
    page = visitor.open(network.client_1.url, "/#/trip", driver="Elis", expects=is_refusal)
    plan(page, "Praca um", "Praca dois")
    page.get_by_role("button", name="Reserve all stops").click()
    page.wait_for_selector(".stop.refused")
    assert "Stop 2 (Praca dois)" in page.inner_text(".outcome")
    assert held(network.server1.url, "server1.praca") == []
    page.locator(".stop.refused").get_by_role("button", name="Move it to").click()
    page.get_by_role("button", name="Reserve all stops").click()
    page.wait_for_selector(".note.good")
    assert len(held(network.server1.url, "server1.praca")) == 1
    assert [start_ms for start_ms, _ in held(network.server2.url, "server2.praca")] == [
        now_ms + HOUR_MS,
        now_ms + 6 * HOUR_MS,
    ]


def test_a_charge_is_watched_while_it_lasts(network: Network, visitor: Visitor) -> None:
    """Energy and cost come from the meter, through the other server, as it reports."""
    page = visitor.open(network.client_2.url, "/#/point/server1.arena", driver="Gil")
    page.get_by_role("button", name="Plug in now, without a reservation").click()
    page.wait_for_selector(".card.charge")
    session_id = ask(f"{network.server1.url}/v1/points/server1.arena").json["session_id"]
    while ask(f"{network.server1.url}/v1/sessions/{session_id}/meter", "POST", {"energy_wh": 10}).status == 422:
        pass  # so much cannot have flowed yet
    page.wait_for_selector(".dial .big >> text=0.01")
    assert "R$0.02" in page.inner_text(".charge .figures")
    page.get_by_role("button", name="Stop charging").click()
    page.wait_for_selector(".past-list >> text=0.01 kWh")
    assert ask(f"{network.server1.url}/v1/sessions/{session_id}").json["status"] == "COMPLETED"


def test_a_reservation_is_made_with_the_keyboard_alone(network: Network, visitor: Visitor) -> None:
    """From the search field to the answer; where the focus is can always be seen."""
    page = visitor.open(network.client_1.url, driver="Hugo")

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({selector!r})"):
                shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert shown != "none"
                return
        raise AssertionError(f"Tab does not lead to {selector}")

    tab_to("#search")
    page.keyboard.type("campus um")
    until(page, "document.querySelectorAll('.points .row').length === 1")
    tab_to(".points a.row")
    page.keyboard.press("Enter")
    page.wait_for_selector(".slots")
    tab_to(".days button:nth-child(2)")
    page.keyboard.press("Enter")
    wait_for_class(page, "00:00", "free")
    tab_to(".slots button")
    for key in ("Home", "ArrowRight", "ArrowDown", "Enter", "Shift+ArrowRight"):
        page.keyboard.press(key)
    until(page, "document.querySelectorAll('.slot.picked[aria-pressed=true]').length === 2")
    tab_to("button.primary[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".note.good")
    ((start_ms, end_ms),) = held(network.server1.url, "server1.campus")
    assert end_ms - start_ms == HOUR_MS


def test_what_a_name_holds_is_text_and_never_html(network: Network, visitor: Visitor) -> None:
    """A company may call its point what it likes; in no place does it become a part of the page."""
    name = "<img src=x onerror=alert(1)><b id=evil>Ponto</b>"
    body = {
        "id": "evil",
        "name": name,
        "max_power_w": 7_000,
        "price_per_kwh_minor": 1,
        "location": {"lat": -12.9, "lon": -38.5, "address": "1 <script>alert(2)</script>, <b id=evil>Aqui</b>"},
    }
    assert ask(f"{network.server1.url}/v1/points", "POST", body, Idempotency_Key="evil").status == 201
    page = visitor.open(network.client_1.url, driver="<i id=evil>Ivo</i>")
    page.locator("#search").fill("onerror")
    page.locator(".points .row").click()
    page.wait_for_selector(".slots")
    assert page.inner_text("h1:visible") == name
    to_tomorrow(page)
    slot(page, "10:00").click()
    page.get_by_role("button", name="Reserve", exact=True).click()
    page.wait_for_selector(".note.good")
    for view in ("mine", "trip", "operator", ""):
        page.goto(f"{network.client_1.url}/#/{view}")
        page.wait_for_selector("h1")
        assert page.locator("#evil, img, main script").count() == 0


def test_the_policy_lets_nothing_be_made_of_text(network: Network, visitor: Visitor) -> None:
    """Should we ever forget ourselves, the browser refuses: no inline script or style, no text taken for HTML."""
    page = visitor.open(
        network.server1.url, "/ui/", expects=lambda text: "Security Policy" in text or "TrustedHTML" in text
    )
    refused = """
      (() => {
        const inline = document.createElement("style");
        inline.append("body { color: rgb(1, 2, 3) }");
        document.head.append(inline);
        const isStyled = getComputedStyle(document.body).color === "rgb(1, 2, 3)";
        try { document.body.innerHTML = "<b>x</b>"; } catch (error) { return [error.name, isStyled]; }
        return ["nothing", isStyled];
      })()
    """
    assert page.evaluate(refused) == ["TypeError", False]
