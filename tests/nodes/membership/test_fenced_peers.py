"""Requests carry the epoch, and a refusal that names a higher one is heeded."""

from dataclasses import replace

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


class OwnEpochs:
    """This node is at epoch 3, and has met the peer at epoch 5."""

    epoch = 3

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int, bool]] = []

    def met(self, node_id: str) -> int:
        return 5 if node_id == "server2" else 0

    def supersede(self, peer: str, url: str, epoch: int, vouched: bool) -> NotServing:
        self.told.append((peer, url, epoch, vouched))
        return Superseded("server1", 3, epoch)


def fenced(peer: Peer, epochs: OwnEpochs) -> FencedPeers:
    return FencedPeers(peer, lambda: epochs)


async def test_every_request_carries_the_epochs_of_both_sides() -> None:
    """And is else as it was."""
    peer, own = Peer(200, {}), OwnEpochs()
    for node_id in ("server2", "server3"):
        assert await fenced(peer, own).ask(node_id, "u", ASKED, 9) is peer.answer
    asked = [replace(ASKED, from_epoch=3, met_epoch=met) for met in (5, None)]
    assert peer.asked == asked


async def test_a_peer_that_has_met_a_later_epoch_is_heard() -> None:
    """The request was refused there: nothing was done."""
    own = OwnEpochs()
    for members in ({"epoch": 4, "vouched": True}, {"epoch": 5, "vouched": "yes"}):
        peer = Peer(409, {"type": "urn:recarga:problem:stale-epoch", **members})
        with pytest.raises(Superseded):
            await fenced(peer, own).ask("server2", "u", ASKED, 9)
    assert own.told == [("server2", "u", 4, True), ("server2", "u", 5, False)]


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
    peer, own = Peer(409, body), OwnEpochs()
    assert await fenced(peer, own).ask("server2", "u", ASKED, 9) is peer.answer
    assert own.told == []
