"""The list of all points: own ones as they are, others as they were told; filters, pages, staleness."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodes.actors.server import Server
from nodes.catalogue import Catalogue, Filters, Near
from nodes.config import Limits, NodeConfig
from nodes.domain.commands import ChangePoint, CreatePoint, PlugIn, ReportFault, Reserve
from nodes.domain.point import Connector, Location, PointSpec
from nodes.domain.window import Window
from nodes.gossip.view import View
from nodes.request import Request
from nodes.tidings import NodeState
from tests.nodes.gated_store import GatedStore
from tests.nodes.gossip.test_view import availability
from tests.nodes.manual_clock import ManualClock

NOW = 1_800_000_000_000
HOUR = 3_600_000
SPEC = PointSpec("Own", Location(-8.0, -34.9), 22_000, Connector.CHADEMO, 100)


class Bench:
    """A catalogue over a server and a view that the test fills."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.server = Server(
            NodeConfig("server1"),
            self.clock,
            GatedStore(),
            on_durable=lambda _: None,
            on_time=lambda _: None,
            on_failed=lambda _: None,
        )
        self.view = View("server1", "recarga", Limits())
        self.catalogue = Catalogue(self.server, self.view, self.clock)
        self.catalogue.connected = True

    async def own(self, slug: str, *more: Any, **change: Any) -> None:
        for action in (CreatePoint(replace(SPEC, **change)), *more):
            assert (await self.server.handle(Request(f"server1.{slug}", action))).status < 300

    def foreign(self, point_id: str, **change: Any) -> None:
        self.become(point_id.partition(".")[0], NodeState.ALIVE)
        self.view.hear(availability(point_id, **change), (1, 0), NOW)

    def become(self, node_id: str, state: NodeState) -> None:
        node = self.view.know(node_id)
        assert node is not None
        node.state = state

    def ids(self, limit: int = 100, after: str = "", **filters: Any) -> list[str]:
        return [item["id"] for item in self.catalogue.page(Filters(**filters), after, limit)[0]]


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_own_and_foreign_points_are_one_list_in_order_of_id(bench: Bench) -> None:
    """A driver does not care who owns what; and it can be sent as JSON whatever was told."""
    await bench.own("b")
    bench.foreign("server0.z")
    bench.foreign("server2.a")
    assert bench.ids() == ["server0.z", "server1.b", "server2.a"]
    await bench.own("a")
    assert bench.ids() == ["server0.z", "server1.a", "server1.b", "server2.a"]
    own, other = bench.catalogue.page(Filters(), "server1.a", 2)[0]
    assert own.keys() == other.keys()
    assert orjson.dumps([own, other])


async def test_filters_mean_the_same_for_own_and_for_foreign_points(bench: Bench) -> None:
    """Whichever node is asked, the list is the same."""
    await bench.own("a", max_power_w=50_000, name="N")
    await bench.own("b", ChangePoint(maintenance=True), connector=None)
    bench.foreign("server2.a", max_power_w=50_000, connector="CHADEMO", name="N")
    bench.foreign("server2.b", maintenance=True, status="INOPERATIVE")

    def both(**filters: Any) -> tuple[list[str], list[str]]:
        found = bench.ids(**filters)
        return tuple([i[-1] for i in found if i.startswith(node)] for node in ("server1", "server2"))  # type: ignore[return-value]

    assert both(name="N") == (["a"], ["a"])
    assert both(min_power_w=50_000) == (["a"], ["a"])
    assert both(min_power_w=50_001) == ([], [])
    assert both(connector=Connector.CHADEMO) == (["a"], ["a"])
    assert both(maintenance=True) == (["b"], ["b"])
    assert both(available=True) == (["a"], ["a"])
    assert both(available=False) == (["b"], ["b"])
    assert both(node="server2") == ([], ["a", "b"])
    assert both(free=Window(NOW + HOUR, NOW + 2 * HOUR)) == (["a"], ["a"])


@pytest.mark.parametrize(
    ("window", "free"),
    [((1, 2), False), ((0, 1), True), ((2, 3), True), ((0, 3), False), ((1, 1.5), False), ((1.5, 4), False)],
)
async def test_a_window_that_only_touches_a_taken_one_is_free(
    bench: Bench, window: tuple[float, float], free: bool
) -> None:
    """Half-open, as everywhere; own and foreign alike."""
    await bench.own("a", Reserve("ana", NOW + HOUR, NOW + 2 * HOUR))
    bench.foreign("server2.a", busy=[[NOW + HOUR, NOW + 2 * HOUR]])
    wanted = Window(*(NOW + int(hours * HOUR) for hours in window))
    assert bench.ids(free=wanted) == (["server1.a", "server2.a"] if free else [])


async def test_a_point_out_of_order_is_free_for_nobody(bench: Bench) -> None:
    """Its calendar may be empty."""
    await bench.own("a", ReportFault("no power"))
    bench.foreign("server2.a", fault="no power", busy=[])
    assert bench.ids(free=Window(NOW, NOW + 1)) == []


async def test_status_follows_time_for_own_points(bench: Bench) -> None:
    """A window begins without an event: the list must not show the status of the last event."""
    await bench.own("a", Reserve("ana", NOW + HOUR, NOW + 2 * HOUR))
    await bench.own("b", PlugIn("rui"))
    assert bench.ids(available=True) == ["server1.a"]
    await bench.clock.advance(3_600)
    assert bench.ids(available=True) == []


async def test_foreign_points_say_when_they_are_stale_and_why(bench: Bench) -> None:
    """Owner dead, owner never heard, or this node cut off: the view is a guess, and says so."""
    bench.foreign("server2.a")

    def told() -> tuple[bool, str]:
        item = bench.catalogue.foreign("server2.a")
        assert item is not None
        return item["stale"], item["status"]

    assert told() == (False, "AVAILABLE")
    bench.catalogue.connected = False
    assert told() == (True, "AVAILABLE")
    bench.catalogue.connected = True
    bench.become("server2", NodeState.SUSPECT)
    assert told() == (True, "AVAILABLE")
    for gone in (NodeState.DEAD, NodeState.LEFT):
        bench.become("server2", gone)
        assert told() == (True, "UNKNOWN")
        assert bench.ids(available=True) == []
    bench.view.hear(availability("server3.a"), (1, 0), NOW)
    assert bench.catalogue.page(Filters(node="server3"), "", 5)[0][0]["stale"]
    assert bench.catalogue.foreign("server9.a") is None


async def test_a_foreign_calendar_says_how_far_it_can_be_trusted(bench: Bench) -> None:
    """A node tells its next windows only; what lies behind them is unknown and must not look free."""
    busy = [[NOW + n * HOUR, NOW + n * HOUR + 1] for n in range(4)]
    bench.foreign("server2.a", busy=busy, known_until_ms=NOW + 5 * HOUR)

    def told(from_ms: int, until_ms: int, limit: int = 9) -> tuple[int, int]:
        windows = bench.catalogue.foreign_windows("server2.a", from_ms, until_ms, limit)
        assert windows is not None
        return len(windows["busy"]), windows["known_until_ms"] - NOW

    assert told(NOW, NOW + 9 * HOUR) == (4, 5 * HOUR)
    assert told(NOW, NOW + 3 * HOUR) == (3, 3 * HOUR)
    assert told(NOW + 1, NOW + 9 * HOUR) == (3, 5 * HOUR)
    assert told(NOW, NOW + 9 * HOUR, limit=2) == (2, HOUR + 1)
    assert bench.catalogue.foreign_windows("server9.a", NOW, NOW + 1, 9) is None


async def test_distance_is_the_great_circle(bench: Bench) -> None:
    """Known distances, and the poles and the date line, where a flat map goes wrong."""
    assert Near(0, 0, 1).distance_m(0, 1) == pytest.approx(111_195, abs=1)
    assert Near(-8.05, -34.9, 1).distance_m(-23.55, -46.63) == pytest.approx(2_130_000, rel=0.01)
    assert Near(0, 179.9, 1).distance_m(0, -179.9) == pytest.approx(22_239, abs=1)
    assert Near(90, 0, 1).distance_m(90, 123) == pytest.approx(0, abs=1e-6)
    assert Near(90, 0, 1).distance_m(-90, 7) == pytest.approx(20_015_115, abs=1)
    await bench.own("west", location=Location(0, 179.9))
    await bench.own("nowhere", location=Location())
    bench.foreign("server2.east", location={"lat": 0.0, "lon": -179.95, "address": None})
    assert bench.ids(near=Near(0, -179.9, 30_000)) == ["server2.east", "server1.west"]
    assert bench.ids(near=Near(0, -179.9, 20_000)) == ["server2.east"]


async def test_a_cursor_of_a_point_that_is_not_there_loses_nothing(bench: Bench) -> None:
    """Anybody may send any id as a cursor."""
    for slug in "bdf":
        await bench.own(slug)
    assert bench.ids(after="server1.c") == ["server1.d", "server1.f"]
    assert bench.ids(after="server9.z") == []
    near = Near(-8.0, -34.9, 1_000)
    assert bench.ids(after="server1.c", near=near) == ["server1.b", "server1.d", "server1.f"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(data=st.data())
async def test_pages_put_together_are_the_whole_list(data: st.DataObject) -> None:
    """Whatever the filter, the order and the size of a page: nothing lost, nothing twice, and an end."""
    bench = Bench()
    for number in range(data.draw(st.integers(0, 8))):
        place = Location(-8.0, -34.9 + data.draw(st.integers(0, 3)) / 10)
        await bench.own(f"p{number}", max_power_w=data.draw(st.sampled_from([1, 2])), location=place)
    for number in range(data.draw(st.integers(0, 4))):
        bench.foreign(f"server{data.draw(st.sampled_from([0, 2]))}.f{number}", location={"lat": -8.0, "lon": -34.9})
    near = data.draw(st.sampled_from([None, Near(-8.0, -34.9, 15_000)]))
    filters = Filters(near=near, min_power_w=data.draw(st.sampled_from([None, 2])))
    whole, following = bench.catalogue.page(filters, "", 100)
    assert following is None
    paged, cursor, limit = [], "", data.draw(st.integers(1, 4))
    while cursor is not None:
        items, cursor = bench.catalogue.page(filters, cursor, limit)  # type: ignore[assignment]
        assert items or not whole or filters.min_power_w, "a cursor that leads nowhere"
        paged += items
    assert paged == whole


async def test_points_of_a_removed_node_leave_the_list(bench: Bench) -> None:
    """The list is kept in order of id; one that goes while another comes must be noticed."""
    bench.foreign("server2.a")
    bench.foreign("server3.a")
    assert bench.ids() == ["server2.a", "server3.a"]
    bench.view.forget_node("server2")
    bench.foreign("server3.b")
    assert bench.ids() == ["server3.a", "server3.b"]
