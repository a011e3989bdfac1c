"""Several nodes with a broker between them: views, forwarding, and life without the broker."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
import orjson
import pytest

from nodes.config import Limits
from tests.nodes.brokers import TestBroker, new_broker
from tests.nodes.running import Client, running_node

LIMITS = Limits(broker_retry_ms=(20, 200), broker_timeout_s=1.0, digest_ms=100)


@dataclass
class Network:
    """Running nodes."""

    broker: TestBroker
    folder: Path
    stack: AsyncExitStack

    async def node(self, node_id: str, **settings: object) -> Client:
        return await self.stack.enter_async_context(
            running_node(self.folder, node_id, limits=LIMITS, broker=self.broker.url, **settings)
        )


@pytest.fixture(params=["embedded", "mosquitto"])
async def network(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Network]:
    broker = new_broker(request.param, tmp_path)
    try:
        await broker.start()
        async with AsyncExitStack() as stack:
            yield Network(broker, tmp_path, stack)
    finally:
        await broker.stop()


async def eventually(condition: Callable[[], Awaitable[object]], seconds: float = 20) -> None:
    """Wait until something is so; on a busy machine that may take a while."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def sees(client: Client, point_id: str, **facts: object) -> bool:
    """Whether the node's list tells this of a point. (Asked for one point that it does not know, it asks the owner.)"""
    listed = (await client.get("/v1/points")).body["items"]
    return any(
        item["id"] == point_id and all(item.get(name) == value for name, value in facts.items()) for item in listed
    )


async def test_every_node_sees_every_nodes_points(network: Network) -> None:
    """A driver's app talks to one node and finds all."""
    one, two = await network.node("server1"), await network.node("server2")
    await one.create("a")
    await two.create("b")
    await eventually(lambda: sees(one, "server2.b", stale=False))
    await eventually(lambda: sees(two, "server1.a", stale=False))
    listed = await one.get("/v1/points")
    assert [item["id"] for item in listed.body["items"]] == ["server1.a", "server2.b"]
    own = (await two.get("/v1/points/server2.b")).body
    seen = next(item for item in listed.body["items"] if item["id"] == "server2.b")
    assert seen == own | {"as_of_ms": seen["as_of_ms"], "next_free": seen["next_free"]}


async def test_a_newcomer_hears_what_was_told_before(network: Network) -> None:
    """Nobody waits for the next change to know the network."""
    one = await network.node("server1")
    await one.create("a")
    two = await network.node("server2")
    await eventually(lambda: sees(two, "server1.a", stale=False))


async def test_any_node_serves_any_point(network: Network) -> None:
    """Reserve, look, plug in, meter, stop, cancel: at the other node, as if it were the owner."""
    owner, other = await network.node("server1"), await network.node("server2")
    await owner.create("a")
    await eventually(lambda: sees(other, "server1.a"))
    other.node.view.points.clear()  # whatever the view says, the owner decides
    made = await other.reserve(5, 30, point_id="server1.a", key="k")
    assert made.status == 201
    assert made.headers["Location"] == f"/v1/reservations/{made.body['id']}"
    repeat = await owner.post("/v1/reservations", _again(made.body), headers={"Idempotency-Key": "k"})
    assert repeat.body == made.body
    assert (await other.get(f"/v1/reservations/{made.body['id']}")).body == made.body
    refused = await other.reserve(10, 30, point_id="server1.a")
    assert (refused.status, refused.problem) == (409, "window-taken")
    assert refused.headers["ETag"] == '"1-2"'
    started = await other.post(f"/v1/reservations/{made.body['id']}/start", {"driver_id": "ana"})
    assert started.status == 201
    session = f"/v1/sessions/{started.body['id']}"
    assert (await other.post(f"{session}/meter", {"energy_wh": 0})).status == 200
    assert (await other.post(f"{session}/stop")).body["status"] == "COMPLETED"
    assert (await other.get(session)).body == (await owner.get(session)).body
    later = await other.reserve(60, 30, point_id="server1.a")
    assert (await other.send("DELETE", f"/v1/reservations/{later.body['id']}?driver_id=ana")).body[
        "status"
    ] == "CANCELED"
    changed = await other.send("PATCH", "/v1/points/server1.a", {"maintenance": True})
    assert (changed.status, changed.body["status"]) == (200, "INOPERATIVE")
    created = await other.post(
        "/v1/points", {"id": "server1.new", "name": "n", "max_power_w": 1, "price_per_kwh_minor": 1}
    )
    assert created.status == 201
    fresh = await other.get("/v1/points/server1.a/calendar?fresh=true")
    assert fresh.body["busy"] == []


def _again(reservation: dict[str, object]) -> dict[str, object]:
    return {name: reservation[name] for name in ("point_id", "driver_id", "start_ms", "end_ms")}


async def test_an_owner_that_is_gone_is_said_and_nothing_is_half_done(network: Network) -> None:
    """503 with Retry-After; and the same key works when it is back."""
    other = await network.node("server2")
    async with running_node(network.folder, "server1", limits=LIMITS, broker=network.broker.url) as owner:
        await owner.create("a")
        await eventually(lambda: sees(other, "server1.a", stale=False))
        port = int(owner.url.rpartition(":")[2])
    await eventually(lambda: sees(other, "server1.a", stale=True, status="UNKNOWN"))
    refused = await other.reserve(point_id="server1.a", key="k")
    assert (refused.status, refused.problem) == (503, "owner-unreachable")
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.body["outcome"] == "none"
    await network.node("server1", port=port)
    accepted = await other.reserve(point_id="server1.a", key="k")
    assert accepted.status == 201


async def test_without_the_broker_bookings_go_on_and_views_say_that_they_are_stale(network: Network) -> None:
    """The broker is a hint carrier."""
    owner, other = await network.node("server1"), await network.node("server2")
    await owner.create("a")
    await eventually(lambda: sees(other, "server1.a", stale=False))
    await network.broker.stop()
    await eventually(lambda: sees(other, "server1.a", stale=True))
    made = await other.reserve(point_id="server1.a")
    assert made.status == 201
    assert (await other.get("/healthz")).body["broker_connected"] is False
    await network.broker.start()
    await eventually(lambda: sees(other, "server1.a", stale=False, witness=[1, 2]))


async def test_a_request_is_handed_on_once_at_the_most(network: Network) -> None:
    """Two nodes that each think the other owns a point must not play ball."""
    one, two = await network.node("server1"), await network.node("server2")
    await one.create("a")
    await eventually(lambda: sees(two, "server1.a"))
    reply = await two.get("/v1/points/server1.a?fresh=true", headers={"Recarga-Forwarded-By": "server3"})
    assert (reply.status, reply.problem) == (421, "misdirected")


async def test_the_feed_has_the_six_topics_in_cloudevents(network: Network) -> None:
    """What a stranger who subscribes sees."""
    heard: dict[str, dict[str, object]] = {}

    async def listen() -> None:
        port = network.broker.port
        async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V311) as client:
            await client.subscribe([("pontos/#", 1), ("recarga/#", 1)])
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                heard[message.topic.value] = orjson.loads(message.payload)

    listening = asyncio.create_task(listen())
    async with running_node(network.folder, "server1", limits=LIMITS, broker=network.broker.url) as node:
        await node.create("a")
        made = await node.reserve(5, 30, point_id="server1.a", driver_id="secret-driver")
        await node.post(f"/v1/reservations/{made.body['id']}/start")

        async def has_all() -> bool:
            return len(heard) >= 5 and heard.get("pontos/server1.a/disponibilidade", {}).get("pointseq") == 3

        await eventually(has_all)

    async def has_died() -> bool:
        return "recarga/recarga/server1/death" in heard

    await eventually(has_died)
    listening.cancel()
    assert set(heard) == {
        "pontos/server1.a/disponibilidade",
        "pontos/server1.a/reserva",
        "pontos/server1.a/carregamento",
        "recarga/recarga/server1/birth",
        "recarga/recarga/server1/digest",
        "recarga/recarga/server1/death",
    }
    for event in heard.values():
        assert event["specversion"] == "1.0"
        assert {"id", "source", "type", "subject", "time", "data", "node", "epoch", "ver", "pointseq"} <= event.keys()
    assert "secret-driver" not in str(heard)


async def test_gossip_follows_points_and_time_not_requests(network: Network) -> None:
    """A hundred requests on one point within a flush are a handful of messages."""
    node = await network.node("server1")
    await node.create("a")
    gossiper = node.node.gossiper
    assert gossiper is not None

    async def told() -> bool:
        return gossiper.connected and gossiper.is_quiet

    await eventually(told)
    before, started_s = gossiper.published, time.monotonic()
    await asyncio.gather(*(node.reserve(60 * n, 30, point_id="server1.a") for n in range(1, 101)))
    await eventually(told)
    flushes = 2 + (time.monotonic() - started_s) * 1000 / LIMITS.gossip_flush_ms
    assert 2 <= gossiper.published - before <= 3 * flushes
    assert gossiper.published - before < 200


async def test_hostile_messages_are_counted_and_nothing_else_happens(network: Network) -> None:
    """Malformed, oversized, forged: the node serves on, and /metrics tells."""
    node = await network.node("server1")
    await node.create("a")

    async def outcomes() -> dict[str, int]:
        return dict(node.node.view.counts)

    async with aiomqtt.Client("127.0.0.1", network.broker.port, protocol=aiomqtt.ProtocolVersion.V311) as client:
        await client.publish("pontos/server2.x/disponibilidade", b"\xff" * 100, qos=1)
        await client.publish("pontos/server2.x/disponibilidade", b"x" * 100_000, qos=1)
        await client.publish("recarga/recarga/server1/death", b"{}", qos=1, retain=True)
        forged = orjson.dumps(
            {
                "specversion": "1.0", "id": "1", "source": "/nodes/server1", "type": "t", "subject": "server1",
                "time": "now", "node": "server1", "epoch": 99, "ver": 1, "data": {"life": 1},
            }
        )  # fmt: skip
        await client.publish("recarga/recarga/server1/death", forged, qos=1)

    async def counted() -> bool:
        counts = await outcomes()
        return counts.get("malformed", 0) >= 2 and counts.get("oversized") == 1 and counts.get("forged") == 1

    await eventually(counted)
    assert (await node.reserve(point_id="server1.a")).status == 201
    metrics = (await node.get("/metrics")).body
    assert 'recarga_gossip_heard_total{outcome="forged"} 1.0' in metrics


async def test_watchers_see_own_and_foreign_events_and_resume(network: Network) -> None:
    """Server-sent events: live, then from where the reader was."""
    one, two = await network.node("server1"), await network.node("server2")
    await one.create("a")
    seen: list[str] = []

    async def watch(client: Client, path: str, headers: dict[str, str], stop: Callable[[], bool]) -> None:
        async with client.session.get(client.url + path, headers=headers) as response:
            assert response.headers["Content-Type"].startswith("text/event-stream")
            async for line in response.content:
                seen.append(line.decode().strip())
                if stop():
                    return

    watching = asyncio.create_task(watch(one, "/v1/events", {}, lambda: any("server2.b" in line for line in seen)))
    await eventually(lambda: _has_readers(one))
    await one.reserve(60, 30, point_id="server1.a", driver_id="secret-driver")
    await two.create("b")
    await asyncio.wait_for(watching, 20)
    assert "event: reservation.reserved" in seen
    assert "event: point.availability" in seen
    assert not any("secret-driver" in line for line in seen)
    seen.clear()
    await asyncio.wait_for(watch(one, "/v1/events", {"Last-Event-ID": "1"}, lambda: "id: 2" in seen), 20)
    assert "id: 1" not in seen


async def _has_readers(client: Client) -> bool:
    return len(client.node.feed) > 0


async def test_what_the_broker_retains_of_a_node_that_is_removed_is_gone_when_the_answer_says_so(
    network: Network,
) -> None:
    """The broker tells who ordered it, as everybody who listens: so it is known, and not only hoped."""
    one = await network.node("server1")
    async with running_node(network.folder, "server2", limits=LIMITS, broker=network.broker.url) as two:
        await two.create("a")
        await eventually(lambda: sees(one, "server2.a", stale=False))
    await eventually(lambda: sees(one, "server2.a", stale=True))
    removed = await one.send("DELETE", "/v1/nodes/server2")
    assert (removed.status, removed.body["points"], removed.body["cleared"]) == (200, 1, True)
    async with asyncio.timeout(20), aiomqtt.Client("127.0.0.1", network.broker.port) as ear:
        await ear.subscribe([("pontos/#", 1), ("recarga/#", 1)])
        await ear.publish("recarga/end", b"end", qos=1)
        async for message in ear.messages:
            assert "server2" not in message.topic.value
            if message.topic.value == "recarga/end":
                break
