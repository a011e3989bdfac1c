"""What operators do in the web client."""

import pytest

from tests.nodes.web.network import Network, ask
from tests.nodes.web.test_driving import is_refusal
from tests.nodes.web.visitor import Visitor

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


def test_points_are_made_priced_and_taken_out_of_service_on_any_node(network: Network, visitor: Visitor) -> None:
    """The page asks one node; the point's owner does it."""
    page = visitor.open(network.client_1.url, "/#/operator")
    page.wait_for_selector(".node:nth-child(2) .state >> text=Alive")
    page.get_by_label("Name", exact=True).fill("Praça da Sé 1")
    page.locator("#new-node").select_option("server2")
    page.get_by_label("Latitude").fill("-12.9733")
    page.get_by_label("Longitude").fill("-38.5096")
    page.get_by_label("Price per kWh", exact=True).fill("2.35")
    page.get_by_role("button", name="Create point").click()
    page.wait_for_selector(".toast >> text=Praça da Sé 1 is there")
    path = f"{network.server2.url}/v1/points/server2.praca-da-se-1"
    assert ask(path).json["price_per_kwh_minor"] == 235
    price = page.get_by_label("Price per kWh of Praça da Sé 1")
    price.fill("1.80")
    price.press("Tab")
    page.wait_for_selector(".toast >> text=Praça da Sé 1 is changed")
    assert ask(path).json["price_per_kwh_minor"] == 180
    switch = page.get_by_role("switch", name="Praça da Sé 1 in service")
    switch.click()
    page.wait_for_selector("[role=switch][aria-label='Praça da Sé 1 in service'][aria-checked=false]")
    assert ask(path).json["status"] == "INOPERATIVE"


def test_a_code_that_is_taken_is_refused_and_nothing_typed_is_lost(network: Network, visitor: Visitor) -> None:
    """A form that empties itself on a mistake is filled in once."""
    page = visitor.open(network.client_1.url, "/#/operator", expects=is_refusal)
    page.wait_for_selector(".node:nth-child(2)")
    page.get_by_label("Name", exact=True).fill("Farol")
    page.locator("#new-node").select_option("server1")
    page.get_by_role("button", name="Create point").click()
    page.wait_for_selector(".new-point .error >> text=exists already")
    assert page.get_by_label("Name", exact=True).input_value() == "Farol"


NARROW = """() => [...document.querySelectorAll("tbody tr")].flatMap((row) => {
    const shown = row.querySelectorAll(".what > *, input, [role=switch]");
    return [...shown].filter((each) => {
        const { left, right, width } = each.getBoundingClientRect();
        return width < 40 || left < 0 || right > innerWidth || each.scrollWidth > each.clientWidth + 1;
    }).map((each) => `${row.innerText} ${each.className}`);
})"""
"""What of the table is too narrow to be read, cut off, or beyond the edge."""


@pytest.mark.parametrize(("width", "language"), [(320, "pt-BR"), (390, "en-US"), (880, "pt-BR")])
def test_the_table_is_read_and_used_on_a_phone(network: Network, visitor: Visitor, width: int, language: str) -> None:
    """Which point it is that a switch belongs to took 0.03 pixels."""
    page = visitor.open(network.client_1.url, "/#/operator", width=width, language=language)
    page.wait_for_selector("tbody tr >> nth=15")
    assert page.evaluate(NARROW) == []
    assert page.evaluate("document.querySelector('.scrolls').scrollWidth") <= width
    rows = page.get_by_role("row")  # what is drawn as cards is read as a table
    assert rows.filter(has=page.get_by_role("rowheader", name="Farol um")).get_by_role("switch").count() == 1


def test_what_is_said_of_a_price_takes_no_press_from_what_is_below(network: Network, visitor: Visitor) -> None:
    """A line that appeared under the pointer moved the switch away from it."""
    page = visitor.open(network.client_1.url, "/#/operator")
    page.get_by_label("Price per kWh of Arena um").fill("x")
    switch = page.get_by_role("switch", name="Campus um in service")
    switch.hover()
    page.mouse.down()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.mouse.up()
    page.wait_for_selector(".priced [role=alert]")
    page.wait_for_selector("[role=switch][aria-label='Campus um in service'][aria-checked=false]")
    switch.click()
    page.wait_for_selector("[role=switch][aria-label='Campus um in service'][aria-checked=true]")
