"""Forged gossip, over a real broker that lets everybody in: refused, counted, and without any effect on what is booked."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import orjson
import pytest

from nodes.gossip.messages import encode_event
from nodes.gossip.topics import Kind, node_topic, point_topic
from tests.nodes.attacks.network import Network, network
from tests.nodes.brokers import TestBroker, new_broker
from tests.nodes.peers.strange_owner import hang, strange_owner

SOON_S = 60


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[TestBroker]:
    made = new_broker("embedded", tmp_path)
    await made.start()
    yield made
    await made.stop()


def availability(point: dict[str, object], node: str, subject: str, *, seq: int = 999) -> bytes:
    data = {"busy": [], "known_until_ms": None, **point, "id": subject, "price_per_kwh_minor": 0}
    return encode_event(
        type_="point.availability", node=node, subject=subject, epoch=1, ver=999, pointseq=seq, now_ms=1, data=data
    )


async def heard(net: Network, outcome: str, at: str = "server1") -> int:
    """Return how often the node counted such a message, as its metrics say."""
    text = (await net.caller("operator", "root", at=at).get("/metrics")).body
    line = next((line for line in text.splitlines() if f'gossip_heard_total{{outcome="{outcome}"}}' in line), "x 0")
    return int(float(line.rpartition(" ")[2]))


async def test_a_message_about_anothers_points_is_refused_and_counted(tmp_path: Path, broker: TestBroker) -> None:
    """On another node's topic, of another node, of the reader itself; and what is no message at all."""
    async with network(tmp_path, "server1", "server2", broker=broker.url) as net:
        server1 = net.nodes["server1"]
        async with asyncio.timeout(SOON_S):
            while "server2.a" not in server1.view.points or not server1.catalogue.connected:
                await asyncio.sleep(0.05)
        point = (await net.caller().get("/v1/points/server2.a?fresh=true")).body
        there = {name: value for name, value in point.items() if name in ("price_per_kwh_minor", "witness", "name")}
        eve_speaks = [
            # server9 speaks of server2's point; on server2's topic as server9; server2 speaks of server1's point
            (point_topic("server2.a", Kind.AVAILABILITY), availability(point, "server9", "server2.a")),
            (point_topic("server2.a", Kind.AVAILABILITY), availability(point, "server9", "server9.a")),
            (point_topic("server1.a", Kind.AVAILABILITY), availability(point, "server2", "server1.a")),
            (point_topic("server1.a", Kind.AVAILABILITY), availability(point, "server1", "server1.a")),
            (node_topic("recarga", "server2", Kind.DEATH), encode_event(type_="node.death", node="server9", subject="server2", epoch=9, ver=9, pointseq=0, now_ms=1, data={"life": 9})),
        ]  # fmt: skip
        nonsense = [
            (point_topic("server2.a", Kind.AVAILABILITY), b"{" * 5_000),
            (point_topic("server2.a", Kind.AVAILABILITY), orjson.dumps({"data": point})),
            (point_topic("server2.a", Kind.AVAILABILITY), b"\xff" * 200),
        ]
        async with aiomqtt.Client("127.0.0.1", broker.port) as eve:
            for topic, payload in (*eve_speaks, *nonsense):
                await eve.publish(topic, payload, qos=1)
        async with asyncio.timeout(SOON_S):
            while await heard(net, "forged") < len(eve_speaks) or await heard(net, "malformed") < len(nonsense):
                await asyncio.sleep(0.05)
        after = (await net.caller().get("/v1/points/server2.a")).body
        assert {name: after[name] for name in there} == there
        assert server1.view.nodes["server2"].shown[0] == "ALIVE"
        assert (await net.caller().get("/v1/points/server1.a")).body["price_per_kwh_minor"] == 189
        assert (await net.caller().reserve("server2.a")).status == 201


async def test_a_well_made_lie_makes_a_view_stale_and_no_booking_wrong(tmp_path: Path, broker: TestBroker) -> None:
    """P6: where the broker lets a stranger speak as another node, the owner still decides, and its word wins."""
    async with network(tmp_path, "server1", "server2", broker=broker.url) as net:
        server1 = net.nodes["server1"]
        async with asyncio.timeout(SOON_S):
            while "server2.a" not in server1.view.points:
                await asyncio.sleep(0.05)
        point = (await net.caller().get("/v1/points/server2.a?fresh=true")).body
        async with aiomqtt.Client("127.0.0.1", broker.port) as eve:
            lie = availability(point | {"status": "INOPERATIVE"}, "server2", "server2.a")
            await eve.publish(point_topic("server2.a", Kind.AVAILABILITY), lie, qos=1, retain=True)
        async with asyncio.timeout(SOON_S):
            while server1.view.points["server2.a"].data.price_per_kwh_minor:
                await asyncio.sleep(0.02)
        made = await net.caller().reserve("server2.a")
        assert (made.status, made.body["price_per_kwh_minor"]) == (201, 189)
        async with asyncio.timeout(SOON_S):
            while server1.view.points["server2.a"].data.price_per_kwh_minor != 189:
                await asyncio.sleep(0.1)


async def test_nobodys_token_is_shown_to_whom_gossip_names(tmp_path: Path, broker: TestBroker) -> None:
    """A forged birth says that a node is at the attacker's address: tokens would be sent there, the caller's and our own."""
    async with strange_owner(hang) as eve, network(tmp_path, broker=broker.url) as net:
        server1 = net.nodes["server1"]
        async with asyncio.timeout(SOON_S):
            while not server1.catalogue.connected:
                await asyncio.sleep(0.05)
        point = (await net.caller().get("/v1/points/server1.a")).body
        birth = encode_event(
            type_="node.birth", node="server9", subject="server9", epoch=1, ver=1, pointseq=0, now_ms=1,
            data={"url": eve.url, "points": 1, "life": 1},
        )  # fmt: skip
        async with aiomqtt.Client("127.0.0.1", broker.port) as client:
            await client.publish(node_topic("recarga", "server9", Kind.BIRTH), birth, qos=1, retain=True)
            there = availability(point, "server9", "server9.a")
            await client.publish(point_topic("server9.a", Kind.AVAILABILITY), there, qos=1, retain=True)
        async with asyncio.timeout(SOON_S):
            while "server9.a" not in server1.view.points or "server9" not in server1.view.nodes:
                await asyncio.sleep(0.05)
        ana = net.caller()
        assert (await ana.reserve("server9.a")).problem == "owner-unreachable"
        assert (await ana.get("/v1/points/server9.a?fresh=true")).problem == "owner-unreachable"
        refused = await ana.trip("server1.a", "server9.a")
        assert refused.status >= 400
        assert eve.seen == []
        assert server1.view.nodes["server9"].url is None
