"""Whoever says to be a node and is none; a node that speaks for another; messages of trips that are not theirs to send."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from nodes.domain.commands import CommitStop, PrepareStop
from nodes.domain.ids import owner_of
from nodes.request import Request
from tests.nodes.attacks.network import Network, network
from tests.nodes.running import MINUTE

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("nodes"), "server1", "server2") as made:
        yield made


async def test_nodes_with_the_same_keys_work_together(net: Network) -> None:
    """Forwarding both ways, trips over both, probes: the tests below would prove nothing if nothing got through."""
    for at, point in (("server1", "server2.a"), ("server2", "server1.a")):
        ana = net.caller("driver", "ana", at=at)
        made = await ana.reserve(point)
        assert (made.status, made.body["driver_id"]) == (201, "ana")
        assert (await ana.get(f"/v1/reservations/{made.body['id']}")).status == 200
        assert (await ana.get(f"/v1/points/{point}?fresh=true")).status == 200
        assert (
            await net.caller("operator", "root", at=at).send("PATCH", f"/v1/points/{point}", {"name": "N"})
        ).status == 200
        assert (
            await ana.trip("server1.a", "server2.a", key=f"t-{at}", minute=300 if at == "server1" else 600)
        ).status == 201


@pytest.mark.parametrize(
    "header", ["Recarga-Forwarded-By", "Recarga-Epoch", "Recarga-Met-Epoch", "Recarga-On-Behalf-Of"]
)
@pytest.mark.parametrize("role", ["driver", "operator", "reader", None])
async def test_a_claim_to_be_a_node_takes_a_nodes_token(net: Network, header: str, role: str | None) -> None:
    """Forwarded requests are never handed on again, and epochs fence: both are levers for who may pull them."""
    token = net.ring.token("driver", "ana")
    caller = net.guest() if role is None else net.caller(role, "eve")
    value = {"Recarga-Forwarded-By": "server2", "Recarga-On-Behalf-Of": token}.get(header, "999999")
    refused = await caller.get("/v1/points/server1.a?fresh=true", **{header: value})
    assert (refused.status, refused.problem) == (401, "untrusted-node")
    assert net.nodes["server2"].standing.refusal is None


async def test_a_node_speaks_for_itself_only(net: Network) -> None:
    """Neither as another, nor for a caller who is a node, nor in another's ping, nor about another's trip."""
    node = net.caller("node", "server9")
    assert (await node.get("/v1/snapshot", Recarga_Forwarded_By="server2")).problem == "untrusted-node"
    behalf = net.ring.token("node", "server2")
    assert (await node.get("/v1/snapshot", Recarga_On_Behalf_Of=behalf)).problem == "untrusted-node"
    ping = {
        "tidings": {
            "sender": {"node": "server2", "state": "LEFT", "epoch": 9, "incarnation": 9},
            "points": 0, "ver": 0, "points_hash": None, "members_hash": "", "met": 0,
        }
    }  # fmt: skip
    assert (await node.send("POST", "/v1/ping", ping)).problem == "forbidden"
    stop = {"trip_id": "server2.trip.t1-1", "point_id": "server1.a", "stop": 0}
    assert (await node.send("POST", "/v1/stops/abort", stop)).problem == "forbidden"
    assert (await node.get("/v1/trips/server1.trip.t1-1/decision?reservation_id=server2.a.r1-2")).problem == "forbidden"
    assert net.nodes["server1"].view.nodes["server2"].shown[0] == "ALIVE"


async def test_a_token_handed_on_is_judged_by_who_owns_the_point(net: Network) -> None:
    """A node that has been taken over still cannot make a driver another one, nor one that has expired."""
    node = net.caller("node", "server2")
    at_ms = net.nodes["server1"].clock.now_ms() + 900 * MINUTE
    body = {"point_id": "server1.a", "driver_id": "ana", "start_ms": at_ms, "end_ms": at_ms + 30 * MINUTE}
    for behalf, status in (
        (net.ring.token("driver", "eve"), 403),
        (net.ring.token("driver", "ana", lifetime_s=1, age_s=5), 401),
        (net.ring.token("reader", "ana"), 403),
        (net.ring.token("driver", "ana"), 201),
    ):
        answer = await node.send(
            "POST", "/v1/reservations", body,
            Recarga_Forwarded_By="server2", Recarga_On_Behalf_Of=behalf, Idempotency_Key="handed-on",
        )  # fmt: skip
        assert answer.status == status, answer.body


@pytest.mark.parametrize("role", ["driver", "operator", "reader", None])
async def test_messages_of_trips_are_for_nodes(net: Network, role: str | None) -> None:
    """A driver who could prepare, commit or abort would hold windows for ever, or take others'."""
    before = net.nodes["server1"].server.journal.ver
    caller = net.guest() if role is None else net.caller(role, "eve")
    at_ms = net.nodes["server1"].clock.now_ms() + 60 * MINUTE
    trip = {"trip_id": "server2.trip.t1-1", "point_id": "server1.a", "stop": 0}
    prepare = trip | {"driver_id": "eve", "start_ms": at_ms, "end_ms": at_ms + 30 * MINUTE}
    for method, path, body in (
        ("POST", "/v1/stops", prepare),
        ("POST", "/v1/stops/server1.a.r1-2/commit", {"trip_id": "server2.trip.t1-1"}),
        ("POST", "/v1/stops/abort", trip),
        ("GET", "/v1/stops?point_id=server1.a&trip_id=server2.trip.t1-1", None),
        ("GET", "/v1/trips/server1.trip.t1-1/decision?reservation_id=server2.a.r1-2", None),
    ):
        refused = await caller.send(method, path, body, Idempotency_Key="k")
        assert refused.status == (401 if role is None else 403), (method, path)
    assert net.nodes["server1"].server.journal.ver == before


async def test_a_replayed_message_of_a_trip_changes_nothing(net: Network) -> None:
    """Heard once on the wire and sent again: under its key, after the decision, and from an epoch that is over."""
    server1, server2 = net.nodes["server1"], net.nodes["server2"]
    planned = await net.caller("driver", "ana", at="server2").trip(
        "server2.a", "server1.a", key="replayed", minute=3_000
    )
    assert planned.status == 201
    trip = planned.body["id"]
    assert owner_of(trip) == "server2"
    stop = planned.body["stops"][1]
    node = net.caller("node", "server2")
    epoch = str(server2.server.epoch)
    prepare = {
        "point_id": "server1.a", "trip_id": trip, "stop": 1, "driver_id": "ana",
        "start_ms": stop["start_ms"], "end_ms": stop["end_ms"], "points": ["server2.a"],
    }  # fmt: skip
    sent = {"Recarga_Forwarded_By": "server2", "Recarga_Epoch": epoch, "Idempotency_Key": f'"{trip}/1.0"'}
    mine = net.caller("driver", "ana")
    while (await mine.get(f"/v1/reservations/{stop['id']}")).body["status"] != "RESERVED":
        await asyncio.sleep(0.01)  # its commit is on its way
    before = server1.server.journal.ver
    again = await node.send("POST", "/v1/stops", prepare, **sent)
    assert (again.status, again.body["id"]) == (201, stop["id"])
    committed = await node.send(
        "POST", f"/v1/stops/{stop['id']}/commit", {"trip_id": trip}, Recarga_Forwarded_By="server2", Recarga_Epoch=epoch
    )
    assert committed.status == 200
    aborted = await node.send(
        "POST",
        "/v1/stops/abort",
        {"point_id": "server1.a", "trip_id": trip, "stop": 1},
        Recarga_Forwarded_By="server2",
        Recarga_Epoch=epoch,
    )
    assert aborted.problem == "unknown-reservation"
    old = await node.send("POST", "/v1/stops", prepare, **sent | {"Recarga_Epoch": "0", "Idempotency_Key": "new"})
    assert (old.status, old.problem) == (409, "stale-epoch")
    await server1.server.flushed()
    assert server1.server.journal.ver == before
    assert (await mine.get(f"/v1/reservations/{stop['id']}")).body["status"] == "RESERVED"


async def test_a_node_without_our_keys_is_a_stranger(net: Network, tmp_path_factory: pytest.TempPathFactory) -> None:
    """It gets nothing from the others, and says to its own callers that they do not answer."""
    async with network(tmp_path_factory.mktemp("strangers"), "server3") as others:
        stranger = others.nodes["server3"]
        stranger.view.configure("server1", net.nodes["server1"].url)
        reached = await others.caller("driver", "ana", at="server3").reserve("server1.a")
        assert (reached.status, reached.problem, reached.body["outcome"]) == (503, "owner-unreachable", "none")
        assert "keys" in reached.body["detail"]
        for action in (
            PrepareStop("server3.trip.t1-1", 0, "eve", 1, 2),
            CommitStop("server1.a.r1-2", "server3.trip.t1-1"),
        ):
            answer = await stranger.settle(stranger.handle(Request("server1.a", action, "k")))
            assert answer.status == 503
        assert "server3" not in net.nodes["server1"].view.nodes


async def test_a_node_gives_back_stops_of_its_own_trips_only(net: Network) -> None:
    """With a node's key alone nobody cancels a driver's reservation, nor another coordinator's stop: to it there are none."""
    ana = net.caller("driver", "ana")
    plain = (await ana.reserve(minute=4_000)).body["id"]
    hers = net.caller("driver", "ana", at="server2")
    planned = await hers.trip("server2.a", "server1.a", key="hers", minute=4_100)
    stop = planned.body["stops"][1]["id"]
    while (await ana.get(f"/v1/reservations/{stop}")).body["status"] != "RESERVED":
        await asyncio.sleep(0.01)  # its commit is on its way
    thief, coordinator = net.caller("node", "server9"), net.caller("node", "server2")
    for node, reservation in (
        (thief, plain),
        (coordinator, plain),
        (thief, stop),
        (thief, "server1.a.r1-9999"),
    ):
        for whose in ("", "?driver_id=ana"):
            refused = await node.send("DELETE", f"/v1/reservations/{reservation}{whose}")
            assert refused.problem == "unknown-reservation", (reservation, refused.body)
    for reservation in (plain, stop):
        assert (await ana.get(f"/v1/reservations/{reservation}")).body["status"] == "RESERVED"
    assert (await coordinator.send("DELETE", f"/v1/reservations/{stop}")).body["status"] == "CANCELED"
    assert (await coordinator.send("DELETE", f"/v1/reservations/{stop}")).status == 200, "again changes nothing"
    assert (await thief.send("DELETE", f"/v1/reservations/{stop}")).problem == "unknown-reservation", (
        "also when it is over"
    )
    assert (await ana.send("DELETE", f"/v1/reservations/{plain}")).status == 200


async def test_a_node_reserves_for_nobody_on_its_own(net: Network) -> None:
    """Its key is no driver's: it reserves, plugs in and plans with the token of who wants it."""
    for sub in ("server2", "server9"):
        node = net.caller("node", sub)
        assert (await node.reserve(minute=5_000, driver_id="ana")).problem == "forbidden"
        assert (await node.trip("server1.a", key="nobodys", minute=5_000, driver_id="ana")).problem == "forbidden"
        assert (await node.send("POST", "/v1/points/server1.a/start", {"driver_id": "ana"})).problem == "forbidden"


async def test_nothing_is_promised_to_who_could_not_be_asked(net: Network) -> None:
    """A stop is held until its coordinator says what became of it: one that nobody knows would hold it for ever."""
    server1 = net.nodes["server1"]
    before, at_ms = server1.server.journal.ver, server1.clock.now_ms() + 6_000 * MINUTE
    prepare = {
        "point_id": "server1.a", "trip_id": "server9.trip.t1-1", "stop": 0, "driver_id": "zed",
        "start_ms": at_ms, "end_ms": at_ms + 30 * MINUTE,
    }  # fmt: skip
    for claims in ({}, {"Recarga_Forwarded_By": "server9", "Recarga_Epoch": "1"}):
        refused = await net.caller("node", "server9").send(
            "POST", "/v1/stops", prepare, Idempotency_Key="server9.trip.t1-1/0.0", **claims
        )
        assert (refused.status, refused.problem) == (404, "unknown-node")
    assert server1.server.journal.ver == before
