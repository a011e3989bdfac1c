"""Prices, powers, places and meter readings as people type them: read exactly or refused, in words, and never guessed."""

from typing import Any

import pytest

from tests.nodes.web.network import Network, ask
from tests.nodes.web.visitor import Visitor, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

READ = """async ([kind, texts, currency]) => {
    const script = document.querySelector("script[type=module]").src;
    const amounts = await import(new URL("amounts.js", script));
    return texts.map((text) => amounts[kind](text, currency)).map(({ value, flaw }) => flaw === undefined ? value : "no");
}"""


def is_early(text: str) -> bool:
    """What a browser writes to its console of an answer 422: a watt-hour may not have flowed yet."""
    return "422 (Unprocessable" in text


def price_of(network: Network, point_id: str) -> int:
    url = network.server1.url if point_id.startswith("server1") else network.server2.url
    return int(ask(f"{url}/v1/points/{point_id}").json["price_per_kwh_minor"])


def type_into(field: Any, text: str) -> None:
    """As fingers do: what was there is marked, and the field is left."""
    field.click()
    field.press("Control+a")
    field.press("Delete")
    field.press_sequentially(text)
    field.press("Tab")


def test_what_is_typed_is_read_exactly_or_not_at_all(network: Network, visitor: Visitor) -> None:
    """A wrong guess at a mark stores a thousandfold."""
    page = visitor.open(network.client_1.url)
    good, bad = (
        ["1.89", " 1,89 ", "0", "2", "1000000,00"],
        ["", " ", "-", "-1", "1.234,5", "1.500", "1e3", "R$ 1", "1000000.01"],
    )
    assert page.evaluate(READ, ["readPrice", [*good, *bad], "BRL"]) == [189, 189, 0, 200, 10**8, *["no"] * len(bad)]
    assert page.evaluate(READ, ["readPrice", ["250", "250,0", "1.250"], "JPY"]) == [250, "no", "no"]
    assert page.evaluate(READ, ["readPrice", ["250", "1,250", "0.0005"], "IQD"]) == [250_000, 1_250, "no"]
    powers = ["22", "7,4", "0.01", "5000", "0", "1.000", "5000.01", ""]
    assert page.evaluate(READ, ["readPower", powers, None]) == [22_000, 7_400, 10, 5_000_000, *["no"] * 4]
    assert page.evaluate(READ, ["readEnergy", ["7,204", "0", "7.2041", "x"], None]) == [7204, 0, "no", "no"]
    places = ["-12,9733", "\u221290", "", "90.1", "12 S", "1,2,3"]
    assert page.evaluate(READ, ["readDegrees", places, 90]) == [-12.9733, -90, None, "no", "no", "no"]


def test_what_is_no_price_leaves_the_old_one_and_is_said(network: Network, visitor: Visitor) -> None:
    """An emptied field gave a charge away, and a stray key made it free of charge."""
    page = visitor.open(network.client_1.url, "/#/operator")
    field = page.get_by_label("Price per kWh of Arena um")
    before = price_of(network, "server1.arena")
    for typed in ("", "-", "1.234,50", "abc"):
        type_into(field, typed)
        told = page.locator(f"[id='{field.get_attribute('aria-describedby')}'] [role=alert]")
        told.filter(has_text=f"“{typed}”" if typed else "Nothing was typed").wait_for()
        assert "It stays R$1.89." in told.inner_text()
        assert field.get_attribute("aria-invalid") == "true"
        assert field.input_value() == "1.89"
    type_into(page.get_by_label("Price per kWh of Campus um"), "1.91")
    page.wait_for_selector(".toast >> text=Campus um is changed")  # whatever was asked before that, is answered
    assert price_of(network, "server1.arena") == before


@pytest.mark.parametrize(("language", "typed", "shown"), [("pt-BR", "1,95", "1,95"), ("en-US", "1,96", "1.96")])
def test_a_comma_is_a_decimal_mark(network: Network, visitor: Visitor, language: str, typed: str, shown: str) -> None:
    """On a Portuguese page it is the usual one; 1,95 was stored as 195.00."""
    page = visitor.open(network.client_2.url, "/#/operator", language=language)
    field = page.locator("tr", has_text="server1.largo").locator("input")
    type_into(field, typed)
    page.wait_for_selector(".toast.good")
    assert price_of(network, "server1.largo") == int(typed.replace(",", ""))
    assert field.input_value() == shown


def test_a_price_far_from_the_old_one_is_asked_about_once_more(network: Network, visitor: Visitor) -> None:
    """A mark that was left out makes a price a hundredfold; what is asked is what will be stored."""
    page = visitor.open(network.client_1.url, "/#/operator")
    field = page.get_by_label("Price per kWh of Porto um")
    type_into(field, "189")
    page.wait_for_selector("dialog >> text=R$189.00 per kWh is far from R$1.89")
    assert page.evaluate("document.activeElement.innerText") == "Keep R$1.89"
    page.keyboard.press("Escape")
    until(page, "document.querySelector('dialog') === null")
    assert field.input_value() == "1.89"
    type_into(field, "0")
    page.get_by_role("button", name="Set R$0.00").click()
    page.wait_for_selector(".toast >> text=Porto um is changed")
    assert price_of(network, "server1.porto") == 0
    type_into(field, "1.89")  # nothing is far from nothing
    until(page, "document.querySelectorAll('.toast').length === 2")
    assert price_of(network, "server1.porto") == 189


def test_a_new_point_is_described_right_or_not_at_all(network: Network, visitor: Visitor) -> None:
    """All that is wrong is said at once, where it is, in the language of the page, and nothing is asked for meanwhile."""
    page = visitor.open(network.client_1.url, "/#/operator", language="pt-BR")
    page.wait_for_selector("#new-node option >> nth=1", state="attached")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    wrong = {"id": "Á", "lat": "1.234,5", "lon": "181", "kw": "1.000", "price": "1.500", "currency": "R$"}
    for name, text in wrong.items():
        page.locator(f"#new-{name}").fill(text)
    page.get_by_role("button", name="Criar ponto").click()
    assert page.evaluate("document.activeElement.id") == "new-name"
    said = {name: page.inner_text(f"#new-{name}-flaw") for name in ("name", *wrong)}
    assert "" not in said.values(), said
    assert "1.000" in said["kw"]
    page.locator("#new-name").fill("Iaque")
    page.locator("#new-node").select_option("server1")
    right = {"id": "iaque", "lat": "-12,9", "lon": "", "kw": "7,4", "price": "1,250", "currency": "iqd"}
    for name, text in right.items():
        page.locator(f"#new-{name}").fill(text)
    page.get_by_role("button", name="Criar ponto").click()
    page.wait_for_selector("#new-lon-flaw >> text=vêm juntas")
    assert "POST" not in asked
    page.locator("#new-lon").fill("-38,5")
    page.get_by_role("button", name="Criar ponto").click()
    page.wait_for_selector(".toast >> text=Iaque foi criado")
    made = ask(f"{network.server1.url}/v1/points/server1.iaque").json
    assert (made["max_power_w"], made["price_per_kwh_minor"], made["currency"]) == (7_400, 1_250, "IQD")
    assert (made["location"]["lat"], made["location"]["lon"]) == (-12.9, -38.5)
    assert page.locator("#new-price").input_value() == "1,89"
    page.goto(f"{network.client_1.url}/#/")
    page.wait_for_selector(".row:has-text('Iaque') >> text=1,250")


def test_a_meter_reading_that_cannot_be_read_is_not_reported(network: Network, visitor: Visitor) -> None:
    """A charge is billed by it; nor is a charge ended without one that was typed."""
    page = visitor.open(network.client_1.url, "/#/point/server2.arena", driver="Nina", expects=is_early)
    page.get_by_role("button", name="Plug in now").click()
    page.wait_for_selector(".card.charge")
    page.locator("summary").click()
    reading = page.get_by_label("Meter reading in kWh")
    reading.fill("abc")
    page.get_by_role("button", name="Report reading").click()
    page.wait_for_selector(".charge [role=alert] >> text=“abc” cannot be read")
    page.get_by_role("button", name="Stop charging").click()
    until(page, "document.querySelectorAll('.charge [role=alert]').length === 2")
    reading.fill("0,001")
    with page.expect_request("**/meter") as asked:
        page.get_by_role("button", name="Report reading").click()
    assert asked.value.post_data_json["energy_wh"] == 1
    reading.fill("")
    page.get_by_role("button", name="Stop charging").click()
    until(page, "document.querySelector('.card.charge') === null")


MONEY = """async (currencies) => {
    const script = document.querySelector("script[type=module]").src;
    const { money } = await import(new URL("format.js", script));
    return currencies.map((currency) => money(189, currency));
}"""


def test_a_currency_that_is_none_ends_no_list(network: Network, visitor: Visitor) -> None:
    """Browsers throw at what is none: one company's mistake emptied everybody's page."""

    def spoil(route: Any) -> None:
        reply = route.fetch()
        told = reply.json()
        told["items"][0]["currency"] = ""
        told["items"][1]["currency"] = "<b>"
        route.fulfill(response=reply, json=told)

    page = visitor.open(network.client_1.url, "/#/mine")
    page.route("**/v1/points?*", spoil)
    page.goto(f"{network.client_1.url}/#/")
    page.reload()
    page.wait_for_selector(".points .row >> nth=15")
    page.wait_for_selector(".row:has-text('<b>')")
    told = page.evaluate(MONEY, ["", "BR", "R$1", None, 5, "XYZ"])
    assert told == ["1.89", "BR 1.89", "R$1 1.89", "1.89", "5 1.89", "XYZ\u00a01.89"]
