"""The application, driven by keys, on a network that really runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from textual.widgets import Button, Static

from nodes.clients.errors import Invalid
from nodes.clients.http_client import HttpClient
from nodes.clients.moments import local, now_ms
from nodes.clients.network import Network
from nodes.clients.terminal.booking_screen import BookingScreen
from nodes.clients.terminal.charge_screen import ChargeScreen
from nodes.clients.terminal.confirm_screen import ConfirmScreen
from nodes.clients.terminal.mine_pane import MinePane
from tests.nodes.clients.processes import NodeProcess
from tests.nodes.clients.terminal.screens import WAIT_S, running_app

pytestmark = pytest.mark.system
Nodes = tuple[NodeProcess, NodeProcess]


@asynccontextmanager
async def another_client(node: NodeProcess) -> AsyncIterator[Network]:
    async with HttpClient([node.url]) as client:
        yield Network(client)


async def _meter_a_watt_hour(charger: Network, session_id: str) -> None:
    """Report it as soon as it can have flowed: it is refused as implausible before."""
    async with asyncio.timeout(WAIT_S):
        while True:
            with suppress(Invalid):
                await charger.meter(session_id, 1)
                return
            await asyncio.sleep(0.02)


def local_text(ms: int) -> str:
    return f"{local(ms):%Y-%m-%dT%H:%M}"


def in_days(days: int) -> int:
    return now_ms() // 60_000 * 60_000 + days * 86_400_000


async def test_points_are_found_and_filtered_by_keys(nodes: Nodes) -> None:
    """Words without accents, power, node; names are shown as they are written, whatever markup they look like."""
    async with running_app(nodes[0].url) as seen:
        await seen.shows("Centro 1", "Centro 2", "● live", "6 of 6 points")
        await seen.press("slash", *"praca")
        await seen.shows("Praça da Sé 1", "2 of 6 points")
        await seen.press(*(["backspace"] * 5), *"node:server2 >30kw")
        await seen.shows("2 of 6 points", "[bold red]Cais")
        await seen.press("enter", "down")
        await seen.shows("server2.c")


async def test_a_window_is_reserved_and_seen_live_by_another_client(nodes: Nodes) -> None:
    """Through one node at one screen; shown at another screen that asks the other node."""
    async with running_app(nodes[0].url, driver="rita") as seen, running_app(nodes[1].url, driver="rui") as other:
        await other.choose("server1.b")
        await seen.choose("server1.b")
        await seen.press("r")
        await seen.fill("now", "25m")
        await seen.until(lambda: seen.app.board.reservations, "reserved")
        assert [held.point_id for held in seen.app.board.reservations.values()] == ["server1.b"]
        await other.until(lambda: other.app.board.points["server1.b"].status == "RESERVED", "told to the other")
        await other.until(lambda: "reserved, free" in other.text, "shown to the other")
        await seen.press("r")
        await seen.fill("+9d", "30m")
        await seen.until(lambda: len(seen.app.board.reservations) == 2, "another")
        await seen.press("2", "down", "x")
        await seen.until(lambda: isinstance(seen.app.screen, ConfirmScreen), "asked")
        await seen.press("enter")
        await seen.until(lambda: sum(held.is_open for held in seen.app.board.reservations.values()) == 1, "cancelled")
        assert (await other.app.quick.calendar("server1.b", in_days(8), in_days(10), fresh=True)).busy == []


async def test_what_is_reserved_elsewhere_is_shown_here(nodes: Nodes) -> None:
    """Somebody with a phone and a terminal is one driver; what they cancel there is gone here."""
    start_ms = in_days(12)
    async with running_app(nodes[0].url, driver="olga") as seen, another_client(nodes[1]) as phone:
        await seen.press("2")
        held = await phone.reserve("server2.a", "olga", start_ms=start_ms, end_ms=start_ms + 1_800_000)
        await seen.shows("Centro 2", "reserved")
        await phone.cancel(held.id)
        await seen.until(lambda: not seen.app.board.reservations[held.id].is_open, "cancelled")
        await seen.press("o")
        await seen.shows("cancelled")


async def test_a_refusal_offers_the_next_window_and_enter_takes_it(nodes: Nodes) -> None:
    """What was wished is refused by name; the offer is a key away."""
    start_ms = in_days(10)
    async with another_client(nodes[0]) as other:
        await other.reserve("server2.b", "bia", start_ms=start_ms, end_ms=start_ms + 3_600_000)
    async with running_app(nodes[0].url, driver="rosa") as seen:
        await seen.choose("server2.b")
        await seen.press("r")
        await seen.fill("tea time", "30m")
        await seen.shows("expected a time such as")
        await seen.fill("+10d", "30m")
        await seen.shows("that time is taken", "Take the offer")
        offer = seen.app.screen.query_one("#take", Button)
        await seen.until(lambda: seen.app.focused is offer, "the offer has the focus")
        await seen.press("enter")
        await seen.until(lambda: seen.app.board.reservations, "reserved")
        (held,) = seen.app.board.reservations.values()
        assert held.start_ms == start_ms + 3_600_000


async def test_a_charge_is_started_followed_and_stopped(nodes: Nodes) -> None:
    """What the charger says is shown as it comes; the price is what the node says in the end."""
    async with running_app(nodes[0].url, driver="sara", size=(140, 40)) as seen, another_client(nodes[1]) as charger:
        await seen.choose("server1.a")
        await seen.press("c")
        await seen.until(lambda: isinstance(seen.app.screen, ConfirmScreen), "asked")
        await seen.press("enter")
        await seen.until(lambda: isinstance(seen.app.screen, ChargeScreen), "followed")
        await seen.shows("0.00 kWh", "time left", "has not said anything yet")
        (session,) = seen.app.board.sessions.values()

        await _meter_a_watt_hour(charger, session.id)
        await seen.until(lambda: "has not said" not in seen.text, "the reading")
        await seen.press("s")
        await seen.until(lambda: isinstance(seen.app.screen, ConfirmScreen), "asked")
        await seen.press("enter")
        await seen.shows("finished")
        assert (await charger.session(session.id)).status == "COMPLETED"
        await seen.press("escape", "2", "o")
        await seen.shows("finished")


async def test_a_trip_over_two_nodes_is_refused_mended_and_confirmed(nodes: Nodes) -> None:
    """The stop that fails is marked with what is offered; taking it moves what follows; then all stops are reserved."""
    start_ms = in_days(20)
    async with another_client(nodes[0]) as other:
        await other.reserve("server2.c", "bia", start_ms=start_ms + 3_600_000, end_ms=start_ms + 7_200_000)
    async with running_app(nodes[0].url, driver="tina", size=(140, 40)) as seen:
        for point_id, at_ms in (
            ("server1.c", start_ms),
            ("server2.c", start_ms + 3_600_000),
            ("server1.b", start_ms + 5_400_000),
        ):
            await seen.choose(point_id)
            await seen.press("t")
            await seen.fill(local_text(at_ms), "30m")
            await seen.until(lambda: not isinstance(seen.app.screen, BookingScreen), "added")
        await seen.press("3", "p")
        await seen.shows("nothing is reserved: stop 2: that time is taken", "Take the offer")
        assert seen.app.board.reservations == {}
        await seen.press("a")
        await seen.shows("moved to")
        await seen.press("p")
        await seen.shows("the trip is confirmed: 3 stops")
        await seen.press("2")
        stops = sorted(seen.app.board.reservations.values(), key=lambda held: held.start_ms)
        assert [held.point_id for held in stops] == ["server1.c", "server2.c", "server1.b"]
        assert [held.start_ms for held in stops[1:]] == [start_ms + 7_200_000, start_ms + 9_000_000]
        await seen.shows(stops[0].trip_id or "?")


async def test_a_node_that_is_killed_is_said_to_be_away_and_found_again(nodes: Nodes) -> None:
    """What was asked meanwhile is done once, when it is back, under the same key."""
    async with running_app(nodes[1].url, driver="vera") as seen:
        await seen.choose("server2.a")
        nodes[1].kill()
        await seen.shows("the server is away")
        await seen.press("r")
        await seen.fill("+30d", "30m")
        await seen.shows("asking")
        await asyncio.to_thread(nodes[1].start)
        await seen.until(lambda: seen.app.board.reservations or "no server" in seen.text, "decided")
        if not seen.app.board.reservations:  # a busy machine took longer to start it than one waits: once more
            await seen.press("enter")
        await seen.until(lambda: seen.app.board.reservations, "reserved")
        await seen.shows("● live")
        async with another_client(nodes[1]) as other:
            day = await other.calendar("server2.a", in_days(29), in_days(31))
        assert len(day.busy) == 1


async def test_a_second_node_takes_over_when_the_first_is_killed(nodes: Nodes) -> None:
    """The bar says which is heard."""
    async with running_app(nodes[1].url, nodes[0].url) as seen:
        nodes[1].kill()
        try:
            await seen.shows(nodes[0].url.removeprefix("http://"))
            await seen.press("4")
            await seen.shows("server1", "server2")
        finally:
            await asyncio.to_thread(nodes[1].start)


async def test_it_speaks_portuguese(nodes: Nodes) -> None:
    """The same keys."""
    async with running_app(nodes[0].url, language="pt") as seen:
        await seen.shows("1 Pontos", "ao vivo", "Reservar", "livre")


async def test_the_mouse_works_too(nodes: Nodes) -> None:
    """A click on a tab shows it; a click on a key in the footer is that key."""
    async with running_app(nodes[0].url) as seen:
        await seen.pilot.click("#--content-tab-mine")
        await seen.until(lambda: seen.app.pane == "mine", "the tab")
        assert seen.app.query_one(MinePane).query_one("#mine-head", Static)
