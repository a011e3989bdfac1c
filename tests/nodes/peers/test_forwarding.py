"""A node between a caller and an owner that misbehaves: the caller gets the right problem, and nothing is half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from nodes.config import Limits
from tests.nodes.peers.strange_owner import Behaviour, answers, drop, hang, says, strange_owner
from tests.nodes.running import Client, Reply, running_node

FAR = {"point_id": "server2.a"}


@asynccontextmanager
async def node_before(url: str, folder: Path, limits: Limits | None = None) -> AsyncIterator[Client]:
    async with running_node(folder, "server1", limits=limits, peers={"server2": url}) as client:
        yield client
        assert client.node.server.journal.ver == 0, "the request was another node's; nothing of it belongs here"
        assert client.node.server.in_flight == 0


def is_problem(reply: Reply, status: int, slug: str, outcome: str) -> None:
    assert (reply.status, reply.problem, reply.body["outcome"]) == (status, slug, outcome), reply.body
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert int(reply.headers["Retry-After"]) >= 1


DIES = says(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{", then_close=True)
LIES = answers("200 OK", b"<html>It works!</html>", content_type="text/html")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[", "http://127.0.0.1:99999"])
async def test_an_owner_that_cannot_be_reached_is_a_503_that_says_that_nothing_was_done(
    tmp_path: Path, url: str
) -> None:
    """Nobody listens there, or it is no address at all: never a 500, and the driver may go elsewhere."""
    async with node_before(url, tmp_path) as node:
        is_problem(await node.reserve(**FAR), 503, "owner-unreachable", "none")
        is_problem(await node.get("/v1/points/server2.a"), 503, "owner-unreachable", "none")


@pytest.mark.parametrize("behave", [drop, DIES, LIES], ids=["drops", "dies in its answer", "is a web page"])
async def test_an_owner_that_dies_over_a_request_leaves_the_outcome_unknown(tmp_path: Path, behave: Behaviour) -> None:
    """It may have reserved: to say no would make the driver reserve twice, to say yes would strand them."""
    async with strange_owner(behave) as owner, node_before(owner.url, tmp_path) as node:
        is_problem(await node.reserve(key="k", **FAR), 504, "owner-timeout", "unknown")
        assert len(owner.seen) == 1


async def test_a_hanging_owner_costs_the_callers_patience_and_no_more(tmp_path: Path) -> None:
    """The caller's own time is carried to the owner, but for the way back, and kept here; meanwhile this node serves on."""
    async with strange_owner(hang) as owner, node_before(owner.url, tmp_path) as node:
        path = "/v1/reservations/server2.a.r1-2/start"
        asked = asyncio.create_task(node.post(path, headers={"Recarga-Timeout-Ms": "1000", "Idempotency-Key": "k"}))
        while not owner.seen:
            await asyncio.sleep(0.01)
        assert owner.header("Recarga-Timeout-Ms") == "900"
        assert (await node.get("/readyz")).status == 200
        assert not asked.done()
        is_problem(await asked, 504, "owner-timeout", "unknown")


async def test_more_requests_than_one_owner_may_hold_are_refused_at_once(tmp_path: Path) -> None:
    """P10: 503 with Retry-After while the owner hangs; points of this node and of others are served."""
    async with strange_owner(hang) as owner:
        async with running_node(tmp_path, limits=Limits(peer_requests_max=1), peers={"server2": owner.url}) as node:
            await node.create()
            waiting = asyncio.create_task(node.reserve(**FAR))
            while not owner.seen:
                await asyncio.sleep(0.01)
            is_problem(await node.reserve(**FAR), 503, "node-busy", "none")
            assert (await node.reserve()).status == 201
            waiting.cancel()
            await asyncio.wait([waiting])


async def test_key_precondition_and_forwarder_reach_the_owner(tmp_path: Path) -> None:
    """A retry through another node must be the same request to the owner."""
    made = answers("201 Created", b'{"id":"x"}', 'ETag: "4-2"', "Location: /v1/reservations/x")
    async with strange_owner(made) as owner, node_before(owner.url, tmp_path) as node:
        body = {"point_id": "server2.a", "driver_id": "ana", "duration_s": 600}
        told = await node.post("/v1/reservations", body, headers={"Idempotency-Key": '"k 1"', "If-Match": '"4-1"'})
        assert (told.status, told.body) == (201, {"id": "x"})
        assert (told.headers["ETag"], told.headers["Location"]) == ('"4-2"', "/v1/reservations/x")
        assert owner.header("Idempotency-Key") == '"k 1"'
        assert owner.header("If-Match") == '"4-1"'
        assert owner.header("Recarga-Forwarded-By") == "server1"


async def test_an_owners_odd_headers_are_not_passed_on(tmp_path: Path) -> None:
    """They would break this node's own answer: a 500 for what the owner did."""
    odd = answers("201 Created", b"{}", "ETag: yesterday", "Location: /caf\u00e9", "Retry-After: " + "9" * 5_000)
    async with strange_owner(odd) as owner, node_before(owner.url, tmp_path) as node:
        told = await node.reserve(**FAR)
        assert told.status == 201
        assert not {"ETag", "Location", "Retry-After"} & set(told.headers)


async def test_nodes_that_take_each_other_for_the_owner_hand_on_once(tmp_path: Path) -> None:
    """A loop stops after one hop: the second node says that it was misdirected, and the caller is told."""
    async with running_node(tmp_path, "server1") as one, running_node(tmp_path, "server2") as two:
        one.node.view.configure("server9", two.url)
        two.node.view.configure("server9", one.url)
        told = await one.reserve(point_id="server9.a")
        assert (told.status, told.problem, told.body["owner"]) == (421, "misdirected", "server9")
        handed_on = [client.node.telemetry.text().count(b"recarga_answers_total{") for client in (one, two)]
        assert handed_on == [1, 1]
        assert b'operation="reserve",status="421"} 1.0' in two.node.telemetry.text()


async def test_a_node_that_takes_itself_for_another_hands_on_once(tmp_path: Path) -> None:
    """An operator's slip in ``--peer`` must not become an endless loop."""
    async with running_node(tmp_path, "server1") as node:
        node.node.view.configure("server9", node.url)
        told = await node.reserve(point_id="server9.a")
        assert (told.status, told.problem) == (421, "misdirected")
        assert b'operation="reserve",status="421"} 2.0' in node.node.telemetry.text()


async def test_a_retry_through_the_other_node_is_the_same_request(tmp_path: Path) -> None:
    """P4 through the real owner: answered too late here, found there, also with a key that holds quotes."""
    async with running_node(tmp_path, "server2") as owner:
        await owner.create("a")
        async with node_before(owner.url, tmp_path) as node:
            start_ms = owner.node.clock.now_ms() + 3_600_000
            window = {"start_ms": start_ms, "end_ms": start_ms + 1_800_000, **FAR}
            first = await node.reserve(key='""k""', **window)
            assert first.status == 201
            assert (await owner.reserve(key='""k""', **window)).body == first.body
            assert (await node.reserve(key='"k"', **window)).problem == "window-taken"
            changed = [await where.send("PATCH", "/v1/points/server2.a", {"terms": {}}) for where in (owner, node)]
            assert changed[0].status == changed[1].status == 200
