"""Who is there, over HTTP and without a broker: joining, asking, leaving, being removed, and being an old process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from nodes.config import Limits
from nodes.membership.members import Now
from nodes.tidings import TIDINGS, Claim, NodeState, Tidings
from tests.nodes.running import Client, running_node

LIMITS = Limits(probe_interval_ms=100, probe_timeout_ms=1_000, suspicion_mult=3, suspicion_max_mult=1)


@dataclass
class Network:
    """Running nodes, started and ended by the test."""

    folder: Path
    stack: AsyncExitStack

    async def node(self, node_id: str, *peers: Client, **settings: Any) -> Client:
        return await self.stack.enter_async_context(self.brief_node(node_id, *peers, **settings))

    def brief_node(self, node_id: str, *peers: Client, folder: str = "", **settings: Any) -> Any:
        known = {peer.node.id: peer.url for peer in peers}
        place = self.folder / folder
        place.mkdir(exist_ok=True)
        return running_node(place, node_id, limits=LIMITS, peers=known, **settings)


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    async with AsyncExitStack() as stack:
        yield Network(tmp_path, stack)


async def eventually(condition: Callable[[], Awaitable[object]], seconds: float = 20) -> None:
    """Wait until something is so; on a busy machine that may take a while."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def listed(client: Client) -> dict[str, Any]:
    return {item["id"]: item for item in (await client.get("/v1/nodes")).body["items"]}


async def sees(client: Client, **states: str | None) -> bool:
    found = await listed(client)
    return all(found.get(node_id, {}).get("state") == state for node_id, state in states.items())


def tidings(node_id: str, url: str, *, epoch: int = 1, met: int = 0) -> dict[str, Any]:
    """Return what a node would say of itself."""
    claim = Claim(node_id, NodeState.ALIVE, epoch, 0, url)
    told: dict[str, Any] = TIDINGS.dump_python(Tidings(claim, 0, 0, None, "", met), mode="json")
    return told


async def test_a_node_joins_by_being_pointed_at_one_peer(network: Network) -> None:
    """Without a broker: it learns of the others through that one, and they of it."""
    one = await network.node("server1")
    two = await network.node("server2", one)
    three = await network.node("server3", two)
    for client in (one, two, three):
        await eventually(lambda client=client: sees(client, server1="ALIVE", server2="ALIVE", server3="ALIVE"))
    item = (await listed(three))["server1"]
    assert (item["epoch"], item["url"], item["self"]) == (1, one.url, False)
    assert item["since_ms"] > 0
    await one.create("a")
    assert (await three.reserve(point_id="server1.a")).status == 201


async def test_who_says_farewell_has_left_and_is_removed_for_all(network: Network) -> None:
    """A node leaves; its points are UNKNOWN; an operator removes it; and when it comes back it is simply known again."""
    one = await network.node("server1")
    two = await network.node("server2", one)
    async with network.brief_node("server3", one) as three:
        await eventually(lambda: sees(two, server3="ALIVE"))
        refused = await two.send("DELETE", "/v1/nodes/server3")
        assert (refused.status, refused.problem) == (409, "node-alive")
        assert three.node.membership.members.claim.state is NodeState.ALIVE
    await eventually(lambda: sees(one, server3="LEFT"))
    await eventually(lambda: sees(two, server3="LEFT"))
    told = (await listed(one))["server3"]
    assert (told["reason"], told["reason_code"]) == ("it says farewell", "FAREWELL")
    assert told["reason_values"] == {"by": None, "probes": None, "indirect": None}
    assert (await listed(one))["server1"]["reason_code"] == "SELF"
    removed = await two.send("DELETE", "/v1/nodes/server3")
    assert (removed.status, removed.body["state"], removed.body["cleared"]) == (200, "REMOVED", False)
    await eventually(lambda: sees(two, server3=None))
    await eventually(lambda: sees(one, server3=None))
    await network.node("server3", two)
    await eventually(lambda: sees(one, server3="ALIVE"))


@pytest.mark.parametrize(
    ("node_id", "status", "slug"), [("server1", 409, "node-alive"), ("server9", 404, "unknown-node")]
)
async def test_oneself_and_strangers_are_not_removed(network: Network, node_id: str, status: int, slug: str) -> None:
    """A slip of the hand must not take a node off the map."""
    one = await network.node("server1")
    refused = await one.send("DELETE", f"/v1/nodes/{node_id}")
    assert (refused.status, refused.problem) == (status, slug)


async def test_a_node_that_stops_answering_is_suspected_dead_and_alive_again(network: Network) -> None:
    """With the reason in words; and watchers are told."""
    one = await network.node("server1")
    async with network.brief_node("server2", one) as two:
        port = int(two.url.rpartition(":")[2])
        await eventually(lambda: sees(one, server2="ALIVE"))
        two.node.membership.prober.fall_silent()
        two.node.handle = _never  # type: ignore[method-assign]
        await eventually(lambda: sees(one, server2="SUSPECT"))
        assert "no answer to" in (await listed(one))["server2"]["reason"]
        await eventually(lambda: sees(one, server2="DEAD"))
    await network.node("server2", one, port=port)
    await eventually(lambda: sees(one, server2="ALIVE"))
    assert (await listed(one))["server2"]["epoch"] == 2


async def _never(*_: object, **__: object) -> Any:
    await asyncio.Event().wait()


async def test_an_old_process_of_a_node_that_has_moved_serves_no_more(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    """Same id, its database taken along: two processes of one node would sell its points twice. Two peers say so."""
    one = await network.node("server1")
    old = await network.node("server2", one)
    three = await network.node("server3", one)
    await old.create("a")
    await eventually(lambda: sees(one, server2="ALIVE"))
    await eventually(lambda: sees(three, server2="ALIVE"))
    for _ in range(4):
        async with network.brief_node("server2", folder="moved"):
            pass
    await network.node("server2", one, folder="moved")

    async def refuses() -> bool:
        return (await old.get("/readyz")).status == 503

    await eventually(refuses)
    assert (await old.get("/readyz")).body["status"] == "refusing"
    for refused in (await old.reserve(point_id="server2.a"), await old.get("/v1/points")):
        assert (refused.status, refused.problem) == (503, "superseded")
        assert int(refused.headers["Retry-After"]) > 0
    assert (await old.get("/healthz")).status == 200
    assert any(record.levelname == "CRITICAL" and "epoch 5" in record.getMessage() for record in caplog.records)


async def test_one_stranger_stops_no_node(network: Network) -> None:
    """Who answers at an address that nobody vouches for may lie; what was asked of it fails, and that is all."""
    one = await network.node("server1")
    await one.create()
    await network.node("server2", one)
    await eventually(lambda: sees(one, server2="ALIVE"))
    membership = one.node.membership
    stranger = one.node.view.nodes["server2"]
    assert stranger.url is not None
    for vouched in (False, True):  # nor does it help to say so: this node's operator has not vouched for the stranger
        membership.supersede("server2", stranger.url, 9, vouched)
    membership.supersede("server9", "http://127.0.0.1:1", 9, True)
    assert (await one.get("/readyz")).status == 200
    stranger.is_configured = True
    membership.supersede("server2", "http://127.0.0.1:1", 9, True)
    assert (await one.get("/readyz")).status == 200, "its operator vouched for another address"


async def test_an_old_process_refuses_what_is_meant_for_the_new_one(network: Network) -> None:
    """Whoever asks by an old address may have met the new process; what this one acknowledged then would be lost."""
    one = await network.node("server1")
    two = await network.node("server2", one)
    await one.create()
    await eventually(lambda: sees(one, server2="ALIVE"))
    meant = {"Recarga-Forwarded-By": "server2", "Recarga-Epoch": str(two.node.server.epoch)}
    path = "/v1/points/server1.centro-01?fresh=true"
    refused = await one.get(path, headers=meant | {"Recarga-Met-Epoch": "2"})
    assert (refused.status, refused.problem) == (503, "superseded")
    for met in ("1", "0"):
        assert (await one.get(path, headers=meant | {"Recarga-Met-Epoch": met})).status == 200
    assert (await one.get("/readyz")).status == 200, "one request says nothing: its sender is asked"


async def test_what_a_past_epoch_hands_on_is_refused(network: Network) -> None:
    """A message that was under way while its sender was started anew, or moved."""
    one = await network.node("server1")
    await one.create()
    members = one.node.membership.members
    members.meet(Claim("server2", NodeState.ALIVE, 5, 0, one.url), Now(0.0, 0), answered=True)
    past = {"Recarga-Forwarded-By": "server2", "Recarga-Epoch": "4"}
    refused = await one.get("/v1/points/server1.centro-01?fresh=true", headers=past)
    assert (refused.status, refused.problem, refused.body["epoch"]) == (409, "stale-epoch", 5)
    assert (await one.post("/v1/ping", {"tidings": tidings("server2", one.url, epoch=4)})).problem == "stale-epoch"
    for epoch in ("5", "6"):
        present = past | {"Recarga-Epoch": epoch}
        assert (await one.get("/v1/points/server1.centro-01?fresh=true", headers=present)).status == 200


async def test_who_asks_in_anothers_name_is_not_believed(network: Network) -> None:
    """Whoever can send a request could else take a node down: the node is asked where it says it is, and that counts."""
    one = await network.node("server1")
    two = await network.node("server2", one)
    await eventually(lambda: sees(one, server2="ALIVE"))
    for told in (tidings("server2", two.url, epoch=9, met=9), tidings("server9", "http://127.0.0.1:1", epoch=9, met=9)):
        assert (await one.post("/v1/ping", {"tidings": told})).status == 200
    members = one.node.membership.members
    await asyncio.wait([*one.node.membership.prober._verifying.values(), asyncio.create_task(asyncio.sleep(0))])
    assert members.met("server2") == 1
    assert list(await listed(one)) == ["server1", "server2"]
    assert [(await client.get("/readyz")).status for client in (one, two)] == [200, 200]


async def test_hearsay_of_a_higher_epoch_silences_nobody(network: Network) -> None:
    """Only who has met a node itself may say that this is its past."""
    one = await network.node("server1")
    two = await network.node("server2", one)
    await eventually(lambda: sees(one, server2="ALIVE"))
    forged = replace(Claim("server2", NodeState.DEAD, 9, 0), url=None)
    await network.node("server3", one)
    await eventually(lambda: sees(one, server3="ALIVE"))
    news = tidings("server3", "http://127.0.0.1:1") | {"news": [plain(forged)]}
    assert (await one.post("/v1/ping", {"tidings": news})).status == 200
    assert one.node.membership.members.met("server2") == 1
    assert (await two.get("/readyz")).status == 200


def plain(claim: Claim) -> dict[str, Any]:
    return {"node": claim.node, "state": claim.state, "epoch": claim.epoch, "incarnation": claim.incarnation}


@pytest.mark.parametrize(
    "change",
    [
        {"sender": {}},
        {"sender": {"node": "SERVER", "state": "ALIVE", "epoch": 1, "incarnation": 0}},
        {"sender": {"node": "server2", "state": "ALIVE", "epoch": -1, "incarnation": 0}},
        {"sender": {"node": "server2", "state": "ALIVE", "epoch": "1", "incarnation": 0}},
        {"sender": {"node": "server2", "state": "ALIVE", "epoch": 1, "incarnation": 0, "url": "file:///etc"}},
        {"news": [{"node": "server2", "state": "PERHAPS", "epoch": 1, "incarnation": 0}]},
        {"news": [{"node": "server2", "state": "ALIVE", "epoch": 1, "incarnation": 0}] * 65},
        {"met": 2**60},
        {"points_hash": "x" * 65},
    ],
    ids=str,
)
async def test_malformed_tidings_are_refused(network: Network, change: dict[str, Any]) -> None:
    """And nothing of them is believed."""
    one = await network.node("server1")
    refused = await one.post("/v1/ping", {"tidings": tidings("server2", "http://127.0.0.1:1") | change})
    assert (refused.status, refused.problem) == (422, "invalid-request")
    assert list(await listed(one)) == ["server1"]
