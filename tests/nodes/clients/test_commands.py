"""Every command, against nodes that really run."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from sim.cli import app
from tests.nodes.clients.command import Command
from tests.nodes.clients.processes import NodeProcess, get

pytestmark = pytest.mark.system
Nodes = tuple[NodeProcess, NodeProcess]


def test_points_of_all_nodes_are_listed_as_the_api_tells_them(client: Command, nodes: Nodes) -> None:
    """``--json`` is the API's own object, in its own order of members."""
    told = client.lines("points")
    assert [point["id"] for point in told] == [f"server{n}.{slug}" for n in (1, 2) for slug in "abc"]
    assert list(told[0]) == list(get(nodes[0], "/v1/points/server1.a"))


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (("--owner", "server2"), ["server2.a", "server2.b", "server2.c"]),
        (("--min-kw", "50", "--owner", "server1"), ["server1.b", "server1.c"]),
        (("--name", "Centro 2"), ["server2.a"]),
        (("--connector", "CHADEMO"), []),
        (("--near", "0,0", "--radius-km", "1"), []),
        (("--limit", "2"), ["server1.a", "server1.b"]),
        (("--from", "+1d", "--for", "30m", "--available", "--limit", "1"), ["server1.a"]),
    ],
)
def test_points_can_be_filtered(client: Command, options: tuple[str, ...], ids: list[str]) -> None:
    """By what the API can."""
    assert [point["id"] for point in client.lines("points", *options)] == ids


def test_a_table_fits_into_eighty_columns_and_cuts_no_id(client: Command) -> None:
    """Ids are what one copies; and no colour where none is wanted."""
    output = client.run("points").stdout
    assert max(map(len, output.splitlines())) <= 80
    assert "server2.b" in output
    assert "Praça da Sé 2" in output
    assert "[bold red]Cais[/] 3 2" in output  # as it is written, no markup
    assert "\x1b" not in output


def test_reserving_is_told_in_words_and_as_the_object(client: Command) -> None:
    """The id is there to go on with; the driver's list has it, the other node's too."""
    held = client.one("reserve", "server2.a", "--from", "+2d", "--for", "45m")
    assert (held["status"], held["point_id"], held["driver_id"]) == ("RESERVED", "server2.a", client.driver)
    assert held["end_ms"] - held["start_ms"] == 45 * 60_000
    output = client.run("reserve", "server1.a", "--from", "+2d").stdout
    assert output.startswith("reserved: server1.a, ")
    assert [each["point_id"] for each in client.lines("reservations")] == ["server1.a", "server2.a"]


def test_what_was_made_elsewhere_is_listed(client: Command, nodes: Nodes) -> None:
    """By another device, at another node: nothing is remembered here."""
    client._nodes = (nodes[1],) * 2
    held = client.one("reserve", "server2.a", "--from", "+8d")
    trip = client.one("trip", "server2.b@+8d/30m", "server1.c@+1h/30m")
    session = client.one("start", "server1.b")
    client._nodes = (nodes[0],) * 2
    listed = client.lines("reservations")
    assert {each["id"] for each in listed} == {held["id"], session["reservation_id"], *(s["id"] for s in trip["stops"])}
    assert client.lines("trips") == [trip]
    assert client.lines("sessions") == [session]
    assert client.one("stop", session["id"])["status"] == "COMPLETED"
    client.driver = f"{client.driver}-other"
    assert client.lines("reservations", "--past") == client.lines("trips") == client.lines("sessions", "--past") == []


def test_a_node_that_is_away_is_named_beside_the_list(client: Command, nodes: Nodes) -> None:
    """On standard error, so that a script's list stays a list."""
    held = client.one("reserve", "server1.a", "--from", "+8d")
    nodes[1].kill()
    try:
        result = client.run("reservations", "--json")
        assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [held["id"]]
        assert "missing, because it did not answer: server2: " in result.stderr
    finally:
        nodes[1].start()


def test_a_taken_window_is_refused_with_the_alternative_and_exit_code_4(client: Command) -> None:
    """And ``--or-next`` takes that."""
    first = client.one("reserve", "server1.b", "--from", "+3d", "--for", "1h")
    refused = client.one("reserve", "server1.b", "--from", "+3d", "--for", "30m", code=4)
    assert refused["type"] == "urn:recarga:problem:window-taken"
    assert refused["next_free_start_ms"] == first["end_ms"]
    told = client.run("reserve", "server1.b", "--from", "+3d", "--for", "30m", code=4).stderr
    assert "that time is taken" in told
    assert "free " in told
    taken = client.one("reserve", "server1.b", "--from", "+3d", "--for", "30m", "--or-next")
    assert taken["start_ms"] == first["end_ms"]


def test_the_same_key_is_the_same_wish(client: Command) -> None:
    """A script that was interrupted asks again and has one reservation, from another node too."""
    far = ("reserve", "server1.c", "--from", "2100-01-01T10:00:00Z", "--key", "my-script-1")
    assert client.one(*far, code=2)["type"] == "urn:recarga:problem:window-beyond-horizon"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    wish = ("reserve", "server1.c", "--from", tomorrow, "--for", "20m", "--key", "my-script-2")
    first = client.one(*wish)
    client._nodes = (client._nodes[1], client._nodes[0])
    assert client.one(*wish) == first
    assert client.one("cancel", first["id"])["status"] == "CANCELED"


def test_cancelling_frees_the_window(client: Command) -> None:
    """The calendar tells so."""
    held = client.one("reserve", "server2.b", "--from", "+4d")
    span = ("calendar", "server2.b", "--from", "+4d", "--for", "30m")
    assert client.one(*span)["busy"] != []
    assert "taken" in client.run(*span).stdout
    assert client.run("cancel", held["id"]).stdout == f"cancelled: {held['id']}\n"
    assert client.one(*span)["busy"] == []
    assert client.lines("reservations") == []
    assert [each["status"] for each in client.lines("reservations", "--past")] == ["CANCELED"]


def test_a_charge_from_plug_to_price(client: Command) -> None:
    """Start, meter, list, stop; what it costs is exact."""
    session = client.one("start", "server1.a", "--room-kwh", "30")
    assert (session["status"], session["max_energy_wh"]) == ("ACTIVE", 30_000)
    assert client.one("start", session["reservation_id"])["id"] == session["id"]
    assert [each["id"] for each in client.lines("sessions")] == [session["id"]]
    assert "charging" in client.run("sessions").stdout
    stopped = client.one("stop", session["id"], "--kwh", "0")
    assert (stopped["status"], stopped["cost_minor"]) == ("COMPLETED", 0)
    assert client.run("stop", session["id"]).stdout == "finished: 0.00 kWh, R$ 0.00\n"
    assert client.lines("sessions") == []
    assert client.one("meter", session["id"], "1", code=4)["type"].endswith("session-over")


def test_a_trip_over_two_nodes_and_its_cancellation(client: Command) -> None:
    """All stops are the driver's; times of day follow each other."""
    trip = client.one("trip", "server1.b@+5d/30m", "server2.b,server2.c@+1h/45m")
    assert trip["status"] == "CONFIRMED"
    assert [stop["point_id"] for stop in trip["stops"]] == ["server1.b", "server2.b"]
    assert trip["stops"][1]["start_ms"] - trip["stops"][0]["end_ms"] == 3_600_000
    assert "confirmed" in client.run("trips").stdout
    assert {each["trip_id"] for each in client.lines("reservations")} == {trip["id"]}
    assert client.one("cancel", trip["id"])["status"] == "CANCELED"
    assert client.lines("reservations") == []


def test_a_trip_is_refused_as_a_whole(client: Command) -> None:
    """The stop that could not be had is named, and nothing is reserved."""
    client.one("reserve", "server2.c", "--from", "+6d", "--for", "1h")
    wish = ("trip", "server1.c@+5d/30m", "server2.c@+23h/2h")
    refused = client.one(*wish, code=4)
    assert (refused["type"].rpartition(":")[2], refused["stop"]) == ("window-taken", 1)
    assert "stop 2: that time is taken" in client.run(*wish, code=4).stderr
    assert [each["point_id"] for each in client.lines("reservations")] == ["server2.c"]
    near = client.one("trip", "near:-8.06,-34.87:5km@+7d/30m", "--coordinator", "server2")
    assert near["coordinator"] == "server2"


def test_nodes_are_told(client: Command) -> None:
    """As the first that answers sees them."""
    told = client.lines("nodes")
    assert [(node["id"], node["self"]) for node in told] == [("server1", True), ("server2", False)]
    assert "server2" in client.run("nodes").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("reserve", "server1.a", "--from", "tea time"), 2, "expected a time"),
        (("reserve", "server1.a", "--for", "a while"), 2, "expected a duration"),
        (("reserve", "../x"), 2, "expected a point's id"),
        (("reserve", "server1.nowhere"), 5, "no such point"),
        (("cancel", "server1.a.r1-99999"), 5, "no such reservation"),
        (("cancel", "everything"), 2, "expected the id"),
        (("start", "x"), 2, "expected the id"),
        (("stop", "server1.a"), 2, "expected the id"),
        (("watch", "x"), 2, "expected the id"),
        (("trip", "server1.a"), 2, "expected PLACE@TIME/DURATION"),
        (("trip", "near:here@18:00/30m"), 2, "expected near:"),
        (("points", "--from", "18:00"), 2, "--from and --for"),
        (("points", "--connector", "SCHUKO"), 2, ""),
        (("points", "--node", "nowhere"), 2, "address of a node"),
        (("points", "--language", "fr"), 2, "--language"),
        (("points", "--token-file", "/nowhere/token"), 2, "--token-file"),
        (("meter", "server1.a.s1-9", "-1"), 2, ""),
    ],
)
def test_what_is_said_wrongly_is_said_in_one_line(
    client: Command, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """With the exit code that the help tells, and no traceback."""
    result = client.run(*arguments, code=code)
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_nobody_there_is_exit_code_6() -> None:
    """And nothing was done: so says the problem object."""
    result = CliRunner().invoke(app, ["client", "points", "--node", "http://127.0.0.1:9", "--deadline", "1", "--json"])
    assert result.exit_code == 6
    assert json.loads(result.stdout)["outcome"] == "none"


def test_the_second_node_is_asked_when_the_first_is_away(client: Command) -> None:
    """With the same key, so it does not matter what the first one did."""
    result = CliRunner().invoke(
        app,
        ["client", "--node", "http://127.0.0.1:9", "--node", client._nodes[1].url, "points", "--json", "--limit", "1"],
    )
    assert result.exit_code == 0
    assert json.loads(result.stdout)["id"] == "server1.a"


def test_options_may_stand_before_the_command(nodes: Nodes) -> None:
    """And those behind it count more."""
    before = ["client", "--node", "http://127.0.0.1:9", "--language", "pt", "nodes"]
    result = CliRunner().invoke(app, [*before, "--node", nodes[0].url], env={"COLUMNS": "80"})
    assert result.exit_code == 0
    assert "servidor" in result.stdout
