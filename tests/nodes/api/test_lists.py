"""What a driver has, on whichever node it is: one list, the newest first, that says what is missing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest

from nodes.config import Limits
from tests.nodes.peers.strange_owner import answers, hang, strange_owner
from tests.nodes.running import MINUTE, Client, Reply, free_port, running_node


async def three(folder: Path, stack: AsyncExitStack) -> list[Client]:
    """Have three nodes that know each other, with a point each; the last is the first to go."""
    names = ("server1", "server2", "server3")
    ports = {name: free_port() for name in names}
    nodes = []
    for name in names:
        peers = {other: f"http://127.0.0.1:{port}" for other, port in ports.items() if other != name}
        nodes.append(await stack.enter_async_context(running_node(folder / name, name, port=ports[name], peers=peers)))
        assert (await nodes[-1].create()).status == 201
    return nodes


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[list[Client]]:
    async with AsyncExitStack() as stack:
        yield await three(tmp_path, stack)


async def listed(client: Client, path: str) -> list[dict[str, Any]]:
    """Return everything on all pages, and make sure that nothing is missing."""
    items, reply = [], await client.get(path)
    while True:
        assert reply.status == 200, reply.body
        assert reply.body["missing"] == []
        items += reply.body["items"]
        if reply.body["next_cursor"] is None:
            assert "Link" not in reply.headers
            return items
        link = reply.headers["Link"]
        assert link.startswith("</v1/") and link.endswith('>; rel="next"')
        reply = await client.get(link[1 : link.index(">")])


def ids(reply: Reply) -> list[str]:
    return [item["id"] for item in reply.body["items"]]


async def test_a_reservation_made_at_one_node_is_listed_at_every_other(nodes: list[Client]) -> None:
    """Whatever device it was made on, whichever owner it is at: the ids need not be kept anywhere."""
    made = []
    for number in range(9):
        node = nodes[number % 3]
        reply = await node.reserve(60 + 40 * number)
        assert reply.status == 201
        made.append(reply.body)
        assert (await node.reserve(60 + 40 * number + 1_000, driver_id="eva")).status == 201
    newest = sorted(made, key=lambda held: (held["created_ms"], held["id"]), reverse=True)
    for node in nodes:
        for limit in (1, 2, 4, 100):
            assert await listed(node, f"/v1/reservations?driver_id=ana&limit={limit}") == newest
    own = [held for held in newest if held["id"].startswith("server2.")]
    for node in nodes:
        assert await listed(node, "/v1/reservations?driver_id=ana&node=server2&limit=2") == own
        assert await listed(node, "/v1/reservations?driver_id=ana&point_id=server2.centro-01") == own
    assert len(await listed(nodes[0], "/v1/reservations?point_id=server2.centro-01&limit=2")) == 6


async def test_what_is_in_force_is_listed_apart_from_what_is_over(nodes: list[Client]) -> None:
    """A client asks for what is coming at every change, and for the past when somebody looks at it."""
    kept = (await nodes[1].reserve(60)).body
    over = (await nodes[2].reserve(60)).body
    assert (await nodes[0].send("DELETE", f"/v1/reservations/{over['id']}")).status == 200
    charge = (await nodes[2].post("/v1/points/server3.centro-01/start", {"driver_id": "ana"})).body
    in_force = await nodes[0].get("/v1/reservations?driver_id=ana&active=true")
    assert ids(in_force) == [charge["reservation_id"], kept["id"]]
    past = await nodes[0].get("/v1/reservations?driver_id=ana&active=false")
    assert [(held["id"], held["status"]) for held in past.body["items"]] == [(over["id"], "CANCELED")]
    assert ids(await nodes[0].get("/v1/sessions?driver_id=ana&active=true")) == [charge["id"]]
    assert (await nodes[0].post(f"/v1/sessions/{charge['id']}/stop")).status == 200
    assert ids(await nodes[0].get("/v1/sessions?driver_id=ana&active=true")) == []
    assert ids(await nodes[1].get("/v1/sessions?driver_id=ana&active=false")) == [charge["id"]]


async def test_trips_and_their_stops_are_listed_at_every_node(nodes: list[Client]) -> None:
    """The trip by its coordinator, the stops by their owners."""
    at_ms = nodes[0].node.clock.now_ms() + 60 * MINUTE
    trips = []
    for number, points in enumerate((("server3", "server1"), ("server2", "server3"))):
        stops = [
            {
                "point_id": f"{name}.centro-01",
                "start_ms": at_ms + (4 * number + n) * 30 * MINUTE,
                "end_ms": at_ms + (4 * number + n + 1) * 30 * MINUTE,
            }
            for n, name in enumerate(points)
        ]
        planned = await nodes[0].post(
            "/v1/trips", {"driver_id": "ana", "stops": stops}, headers={"Idempotency-Key": f"{number}"}
        )
        assert planned.status == 201, planned.body
        trips.append(planned.body)
    for node in nodes:
        found = await listed(node, "/v1/trips?driver_id=ana&limit=1")
        assert [trip["id"] for trip in found] == [trip["id"] for trip in reversed(trips)]
        held = await listed(node, "/v1/reservations?driver_id=ana&limit=3")
        assert {stop["id"] for stop in held} == {stop["id"] for trip in trips for stop in trip["stops"]}
        assert {stop["trip_id"] for stop in held} == {trip["id"] for trip in trips}


async def test_a_node_that_is_away_is_named_and_the_rest_is_told(tmp_path: Path) -> None:
    """A list that silently lacks a company's reservations would tell a driver that they have none there."""
    async with AsyncExitStack() as stack:
        nodes = await three(tmp_path, stack)
        made = [(await node.reserve(60)).body["id"] for node in nodes]
    peers = {"server2": f"http://127.0.0.1:{free_port()}"}
    async with running_node(tmp_path / "server1", "server1", peers=peers) as alone:
        for path in ("reservations", "sessions", "trips"):
            reply = await alone.get(f"/v1/{path}?driver_id=ana")
            assert reply.status == 200
            (missing,) = reply.body["missing"]
            assert (missing["node"], missing["type"]) == ("server2", "urn:recarga:problem:owner-unreachable")
            assert missing["detail"]
        assert ids(await alone.get("/v1/reservations?driver_id=ana")) == [made[0]]
        one = await alone.get("/v1/reservations?driver_id=ana&node=server2")
        assert (one.status, one.problem) == (503, "owner-unreachable")
        assert (await alone.get("/v1/reservations?driver_id=ana&node=server9")).problem == "unknown-node"


async def test_a_node_that_hangs_costs_no_more_than_the_bound(tmp_path: Path) -> None:
    """What is known by then is told."""
    limits = Limits(list_ms=300)
    async with strange_owner(hang) as owner:
        peers = {"server2": owner.url}
        async with running_node(tmp_path, "server1", limits=limits, peers=peers) as client:
            await client.create()
            made = (await client.reserve()).body["id"]
            reply = await asyncio.wait_for(client.get("/v1/reservations?driver_id=ana"), 4)
            assert ids(reply) == [made]
            assert [(each["node"], each["type"]) for each in reply.body["missing"]] == [
                ("server2", "urn:recarga:problem:owner-timeout")
            ]


RIGHT = {"id": "server2.a.r1-2", "created_ms": 5, "driver_id": "ana"}
STRANGE = {
    "another's": RIGHT | {"driver_id": "eva"},
    "another node's": RIGHT | {"id": "server1.a.r1-2"},
    "no id": RIGHT | {"id": None},
    "no time": RIGHT | {"created_ms": "5"},
    "a time that is a word": RIGHT | {"created_ms": True},
    "nothing": None,
}


@pytest.mark.parametrize("item", STRANGE.values(), ids=STRANGE.keys())
async def test_a_node_speaks_of_what_it_has_and_was_asked_for_only(tmp_path: Path, item: object) -> None:
    """Else one company could put reservations at another, or of another, before a driver."""
    page = orjson.dumps({"items": [RIGHT, item], "next_cursor": None, "missing": []})
    async with strange_owner(answers("200 OK", page)) as owner:
        async with running_node(tmp_path, "server1", peers={"server2": owner.url}) as client:
            reply = await client.get("/v1/reservations?driver_id=ana")
            assert reply.status == 200
            assert reply.body["items"] == []
            assert [each["node"] for each in reply.body["missing"]] == ["server2"]


@pytest.mark.parametrize("page", [b"[]", b"{}", b'{"items": 5}', b'{"items": {}}', b'{"items": [', b"\xff"])
@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "503 Service Unavailable"])
async def test_what_is_no_list_is_missing(tmp_path: Path, page: bytes, status: str) -> None:
    """Whatever answers there may be anybody."""
    async with strange_owner(answers(status, page)) as owner:
        async with running_node(tmp_path, "server1", peers={"server2": owner.url}) as client:
            reply = await client.get("/v1/trips?driver_id=ana")
            assert (reply.status, reply.body["items"]) == (200, [])
            (missing,) = reply.body["missing"]
            assert missing["node"] == "server2"
            assert missing["type"] == "urn:recarga:problem:owner-timeout"


async def test_too_many_lists_at_once_are_refused(tmp_path: Path) -> None:
    """Each of them asks every node: somebody who wants many must wait for some."""
    async with strange_owner(hang) as owner:
        limits = Limits(list_ms=1_500, lists_max=2)
        async with running_node(tmp_path, "server1", limits=limits, peers={"server2": owner.url}) as client:
            replies = await asyncio.gather(*(client.get("/v1/reservations?driver_id=ana") for _ in range(5)))
            assert sorted(reply.status for reply in replies) == [200, 200, 503, 503, 503]
            assert (await client.get("/v1/reservations?driver_id=ana")).status == 200


@pytest.mark.parametrize("path", ["/v1/reservations", "/v1/sessions", "/v1/trips"])
async def test_without_keys_somebody_is_named(client: Client, path: str) -> None:
    """Who drives is not known otherwise, and everybody's is nobody's business."""
    refused = await client.get(path)
    assert (refused.status, refused.problem) == (422, "invalid-request")
    assert [error["field"] for error in refused.body["errors"]] == ["driver_id"]
    assert (await client.get(f"{path}?driver_id=ana")).body == {"items": [], "next_cursor": None, "missing": []}
