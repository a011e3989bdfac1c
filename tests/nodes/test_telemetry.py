"""/metrics tells what is so: of answers, points, journal, gossip and streams."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from nodes.ports import Message
from tests.nodes.running import Client, running_node


async def metrics(client: Client) -> dict[str, float]:
    """Return every sample by its name and labels, read by Prometheus' own parser."""
    reply = await client.get("/metrics")
    assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        " ".join([sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(reply.body)
        for sample in family.samples
    }


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with running_node(tmp_path) as client:
        yield client


async def test_answers_are_counted_by_operation_and_status(client: Client) -> None:
    """The first thing anybody looks at: how much, how good, how fast."""
    await client.create()
    start_ms = client.node.clock.now_ms() + 3_600_000
    window = {"start_ms": start_ms, "end_ms": start_ms + 1_800_000}
    for _ in range(3):
        await client.reserve(**window)
    told = await metrics(client)
    assert told["recarga_answers_total operation=reserve status=201"] == 1
    assert told["recarga_answers_total operation=reserve status=409"] == 2
    assert told["recarga_answer_seconds_count operation=reserve"] == 3
    assert told["recarga_answer_seconds_sum operation=reserve"] > 0
    assert told["recarga_answer_seconds_bucket le=+Inf operation=reserve"] == 3


async def test_the_node_is_told_as_it_is_when_asked(client: Client) -> None:
    """Gauges are read, not counted along: they cannot drift."""
    before = await metrics(client)
    assert before["recarga_points status=AVAILABLE"] == 0
    await client.create("a")
    await client.create("b")
    await client.send("PATCH", "/v1/points/server1.b", {"maintenance": True})
    await client.reserve(point_id="server1.a", key="k")
    told = await metrics(client)
    assert told["recarga_points status=AVAILABLE"] == 1
    assert told["recarga_points status=INOPERATIVE"] == 1
    assert told["recarga_alarms"] == 1
    assert told["recarga_answers_in_memory"] == 1
    assert told["recarga_epoch"] == 1
    assert told["recarga_requests_in_flight"] == told["recarga_journal_pending_records"] == 0
    assert told["recarga_journal_records_total"] == 5  # two points, a change, a reservation and its kept answer
    assert 1 <= told["recarga_journal_commits_total"] <= 5
    assert told["recarga_broker_connected"] == 0


async def test_open_streams_and_what_was_heard_are_told(client: Client) -> None:
    """A node that drops half of what it hears, or whose streams nobody closes, is found here."""
    client.node.view.hear(Message("pontos/server2.x/reserva", b"{"), (1, 0), 0)
    async with aiohttp.ClientSession() as session, session.get(f"{client.url}/v1/events"):
        while not len(client.node.feed):
            await client.get("/healthz")
        told = await metrics(client)
    assert told["recarga_streams"] == 1
    assert told["recarga_gossip_heard_total outcome=malformed"] == 1


async def test_labels_are_a_fixed_set_whatever_is_asked(client: Client) -> None:
    """P10: ids, paths and error texts in labels would grow memory with every request."""
    await client.create()
    before = len(await metrics(client))
    for number in range(20):
        await client.get(f"/v1/points/server1.p{number}")
        await client.get(f"/nowhere/{number}")
        await client.reserve(point_id=f"server1.q{number}", driver_id=f"d{number}")
    assert len(await metrics(client)) - before < 40
