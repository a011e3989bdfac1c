"""Each request has an id that goes with it from node to node, and a line in the log: one trip is found at all its nodes."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from nodes.logs import JsonLines
from tests.nodes.running import MINUTE, Client, running_node


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[list[Client]]:
    """Three nodes that know each other and log their requests."""
    async with AsyncExitStack() as stack:
        clients: list[Client] = []
        for number in (1, 2, 3):
            peers = {client.node.id: client.url for client in clients}
            running = running_node(tmp_path, f"server{number}", peers=peers, logs_requests=True)
            clients.append(await stack.enter_async_context(running))
        for client in clients:
            for other in clients:
                if other is not client:
                    client.node.view.configure(other.node.id, other.url)
            await client.create()
        yield clients


@contextmanager
def logged(lines: list[dict[str, Any]]) -> Iterator[None]:
    """Collect the log's lines as they would be written: what belongs to a request is known at that moment only."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonLines({}).format(record)))

    handler, logger = Handler(), logging.getLogger("nodes.requests")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


async def test_a_trip_has_one_request_id_and_its_own_at_every_node(
    network: list[Client], caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever looks for it in the logs of three companies finds all of it."""
    caplog.set_level(logging.INFO, "nodes.requests")
    records: list[dict[str, Any]] = []
    with logged(records):
        start_ms = network[0].node.clock.now_ms() + 60 * MINUTE
        stops = [
            {
                "point_id": f"{client.node.id}.centro-01",
                "start_ms": start_ms + number * 60 * MINUTE,
                "end_ms": start_ms + number * 60 * MINUTE + 30 * MINUTE,
            }
            for number, client in enumerate(network)
        ]
        headers = {"Idempotency-Key": "a", "X-Request-Id": "from-outside.1"}
        trip = await network[0].post("/v1/trips", {"driver_id": "ana", "stops": stops}, headers=headers)
    assert trip.status == 201, trip
    assert trip.headers["X-Request-Id"] == "from-outside.1"
    of_trip = [line for line in records if line["request_id"] == "from-outside.1"]
    assert {line["trip_id"] for line in of_trip} == {trip.body["id"]}
    assert {line["path"] for line in of_trip} >= {"/v1/trips", "/v1/stops"}
    assert [line["status"] for line in of_trip if line["path"] == "/v1/trips"] == [201]
    assert [line["forwarded_by"] for line in of_trip if line["path"] == "/v1/stops"] == ["server1", "server1"]


@pytest.mark.parametrize("given", [None, "", "with space", "x" * 129, 'quo"te'])
async def test_without_an_id_that_can_be_taken_one_is_made(network: list[Client], given: str | None) -> None:
    """Nobody writes into the log what they like; and no two requests have the same one."""
    made = set()
    for _ in range(2):
        reply = await network[0].get("/v1/points", headers={} if given is None else {"X-Request-Id": given})
        made.add(reply.headers["X-Request-Id"])
    assert len(made) == 2
    assert all(len(each) == 32 and each.isalnum() for each in made)


async def test_the_log_holds_no_query(network: list[Client], caplog: pytest.LogCaptureFixture) -> None:
    """It may name a driver."""
    caplog.set_level(logging.INFO, "nodes.requests")
    await network[0].get("/v1/trips?driver_id=ana")
    assert "GET /v1/trips" in caplog.text
    assert "ana" not in caplog.text
    assert "driver_id" not in str([vars(record) for record in caplog.records if record.name == "nodes.requests"])


async def test_by_default_requests_have_no_ids(tmp_path: Path) -> None:
    """Nothing of it is on the way then."""
    async with running_node(tmp_path) as client:
        reply = await client.get("/v1/points", headers={"X-Request-Id": "a"})
        assert "X-Request-Id" not in reply.headers
