"""Whatever is at a peer's address: an answer, or a certain "nothing was done", or an honest "I do not know"."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from nodes.domain.commands import Cancel, Reserve
from nodes.errors import NodeBusy, PeerTimeout, PeerUnreachable
from nodes.peers.http_peers import _ANSWER_BYTES_MAX, HttpPeers
from nodes.records import Answer
from nodes.request import ReadPoint, Request
from tests.nodes.peers.strange_owner import PROBLEM, Behaviour, answers, drop, hang, says, strange_owner
from tests.nodes.running import free_port

RESERVE = Request("server2.a", Reserve("ana", 1, 2), key="k")
OK = answers("201 Created", b'{"id":1}', 'ETag: "1-2"', "Location: /v1/x")


@pytest.fixture
async def peers() -> AsyncIterator[HttpPeers]:
    made = HttpPeers("server1", requests_max=2)
    yield made
    await made.close()


async def test_an_answer_comes_back_as_it_was_given(peers: HttpPeers) -> None:
    """Status, body, version and place; and the request carried the key, who hands it on, and a patience.

    Which is shorter than one waits: that the owner's time is over, and that nothing was begun, must still come in time.
    """
    async with strange_owner(OK) as owner:
        told = await peers.ask("server2", owner.url + "/", RESERVE, 4_321)
        assert told == Answer(201, b'{"id":1}', (1, 2), "/v1/x")
        assert owner.seen[0].startswith("POST /v1/reservations HTTP/1.1\r\n")
        assert owner.header("Idempotency-Key") == '"k"'
        assert owner.header("Recarga-Timeout-Ms") == "3888"
        assert owner.header("Recarga-Forwarded-By") == "server1"
        assert owner.header("Cookie") is None


async def test_a_refusal_is_an_answer_too(peers: HttpPeers) -> None:
    """The owner's no is passed on, not turned into an error of the way."""
    busy = answers("503 Service Unavailable", PROBLEM, "Retry-After: 7", content_type="application/problem+json")
    async with strange_owner(busy) as owner:
        assert await peers.ask("server2", owner.url, RESERVE, 5_000) == Answer(503, PROBLEM, retry_after_s=7)


async def test_nobody_at_the_address_means_that_nothing_was_done(peers: HttpPeers) -> None:
    """The one case in which a retry elsewhere would be safe."""
    with pytest.raises(PeerUnreachable):
        await peers.ask("server2", f"http://127.0.0.1:{free_port()}", RESERVE, 5_000)


async def test_a_cancellation_whose_connection_broke_is_not_sent_again_unasked(peers: HttpPeers) -> None:
    """The HTTP client would, as DELETE is idempotent; finding nobody then, it would say that nothing was ever done."""
    cancel = Request("server2.a", Cancel("server2.a.r1-1", "ana"), key="k")
    async with strange_owner(OK) as owner:
        await peers.ask("server2", owner.url, cancel, 5_000)
        owner.behave = drop
        with pytest.raises(PeerTimeout):
            await peers.ask("server2", owner.url, cancel, 5_000)
        assert len(owner.seen) == 2


@pytest.mark.parametrize(
    "url",
    ["", "http://", "http://[", "http://host:99999", "http://host:port", "http://caf\u00e9", "ftp://127.0.0.1", "//x"],
)
async def test_an_address_that_is_none_means_that_nothing_was_done(peers: HttpPeers, url: str) -> None:
    """Addresses come by gossip, from anybody: they must not become a mistake of this node."""
    with pytest.raises(PeerUnreachable):
        await peers.ask("server2", url, RESERVE, 5_000)


STRANGE: dict[str, Behaviour] = {
    "hangs": hang,
    "closes without a word": drop,
    "dies in the head": says(b"HTTP/1.1 201 Cre", then_close=True),
    "dies in the body": says(
        b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"id"', then_close=True
    ),
    "dies in a chunk": says(
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
        then_close=True,
    ),
    "hangs in the body": says(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"),
    "speaks something else": says(b"220 smtp ready\r\n\r\n", then_close=True),
    "is a web page": answers("200 OK", b"<html>It works!</html>", content_type="text/html"),
    "is a proxy whose node is down": answers("502 Bad Gateway", b"<html></html>", content_type="text/html"),
    "says nothing of what it sends": says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    "redirects": answers("307 Temporary Redirect", b"", "Location: http://127.0.0.1:1/", content_type="text/plain"),
    "is cut": answers("201 Created", b'{"id":"server2.a.r1-2"'),
    "is no text": answers("200 OK", b"\xff"),
    "is no object": answers("200 OK", b"[]"),
    "refuses and does not say what": answers("409 Conflict", b"{}"),
    "refuses in something else": answers("409 Conflict", b'{"type":5}'),
    "never ends": answers("200 OK", b"x" * (_ANSWER_BYTES_MAX + 1)),
}


@pytest.mark.parametrize("behave", STRANGE.values(), ids=STRANGE.keys())
async def test_whatever_else_it_does_the_outcome_is_unknown(peers: HttpPeers, behave: Behaviour) -> None:
    """It may have acted: never a success, never a certain no, never an error of another kind."""
    patient_ms = 150 if behave in (STRANGE["hangs"], STRANGE["hangs in the body"]) else 5_000
    async with strange_owner(behave) as owner:
        with pytest.raises(PeerTimeout) as unknown:
            await peers.ask("server2", owner.url, RESERVE, patient_ms)
        assert unknown.value.node_id == "server2"
        assert len(owner.seen) == 1, "a command is sent once, and not again behind the caller's back"


async def test_a_command_on_a_connection_that_just_died_is_not_sent_twice(peers: HttpPeers) -> None:
    """The owner restarts between two requests: whether it took the second is unknown to us, and said so."""
    turns = iter([OK, drop])

    async def behave(writer: asyncio.StreamWriter) -> None:
        await next(turns, OK)(writer)

    async with strange_owner(behave) as owner:
        await peers.ask("server2", owner.url, RESERVE, 5_000)
        with pytest.raises(PeerTimeout):
            await peers.ask("server2", owner.url, RESERVE, 5_000)
        assert len(owner.seen) == 2
        assert (await peers.ask("server2", owner.url, RESERVE, 5_000)).status == 201


async def test_only_so_many_requests_are_under_way_to_one_peer(peers: HttpPeers) -> None:
    """P10: a hanging owner must not hold all of this node's memory; other owners are still asked."""
    async with strange_owner(hang) as owner, strange_owner(OK) as good:
        waiting = [asyncio.create_task(peers.ask("server2", owner.url, RESERVE, 60_000)) for _ in range(2)]
        while len(owner.seen) < 2:
            await asyncio.sleep(0)
        with pytest.raises(NodeBusy) as busy:
            await peers.ask("server2", owner.url, RESERVE, 1_000)
        assert busy.value.retry_after_s >= 1
        assert (await peers.ask("server3", good.url, RESERVE, 5_000)).status == 201
        for task in waiting:  # callers that give up make room
            task.cancel()
        await asyncio.wait(waiting)
        assert (await peers.ask("server2", good.url, RESERVE, 5_000)).status == 201


async def test_a_read_is_asked_fresh(peers: HttpPeers) -> None:
    """Asking the owner for its own view of another node would send the question round in a circle."""
    async with strange_owner(OK) as owner:
        await peers.ask("server2", owner.url, Request("server2.a", ReadPoint()), 5_000)
        assert owner.seen[0].startswith("GET /v1/points/server2.a?fresh=true HTTP/1.1\r\n")


async def test_closing_without_having_asked_is_no_mistake() -> None:
    """Most nodes of a small network never hand anything on."""
    await HttpPeers("server1", requests_max=1).close()
