"""Requests carry the epoch, and a refusal that names a higher one is heeded."""

import orjson
import pytest

from nodes.errors import NotServing, Superseded
from nodes.membership.fenced_peers import FencedPeers
from nodes.records import Answer
from nodes.request import ReadPoint, Request

ASKED = Request("server2.a", ReadPoint(), timeout_ms=7)


class Peer:
    """Answers with what the test says."""

    def __init__(self, status: int, body: object) -> None:
        self.answer = Answer(status, orjson.dumps(body))
        self.asked: list[Request] = []

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        self.asked.append(request)
        return self.answer

    async def close(self) -> None:
        pass


def fenced(peer: Peer, told: list[int]) -> FencedPeers:
    def supersede(epoch: int) -> NotServing:
        told.append(epoch)
        return Superseded("server1", 3, epoch)

    return FencedPeers(peer, lambda: 3, supersede)


async def test_every_request_carries_the_epoch_of_this_start() -> None:
    """And is else as it was."""
    peer = Peer(200, {})
    assert await fenced(peer, []).ask("server2", "u", ASKED, 9) is peer.answer
    assert peer.asked == [Request("server2.a", ReadPoint(), timeout_ms=7, from_epoch=3)]


async def test_a_peer_that_has_met_a_later_epoch_ends_this_process() -> None:
    """The request was refused there: nothing was done."""
    told: list[int] = []
    peer = Peer(409, {"type": "urn:recarga:problem:stale-epoch", "epoch": 4})
    with pytest.raises(Superseded):
        await fenced(peer, told).ask("server2", "u", ASKED, 9)
    assert told == [4]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "urn:recarga:problem:window-taken", "epoch": 9},
        {"type": "urn:recarga:problem:stale-epoch", "epoch": 3},
        {"type": "urn:recarga:problem:stale-epoch", "epoch": "9"},
        {"type": "urn:recarga:problem:stale-epoch"},
    ],
)
async def test_other_refusals_are_answers(body: object) -> None:
    """A node does not stop for less than a later epoch of its own."""
    told: list[int] = []
    peer = Peer(409, body)
    assert await fenced(peer, told).ask("server2", "u", ASKED, 9) is peer.answer
    assert told == []
