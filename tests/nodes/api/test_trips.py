"""Planning trips over HTTP, as a driver's app does it: on two real nodes, all stops or none."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nodes.peers.wire import timing_from
from tests.nodes.running import MINUTE, Client, Reply, free_port, running_node

FIRST, SECOND = "server1.centro-01", "server2.centro-01"
Wish = dict[str, Any]


@dataclass
class Network:
    """Two nodes that know of each other, with a point each."""

    nodes: list[Client]
    now_ms: int

    def wish(self, hour: float, hours: float = 1, **where: Any) -> Wish:
        start_ms = self.now_ms + int(hour * 60) * MINUTE
        return {"start_ms": start_ms, "end_ms": start_ms + int(hours * 60) * MINUTE, **where}

    async def plan(self, *stops: Wish, key: str | None = "k", via: int = 0, **more: Any) -> Reply:
        headers = {} if key is None else {"Idempotency-Key": key}
        body = {"driver_id": "ana", "stops": list(stops), **more}
        return await self.nodes[via].post("/v1/trips", body, headers=headers)

    async def busy(self) -> list[tuple[str, int]]:
        """Return what the owners' calendars hold, promises too."""
        held = []
        for node, point in zip(self.nodes, (FIRST, SECOND), strict=True):
            calendar = (await node.get(f"/v1/points/{point}/calendar")).body
            held += [(point, window[0]) for window in calendar["busy"]]
            found = node.node.server.point(point)
            assert found is not None
            assert found.in_doubt == {}, "something stays promised"
        return held


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    ports = [free_port(), free_port()]
    async with AsyncExitStack() as stack:
        nodes = []
        for at, name in enumerate(("server1", "server2")):
            peers = {f"server{2 - at}": f"http://127.0.0.1:{ports[1 - at]}"}
            node = running_node(tmp_path / name, name, port=ports[at], peers=peers)
            nodes.append(await stack.enter_async_context(node))
            assert (await nodes[at].create(location={"lat": -8.06 - at, "lon": -34.87})).status == 201
        yield Network(nodes, nodes[0].node.clock.now_ms())


async def test_a_trip_says_where_its_time_went_if_it_is_asked(network: Network) -> None:
    """Among real nodes as in virtual time; nobody waits longer than the answer took."""
    stops = (network.wish(1, point_id=FIRST), network.wish(3, point_id=SECOND))
    body = {"driver_id": "ana", "stops": list(stops)}
    for via, key, status in ((0, "k", 201), (1, "k", 201), (1, "k2", 409)):
        headers = {"Idempotency-Key": key, "Recarga-Timing": "?1"}
        asked_s = time.perf_counter()
        reply = await network.nodes[via].post("/v1/trips", body, headers=headers)
        took_s = time.perf_counter() - asked_s
        assert reply.status == status
        timing = timing_from(reply.headers["Server-Timing"])
        assert timing is not None
        assert 0 < sum(timing) < took_s
        assert timing.forward_s > 0, "a stop, or the coordinator, is another node's"
    assert "Server-Timing" not in (await network.plan(*stops)).headers


async def test_a_trip_is_planned_told_and_cancelled(network: Network) -> None:
    """The way every driver goes."""
    stops = network.wish(1, point_id=FIRST), network.wish(3, point_id=SECOND)
    made = await network.plan(*stops)
    assert made.status == 201
    trip = made.body
    assert made.headers["Location"] == f"/v1/trips/{trip['id']}"
    assert (trip["status"], trip["driver_id"], trip["coordinator"]) == ("CONFIRMED", "ana", "server1")
    told = [(stop["point_id"], stop["start_ms"], stop["end_ms"], stop["status"]) for stop in trip["stops"]]
    assert told == [(wish["point_id"], wish["start_ms"], wish["end_ms"], "RESERVED") for wish in stops]
    assert [(await node.get(made.headers["Location"])).body for node in network.nodes] == [trip, trip]
    for stop in trip["stops"]:
        reservation = (await network.nodes[0].get(f"/v1/reservations/{stop['id']}")).body
        assert (reservation["status"], reservation["trip_id"]) == ("RESERVED", trip["id"])
    assert await network.busy() == [(FIRST, stops[0]["start_ms"]), (SECOND, stops[1]["start_ms"])]

    canceled = await network.nodes[1].send("DELETE", made.headers["Location"], params={"driver_id": "ana"})
    assert (canceled.status, canceled.body["status"]) == (200, "CANCELED")
    assert [stop["status"] for stop in canceled.body["stops"]] == ["CANCELED", "CANCELED"]
    again = await network.nodes[0].send("DELETE", made.headers["Location"])
    assert (again.status, again.body) == (200, canceled.body)
    assert await network.busy() == []


async def test_a_stop_that_is_taken_is_named_with_the_next_free_window(network: Network) -> None:
    """The app can move that stop with one tap; and nothing of the trip is held meanwhile."""
    taken = (await network.nodes[1].reserve(180, 60)).body
    stops = network.wish(1, point_id=FIRST), network.wish(3.5, point_id=SECOND)
    refused = await network.plan(*stops)
    assert (refused.status, refused.problem, refused.body["stop"]) == (409, "window-taken", 1)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.body["next_free_start_ms"] == taken["end_ms"]
    assert refused.body["outcome"] == "none"
    assert await network.busy() == [(SECOND, taken["start_ms"])]
    told = await network.nodes[1].get(f"/v1/trips/{refused.body['trip_id']}")
    assert (told.body["status"], told.body["reason"], told.body["failed_stop"]) == ("ABORTED", "window-taken", 1)
    over = await network.nodes[0].send("DELETE", f"/v1/trips/{refused.body['trip_id']}")
    assert (over.status, over.problem) == (409, "trip-over")
    free = {"start_ms": refused.body["next_free_start_ms"], "end_ms": refused.body["next_free_end_ms"]}
    assert (await network.plan(stops[0], {"point_id": SECOND, **free}, key="k2")).status == 201


async def test_the_same_key_gets_the_same_bytes_from_both_nodes(network: Network) -> None:
    """P4 from any node: a driver whose answer was lost may ask the other one."""
    stops = [network.wish(1, point_id=FIRST), network.wish(3, point_id=SECOND)]
    for key, wishes, status in (("made", stops, 201), ("refused", stops, 409)):
        answers = []
        for node in network.nodes * 2:
            body, headers = {"driver_id": "ana", "stops": wishes}, {"Idempotency-Key": key}
            async with node.session.post(node.url + "/v1/trips", json=body, headers=headers) as response:
                answers.append((response.status, await response.read(), response.headers.get("Location")))
        assert answers == [answers[0]] * 4
        assert answers[0][0] == status
    assert len(await network.busy()) == 2
    other = await network.plan(network.wish(5, point_id=FIRST), key="made", via=1)
    assert (other.status, other.problem) == (422, "idempotency-key-reused")


async def test_rfc_3339_and_milliseconds_are_the_same_trip(network: Network) -> None:
    """People write times; programs count them; a retry may do either."""
    wish = network.wish(1, point_id=FIRST)
    texts = {
        name: datetime.fromtimestamp(wish[f"{name}_ms"] / 1000, UTC).isoformat(timespec="milliseconds")
        for name in ("start", "end")
    }
    made = await network.plan({"point_id": FIRST, **texts})
    again = await network.plan(wish)
    assert (made.status, again.body) == (201, made.body)
    assert made.body["stops"][0]["start_ms"] == wish["start_ms"]


async def test_alternatives_and_places_are_tried(network: Network) -> None:
    """The first of any, and whatever is near and free."""
    near = {"lat": -9.06, "lon": -34.87, "radius_m": 1_000}
    await network.nodes[0].reserve(60, 60)
    made = await network.plan(network.wish(1, any_of=[FIRST, SECOND]), network.wish(2, any_of=[SECOND, FIRST]))
    assert [stop["point_id"] for stop in made.body["stops"]] == [SECOND, SECOND]
    placed = await network.plan(network.wish(4, near=near), key="k2", coordinator="server2", via=0)
    assert (placed.status, placed.body["coordinator"], placed.body["stops"][0]["point_id"]) == (201, "server2", SECOND)
    nowhere = await network.plan(network.wish(6, near=near | {"lat": 0.0}), key="k3", coordinator="server2")
    assert (nowhere.status, nowhere.problem, nowhere.body["stop"]) == (409, "no-point-fits", 0)
    assert len(await network.busy()) == 4


NEAR = {"lat": -8.06, "lon": -34.87, "radius_m": 1_000}
CASES: dict[str, tuple[list[tuple[float, float, dict[str, Any]]], int, str, int | None]] = {
    "overlap": ([(1, 1, {"point_id": FIRST}), (1.5, 1, {"point_id": SECOND})], 422, "stops-overlap", 1),
    "in the wrong order": ([(3, 1, {"point_id": FIRST}), (1, 1, {"point_id": SECOND})], 422, "stops-overlap", 1),
    "past": ([(-5, 1, {"point_id": FIRST}), (3, 1, {"point_id": SECOND})], 422, "window-in-past", 0),
    "no such point": ([(1, 1, {"point_id": FIRST}), (3, 1, {"point_id": "server2.nowhere"})], 404, "unknown-point", 1),
    "no such node": ([(1, 1, {"point_id": FIRST}), (3, 1, {"point_id": "server9.a"})], 404, "unknown-node", 1),
    "beyond": (
        [(1, 1, {"point_id": FIRST}), (24 * 365, 1, {"point_id": SECOND})],
        422,
        "window-beyond-horizon",
        1,
    ),
    "too short": ([(1, 1, {"point_id": FIRST}), (3, 1 / 60, {"point_id": SECOND})], 422, "window-too-short", 1),
    "too long": ([(1, 1, {"point_id": FIRST}), (3, 25, {"point_id": SECOND})], 422, "window-too-long", 1),
    "backwards": ([(1, 1, {"point_id": FIRST}), (3, -1, {"point_id": SECOND})], 422, "window-invalid", 1),
    "nobody decides": ([(1, 1, {"near": NEAR})], 422, "coordinator-missing", None),
}


@pytest.mark.parametrize(("wishes", "status", "slug", "stop"), CASES.values(), ids=CASES)
async def test_a_trip_that_cannot_be_says_why_and_holds_nothing(
    network: Network, wishes: list[tuple[float, float, dict[str, Any]]], status: int, slug: str, stop: int | None
) -> None:
    """The stop's own problem, with its number; whichever node is asked; and no owner keeps a promise."""
    stops = [network.wish(hour, hours, **where) for hour, hours, where in wishes]
    for via, key in enumerate("ab"):
        refused = await network.plan(*stops, key=key, via=via)
        assert (refused.status, refused.problem, refused.body.get("stop")) == (status, slug, stop), refused.body
        assert await network.busy() == []


MALFORMED: dict[str, Any] = {
    "no stop": [],
    "21 stops": [{"point_id": FIRST, "start_ms": n, "end_ms": n + 1} for n in range(21)],
    "a point twice": [{"any_of": [FIRST, SECOND, FIRST], "start_ms": 1, "end_ms": 2}],
    "any of none": [{"any_of": [], "start_ms": 1, "end_ms": 2}],
    "nowhere": [{"start_ms": 1, "end_ms": 2}],
    "two places": [{"point_id": FIRST, "near": NEAR, "start_ms": 1, "end_ms": 2}],
    "no end": [{"point_id": FIRST, "start_ms": 1}],
    "two starts": [{"point_id": FIRST, "start_ms": 1, "start": "2027-01-01T00:00:00Z", "end_ms": 2}],
}


@pytest.mark.parametrize("stops", MALFORMED.values(), ids=MALFORMED)
async def test_what_is_no_trip_is_refused_by_the_name_of_its_field(network: Network, stops: list[Wish]) -> None:
    """Before anybody is asked for anything."""
    refused = await network.plan(*stops)
    assert (refused.status, refused.problem) == (422, "invalid-request")
    assert {error["field"].split(".")[0] for error in refused.body["errors"]} == {"stops"}
    assert await network.busy() == []


async def test_twenty_stops_are_a_trip(network: Network) -> None:
    """The bound itself is inside."""
    stops = [network.wish(1 + at, point_id=(FIRST, SECOND)[at % 2]) for at in range(20)]
    assert (await network.plan(*stops)).status == 201
    assert len(await network.busy()) == 20


async def test_a_trip_without_a_key_is_refused(network: Network) -> None:
    """Else its retry would be a second trip."""
    refused = await network.plan(network.wish(1, point_id=FIRST), key=None)
    assert (refused.status, refused.problem) == (400, "idempotency-key-missing")
    assert await network.busy() == []


async def test_a_trip_that_is_not_there_is_unknown(network: Network) -> None:
    """At the node that asks, at the coordinator, and for another driver."""
    for name in ("server1.trip.t1-99", "server2.trip.t1-99"):
        for method in ("GET", "DELETE"):
            reply = await network.nodes[0].send(method, f"/v1/trips/{name}")
            assert (reply.status, reply.problem) == (404, "unknown-trip")
    made = (await network.plan(network.wish(1, point_id=FIRST))).body
    reply = await network.nodes[1].send("DELETE", f"/v1/trips/{made['id']}", params={"driver_id": "bob"})
    assert (reply.status, reply.problem) == (404, "unknown-trip")
    assert len(await network.busy()) == 1
