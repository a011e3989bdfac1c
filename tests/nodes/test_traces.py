"""One trace shows a trip across three nodes, as a collector of ours is told by OTLP over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.nodes.running import MINUTE, Client, running_node

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def spans(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[tuple[str, Any]]]:
    """What nodes tell: (node, span)."""
    told: list[tuple[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        export = ExportTraceServiceRequest.FromString(await request.read())
        for of_resource in export.resource_spans:
            resource = {each.key: each.value.string_value for each in of_resource.resource.attributes}
            for of_scope in of_resource.scope_spans:
                told.extend((resource["service.instance.id"], span) for span in of_scope.spans)
        return web.Response()

    application = web.Application()
    application.router.add_post("/v1/traces", take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield told
    await runner.cleanup()


async def plan(clients: list[Client]) -> Any:
    start_ms = clients[0].node.clock.now_ms() + 60 * MINUTE
    stops = [
        {
            "point_id": f"{client.node.id}.centro-01",
            "start_ms": start_ms + number * 60 * MINUTE,
            "end_ms": start_ms + number * 60 * MINUTE + 30 * MINUTE,
        }
        for number, client in enumerate(clients)
    ]
    headers = {"Idempotency-Key": "a", "traceparent": PARENT}
    return await clients[0].post("/v1/trips", {"driver_id": "ana", "stops": stops}, headers=headers)


async def test_one_trace_shows_a_trip_across_three_nodes(tmp_path: Path, spans: list[tuple[str, Any]]) -> None:
    """It hangs under the span that the caller's own trace was in, and every node's part under whoever asked it."""
    async with AsyncExitStack() as stack:
        clients: list[Client] = []
        for number in (1, 2, 3):
            running = running_node(tmp_path, f"server{number}", traces=True, logs_requests=True)
            clients.append(await stack.enter_async_context(running))
        for client in clients:
            await client.create()
            for other in clients:
                if other is not client:
                    client.node.view.configure(other.node.id, other.url)
        trip = await plan(clients)
        assert trip.status == 201, trip
    # each node has sent what was left by the time that it has stopped
    of_trip = [(node, span) for node, span in spans if span.trace_id.hex() == PARENT.split("-")[1]]
    assert {node for node, _ in of_trip} == {"server1", "server2", "server3"}
    by_id = {span.span_id: (node, span) for node, span in of_trip}
    roots = [span for _, span in of_trip if span.parent_span_id.hex() == PARENT.split("-")[2]]
    assert [span.name for span in roots] == ["POST /v1/trips"]
    attributes = {each.key: each.value for each in roots[0].attributes}
    assert attributes["recarga.trip_id"].string_value == trip.body["id"]
    assert attributes["http.response.status_code"].int_value == 201
    prepared = [(node, span) for node, span in of_trip if span.name == "POST /v1/stops"]
    assert {node for node, _ in prepared} == {"server2", "server3"}
    for node, span in prepared:
        asker, asking = by_id[span.parent_span_id]
        assert (asker, asking.name) == ("server1", "ask PrepareStop")
        assert {each.key: each.value.string_value for each in asking.attributes}["recarga.peer"] == node


async def test_a_collector_that_is_away_hinders_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are answered, and the node stops within the time that it has."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    async with asyncio.timeout(60):
        async with running_node(tmp_path, traces=True) as client:
            assert (await client.create()).status == 201
