"""What operators do in the application, by keys, on nodes that really run."""

import pytest
from textual.widgets import Input, TabbedContent

from nodes.clients.http_client import HttpClient
from nodes.clients.network import Network
from nodes.clients.operator import Operator
from nodes.clients.terminal.confirm_screen import ConfirmScreen
from nodes.clients.terminal.form_screen import FormScreen
from nodes.clients.terminal.operator_pane import OperatorPane
from nodes.principal import Role
from tests.nodes.clients.guarded import Guarded
from tests.nodes.clients.processes import NodeProcess, get
from tests.nodes.clients.terminal.screens import Seen, running_app

pytestmark = pytest.mark.system
Nodes = tuple[NodeProcess, NodeProcess]


async def choose(seen: Seen, point_id: str) -> None:
    await seen.press("5")
    await seen.until(lambda: seen.app.pane == "operator", "the operator's pane")
    await seen.choose(point_id, OperatorPane)


async def confirm(seen: Seen) -> None:
    await seen.until(lambda: isinstance(seen.app.screen, ConfirmScreen), "asked")
    await seen.press("enter")


async def test_a_point_is_created_on_another_node(nodes: Nodes) -> None:
    """Its id follows its name; what is refused stays as it was typed."""
    async with running_app(nodes[0].url) as seen:
        await seen.press("5", "n")
        await seen.fill_form(name="Porto 1", node="server2", lat="-8.05", lon="-34.87", price_per_kwh="2.359")
        await seen.shows("price per kWh: not like that: 2.359")
        assert seen.app.focused is seen.app.screen.query_one("#field-price_per_kwh")
        await seen.fill_form(price_per_kwh="2.35")
        await seen.until(lambda: not isinstance(seen.app.screen, FormScreen), "created")
        told = get(nodes[1], "/v1/points/server2.porto-1")
        assert (told["name"], told["price_per_kwh_minor"], told["max_power_w"]) == ("Porto 1", 235, 22_000)
        assert told["location"] == {"lat": -8.05, "lon": -34.87, "address": None}
        await choose(seen, "server2.porto-1")
        await seen.shows("Porto 1", "R$ 2.35/kWh", "-8.05000, -34.87000")
        await seen.press("n")
        await seen.fill_form(name="Porto 1")
        await seen.shows("there is a point of that id already")
        await seen.press("escape", "n")
        await seen.until(lambda: isinstance(seen.app.screen, FormScreen), "the form again")
        assert seen.app.screen.query_one("#field-name", Input).value == "Porto 1"


async def test_a_typed_id_no_longer_follows_the_name(nodes: Nodes) -> None:
    """Whoever has typed one has meant it."""
    async with running_app(nodes[0].url) as seen:
        await seen.press("5", "n")
        await seen.until(lambda: isinstance(seen.app.screen, FormScreen), "a form")
        code, name = (seen.app.screen.query_one(f"#field-{field}", Input) for field in ("id", "name"))
        name.value = "Praça 1"
        await seen.until(lambda: code.value == "praca-1", "it follows")
        code.value = "p1"
        await seen.pilot.pause()
        name.value = "Praça 2"
        await seen.pilot.pause()
        assert code.value == "p1"


async def test_price_and_terms_are_changed_and_another_client_sees_it(nodes: Nodes) -> None:
    """By whatever node; at the screen of somebody else, live."""
    async with running_app(nodes[0].url, size=(120, 40)) as seen, running_app(nodes[1].url, driver="rui") as other:
        await choose(seen, "server2.b")
        await seen.press("e")
        await seen.fill_form(price_per_kwh="3.10", no_show_s="a while")
        await seen.shows("wait for a late car: not like that: a while")
        await seen.fill_form(no_show_s="20m")
        await seen.until(lambda: not isinstance(seen.app.screen, FormScreen), "changed")
        await seen.shows("wait for a late car: 20 min", "R$ 3.10/kWh")
        await other.until(lambda: other.app.board.points["server2.b"].price_per_kwh_minor == 310, "told to the other")
        told = get(nodes[1], "/v1/points/server2.b")
        assert (told["price_per_kwh_minor"], told["terms"]["no_show_s"], told["name"]) == (310, 1_200, "Praça da Sé 2")
        await seen.press("enter")
        await seen.fill_form()
        await seen.until(lambda: not isinstance(seen.app.screen, FormScreen), "nothing to change")
        assert get(nodes[1], "/v1/points/server2.b")["witness"] == told["witness"]


async def test_a_point_is_taken_out_of_service_and_put_back(nodes: Nodes) -> None:
    """Once it is confirmed: a key is soon pressed."""
    async with running_app(nodes[0].url) as seen:
        await choose(seen, "server2.a")
        await seen.press("m")
        await seen.until(lambda: isinstance(seen.app.screen, ConfirmScreen), "asked")
        await seen.press("escape", "m")
        await confirm(seen)
        await seen.until(lambda: seen.app.board.points["server2.a"].status == "INOPERATIVE", "out of service")
        assert get(nodes[1], "/v1/points/server2.a")["maintenance"] is True
        await seen.press("m")
        await seen.shows("back into service")
        await confirm(seen)
        await seen.until(lambda: not get(nodes[1], "/v1/points/server2.a")["maintenance"], "in service")


async def test_a_fault_is_mended_by_a_key_that_is_there_only_then(nodes: Nodes) -> None:
    """A charger reports it; an operator who has been there says that it works."""
    async with running_app(nodes[0].url, size=(120, 40)) as seen, HttpClient([nodes[1].url]) as charger:
        await choose(seen, "server2.c")
        assert "Fault mended" not in seen.text
        await Operator(charger).report_fault("server2.c", "the cable is cut")
        await seen.shows("fault: the cable is cut", "Fault mended")
        await seen.press("k")
        await confirm(seen)
        await seen.until(lambda: get(nodes[1], "/v1/points/server2.c")["status"] == "AVAILABLE", "mended")
        await seen.until(lambda: "Fault mended" not in seen.text, "the key is gone")
        assert (await Network(charger).point("server2.c")).fault is None


async def test_how_nodes_are_is_told_in_full(nodes: Nodes) -> None:
    """Where it is, since when and why it is what it is, how old that news is, how far it lags."""
    async with running_app(nodes[0].url) as seen:
        await seen.press("4")
        await seen.shows("server1", "it answers here", "epoch", "events behind: 0")
        await seen.press("down")
        await seen.shows("heard", nodes[1].url.removeprefix("http://"), "alive, since")


@pytest.mark.parametrize(("role", "is_operator"), [(Role.OPERATOR, True), (Role.DRIVER, False), (Role.READER, False)])
async def test_the_operators_pane_is_for_operators(guarded: Guarded, role: Role, is_operator: bool) -> None:
    """Where nodes ask who one is. An operator need not drive; others find no key that leads there."""
    token = guarded.ring.token(role, "olga")
    async with running_app(guarded.node.url, driver=None, token=token, is_live=False) as seen:
        await seen.until(lambda: seen.app.board.identity is not None and seen.app.live.is_live, "signed in")
        await seen.press("5")
        await seen.pilot.pause()
        assert seen.app.board.is_operator == is_operator
        assert seen.app.pane == ("operator" if is_operator else "points")
        assert bool(seen.app.query_one(TabbedContent).get_tab("operator").display) == is_operator
        assert ("5 Operator" in seen.text) == is_operator
        await seen.shows("olga")
        if is_operator:
            await choose(seen, "server1.a")
            await seen.press("m")
            await confirm(seen)
            await seen.shows("maintenance")


async def test_who_one_is_is_asked_until_a_node_answers(nodes: Nodes) -> None:
    """An operator who starts the client before the server has the keys once it is there."""
    nodes[1].kill()
    async with running_app(nodes[1].url, driver=None, is_live=False) as seen:
        await seen.shows("the server is away")
        assert not seen.app.board.is_operator
        nodes[1].start()
        await seen.until(lambda: seen.app.board.is_operator and seen.app.live.is_live, "it answers")
        await seen.shows("5 Operator")
