"""A node between a caller and an owner that misbehaves: the caller gets the right problem, and nothing is half done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from nodes.config import Limits
from nodes.records import Answer
from nodes.request import Request
from tests.nodes.peers.counting_relay import counting_relay
from tests.nodes.peers.strange_owner import Behaviour, answers, drop, hang, says, strange_owner
from tests.nodes.running import Client, Reply, free_port, running_node

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


async def test_the_owner_is_told_what_is_left_of_the_callers_time(tmp_path: Path) -> None:
    """Less than a second is left of the shortest patience there is: taken for more, the owner would begin too late."""
    async with running_node(tmp_path, "server2") as owner, node_before(owner.url, tmp_path) as node:
        await owner.create("a")
        told: list[int | None] = []
        handle = owner.node.handle

        async def noted(request: Request, *, forwarded_by: str | None = None) -> Answer:
            told.append(request.timeout_ms)
            return await handle(request, forwarded_by=forwarded_by)

        owner.node.handle = noted  # type: ignore[method-assign]
        for said in ({"Recarga-Timeout-Ms": "20000"}, {"Recarga-Timeout-Ms": "1"}, {}):
            assert (await node.get("/v1/points/server2.a", headers=said)).status == 200
        assert told == [18_000, 900, 4_500]
        await owner.get("/v1/points/server2.a?fresh=true", headers={"Recarga-Timeout-Ms": "1"})
        assert told[-1] == 1_000, "a caller's own is never taken for less"


async def test_what_one_question_took_is_not_there_for_the_next(tmp_path: Path) -> None:
    """The seed's contract asks the owner twice for one caller, who waits once."""
    points = answers("200 OK", b'{"items":[{"id":"server2.a"}],"next_cursor":null}')

    async def behave(writer: asyncio.StreamWriter) -> None:
        if len(owner.seen) == 1:
            await asyncio.sleep(0.3)
            await points(writer)
        else:
            await hang(writer)

    async with strange_owner(behave) as owner, node_before(owner.url, tmp_path) as node:
        wish = {"server_id": 2, "nome_posto": "A", "nome_cliente": "Ana"}
        told = await node.post("/reservar", wish, headers={"Recarga-Timeout-Ms": "1000"})
        is_problem(told, 504, "owner-timeout", "unknown")
        first_ms, second_ms = (int(owner.header("Recarga-Timeout-Ms", number) or 0) for number in (0, 1))
        assert 800 <= first_ms <= 900
        assert second_ms <= first_ms - 0.9 * 300


@pytest.mark.parametrize(
    ("status", "after_s"),
    [("429 Too Many Requests", 3), ("503 Service Unavailable", 7), ("503 Service Unavailable", 60)],
)
async def test_overload_at_the_owner_is_told_in_the_owners_words(tmp_path: Path, status: str, after_s: int) -> None:
    """When to come again is for the owner to say; this node knows nothing of its queues."""
    body = b'{"type":"urn:recarga:problem:point-busy","title":"busy","outcome":"none"}'
    busy = answers(status, body, f"Retry-After: {after_s}", content_type="application/problem+json")
    async with strange_owner(busy) as owner, node_before(owner.url, tmp_path) as node:
        for _ in range(2 * Limits().breaker_failures):
            told = await node.reserve(**FAR)
            assert (told.status, told.headers["Retry-After"]) == (int(status[:3]), str(after_s))
            assert told.body == {"type": "urn:recarga:problem:point-busy", "title": "busy", "outcome": "none"}


async def test_an_owner_that_is_full_or_stopping_is_told_as_such(tmp_path: Path) -> None:
    """The same words as to a caller of its own, and its breaker stays closed: it is there."""
    async with running_node(tmp_path, "server2") as owner, node_before(owner.url, tmp_path) as node:
        await owner.create("a")
        server = owner.node.server
        for attribute, value, slug in (
            ("in_flight", server.config.limits.requests_max, "node-busy"),
            ("draining", True, "draining"),
        ):
            before = getattr(server, attribute)
            setattr(server, attribute, value)
            for _ in range(2 * Limits().breaker_failures):
                told, own = await node.reserve(**FAR), await owner.reserve(**FAR)
                assert (told.status, told.problem, told.body) == (503, slug, own.body)
                assert told.headers["Retry-After"] == own.headers["Retry-After"]
            setattr(server, attribute, before)
        assert (await node.reserve(**FAR)).status == 201


async def test_many_requests_use_few_connections(tmp_path: Path) -> None:
    """A connection for each would cost a round trip each, and soon all of the machine's ports."""
    async with running_node(tmp_path, "server2") as owner, counting_relay(owner.url) as relay:
        await owner.create("a")
        async with node_before(relay.url, tmp_path) as node:
            for number in range(40):
                assert (await node.reserve(60 + 10 * number, 10, **FAR)).status == 201
            assert relay.connections <= 2  # a probe may have come at the same time
            at_once = 5
            for _ in range(8):
                reads = await asyncio.gather(*(node.get("/v1/points/server2.a") for _ in range(at_once)))
                assert {reply.status for reply in reads} == {200}
            assert relay.connections <= at_once


async def test_an_owner_that_is_away_costs_nobody_their_patience(tmp_path: Path) -> None:
    """After some failures callers are told at once when to come again; and once it is back, it is found."""
    limits = Limits(breaker_failures=2, breaker_pause_ms=1_500)
    port = free_port()
    async with node_before(f"http://127.0.0.1:{port}", tmp_path, limits) as node:
        for _ in range(2):
            is_problem(await node.reserve(**FAR), 503, "owner-unreachable", "none")
        told = await node.reserve(**FAR)
        is_problem(told, 503, "owner-unreachable", "none")
        assert told.headers["Retry-After"] == "2", "until the next trial"
        metrics = (await node.get("/metrics")).body
        assert 'recarga_peer_breaker{peer="server2",state="open"} 1.0' in metrics
        assert 'recarga_peer_breaker{peer="server2",state="closed"} 0.0' in metrics
        assert 'recarga_peer_breaker_opened_total{peer="server2"} 1.0' in metrics
        assert 'recarga_peer_breaker_refused_total{peer="server2"} 1.0' in metrics
        async with running_node(tmp_path, "server2", port=port) as owner:
            await owner.create("a")
            async with asyncio.timeout(20):
                while (made := await node.reserve(key="k", **FAR)).status != 201:
                    is_problem(made, 503, "owner-unreachable", "none")
                    await asyncio.sleep(0.05)
            assert 'recarga_peer_breaker{peer="server2",state="closed"} 1.0' in (await node.get("/metrics")).body


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
