"""What operators do by commands, on nodes that really run."""

import pytest

from tests.nodes.clients.command import Command
from tests.nodes.clients.processes import NodeProcess, get

pytestmark = pytest.mark.system
Nodes = tuple[NodeProcess, NodeProcess]

NEW = ("--name", "Porto 1", "--kw", "7.4", "--price", "1,95", "--connector", "CHADEMO", "--at", "-8.05,-34.87")


def test_a_point_is_created_on_any_node_with_what_was_said_of_it(client: Command, nodes: Nodes) -> None:
    """One node is asked, the point's own makes it; a second one of that id is refused."""
    terms = ("--term", "no_show=10m", "--term", "horizon=0")
    wish = ("point", "create", "server2.porto-1", *NEW, "--address", "Cais", *terms)
    made = client.one(*wish)
    assert made["witness"] == get(nodes[1], "/v1/points/server2.porto-1")["witness"]
    assert (made["max_power_w"], made["price_per_kwh_minor"], made["connector"]) == (7_400, 195, "CHADEMO")
    assert made["location"] == {"lat": -8.05, "lon": -34.87, "address": "Cais"}
    assert (made["terms"]["no_show_s"], made["terms"]["horizon_s"], made["terms"]["early_start_s"]) == (600, 0, 900)
    assert client.one(*wish, code=4)["type"].endswith("point-exists")


def test_a_script_that_asks_again_has_one_point(client: Command, nodes: Nodes) -> None:
    """The same key is the same wish, at whatever node: the second answer is the first one."""
    wish = ("point", "create", "server1.porto-2", *NEW, "--key", "porto-2")
    made = client.one(*wish)
    client._nodes = (nodes[1],) * 2
    assert client.one(*wish) == made
    assert client.run("point", "create", "server1.porto-3", *NEW).stdout == "created: Porto 1\nserver1.porto-3\n"


def test_price_name_and_terms_change_and_the_rest_stays(client: Command) -> None:
    """Who reserved before pays what was said then."""
    held = client.one("reserve", "server2.a", "--from", "+5d")
    before = client.one("point", "show", "server2.a")
    told = client.one("point", "change", "server2.a", "--price", "2.35", "--term", "cancel_until=2h")
    assert (told["price_per_kwh_minor"], told["terms"]) == (235, before["terms"] | {"cancel_until_s": 7_200})
    assert (told["name"], told["maintenance"]) == (before["name"], False)
    assert client.one("point", "change", "server2.a", "--name", "Cais Novo")["price_per_kwh_minor"] == 235
    assert client.lines("reservations")[0]["price_per_kwh_minor"] == held["price_per_kwh_minor"] == 189
    shown = client.run("point", "show", "server2.a").stdout
    assert all(words in shown for words in ("Cais Novo", "R$ 2.35/kWh", "notice to cancel: 2 h", "-8.06000, -34.87000"))


def test_a_change_can_be_made_only_to_what_was_seen(client: Command) -> None:
    """``--if-version``: what happened to the point since refuses it."""
    seen = "-".join(map(str, client.one("point", "show", "server2.b")["witness"]))
    client.one("point", "change", "server2.b", "--price", "3", "--if-version", seen)
    late = client.one("point", "change", "server2.b", "--price", "4", "--if-version", seen, code=4)
    assert late["type"].endswith("precondition-failed")
    assert client.one("point", "show", "server2.b")["price_per_kwh_minor"] == 300


def test_maintenance_begins_and_ends(client: Command) -> None:
    """Nobody reserves meanwhile."""
    assert client.one("point", "maintenance", "server1.b")["status"] == "INOPERATIVE"
    assert client.one("reserve", "server1.b", "--from", "+6d", code=4)["type"].endswith("point-unavailable")
    output = client.run("point", "maintenance", "server1.b", "--end").stdout
    assert output.startswith("changed: Praça da Sé 1\n")
    assert client.one("reserve", "server1.b", "--from", "+6d")["status"] == "RESERVED"


def test_a_fault_is_reported_and_mended(client: Command) -> None:
    """What failed is told to those who look."""
    assert client.one("point", "fault", "server2.c", "the cable is cut")["status"] == "OUTOFORDER"
    assert "fault: the cable is cut" in client.run("point", "show", "server2.c").stdout
    mended = client.one("point", "fault", "server2.c", "--mended")
    assert (mended["fault"], mended["status"]) == (None, "AVAILABLE")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("create", "centro-01", *NEW), 2, "expected a point's id"),
        (("create", "server1.x", "--name", "x", "--kw", "22", "--price", "1.895"), 2, "at most 2 decimals of BRL"),
        (("create", "server1.x", "--name", "x", "--kw", "22 kW", "--price", "1"), 2, "expected a power in kW"),
        (("create", "server1.x", "--name", "x", "--kw", "22", "--price", "1", "--currency", "R$"), 2, "a currency"),
        (("create", "server1.x", "--name", "x", "--kw", "22", "--price", "1", "--connector", "SCHUKO"), 2, "connector"),
        (("create", "server1.x", *NEW, "--term", "no_show=8d"), 2, "terms.no_show_s"),
        (("create", "server1.x", *NEW, "--at", "91,0"), 2, "expected degrees"),
        (("create", "server1.x", *NEW, "--term", "patience=1h"), 2, "expected one of cancel_until"),
        (("change", "server1.a"), 2, "say what is to be otherwise"),
        (("change", "server1.a", "--price", "cheap"), 2, "expected a price"),
        (("change", "server1.a", "--price", "1", "--if-version", "new"), 2, "expected a version"),
        (("change", "server1.nowhere", "--name", "x"), 5, "no such point"),
        (("maintenance", "server1.nowhere"), 5, "no such point"),
        (("fault", "server1.a"), 2, "expected what has failed"),
        (("fault", "server1.a", "it smokes", "--mended"), 2, "expected what has failed"),
        (("show", "x"), 2, "expected a point's id"),
    ],
)
def test_what_is_said_wrongly_is_said_in_one_line(
    client: Command, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """With the exit code that the help tells, whether the command or the node finds it."""
    result = client.run("point", *arguments, code=code)
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
