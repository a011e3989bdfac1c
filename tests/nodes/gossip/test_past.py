"""A node that others have seen further than it is now does not serve; what anybody can forge does not stop it."""

from dataclasses import dataclass, field

import orjson
import pytest

from nodes.config import Limits
from nodes.errors import PeerUnreachable
from nodes.gossip.past import Past
from nodes.gossip.view import View
from nodes.records import Answer, Witness
from nodes.request import ReadAttested, Request
from tests.nodes.gossip.test_view import NOW, birth
from tests.nodes.manual_clock import ManualClock, settle

OWN = (3, 100)


@dataclass
class Peers:
    """What each peer says that ``server1`` told it, and whether its operator gave the address."""

    words: dict[str, tuple[Witness, bool] | Exception | Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        assert request.action == ReadAttested("server1")
        self.asked.append(node_id)
        word = self.words[node_id]
        if isinstance(word, Exception):
            raise word
        if isinstance(word, Answer):
            return word
        (epoch, ver), vouched = word
        return Answer(200, orjson.dumps({"of": "server1", "epoch": epoch, "ver": ver, "vouched": vouched}))

    async def close(self) -> None:
        pass


class Asker:
    def __init__(self, words: dict[str, tuple[Witness, bool] | Exception | Answer], *configured: str) -> None:
        self.clock = ManualClock(NOW)
        self.peers = Peers(words)
        self.reasons: list[str] = []
        self.view = View("server1", "recarga", Limits())
        for node_id in words:
            if node_id in configured:
                self.view.configure(node_id, f"http://{node_id}:9000")
            else:
                self.view.hear(birth(node_id), OWN, NOW)
        self.past = Past("server1", self.clock, self.peers, self.view, Limits(), lambda: OWN, self.reasons.append)


MORE, LESS = ((3, 101), True), ((3, 100), True)


@pytest.mark.parametrize("seen", [(3, 101), (4, 1), (9, 900)])
async def test_one_peer_that_operators_vouch_for_is_enough(seen: Witness) -> None:
    """It was asked where the operator says that it is, and it asked this node where its own operator says."""
    asker = Asker({"server2": (seen, True), "server3": LESS}, "server2", "server3")
    await asker.past.check()
    (reason,) = asker.reasons
    assert f"server2 has seen epoch {seen[0]}, ver {seen[1]}" in reason


@pytest.mark.parametrize("seen", [(0, 0), (3, 100), (2, 100), (3, 7)])
async def test_who_has_seen_no_more_stops_nobody(seen: Witness) -> None:
    """Also those that know nothing."""
    asker = Asker({"server2": (seen, True)}, "server2")
    await asker.past.check()
    assert asker.reasons == []


async def test_a_stranger_alone_stops_nobody_and_two_do() -> None:
    """One forged birth makes a stranger a peer; nobody vouches for what a peer heard at an address out of gossip."""
    for words, configured, stopped in (
        ({"evil": MORE}, (), False),
        ({"server2": ((3, 101), False)}, ("server2",), False),
        ({"evil": MORE, "server2": LESS}, ("server2",), False),
        ({"server2": MORE, "server3": MORE}, (), True),
    ):
        asker = Asker(dict(words), *configured)
        await asker.past.check()
        assert bool(asker.reasons) == stopped, words


@pytest.mark.parametrize(
    "word",
    [PeerUnreachable("server2", "gone"), Answer(200, b"{"), Answer(503, b"{}"), Answer(200, b'{"of":"x","epoch":"9"}')],
    ids=["unreachable", "garbage", "busy", "no word"],
)
async def test_who_does_not_answer_has_nothing_to_say(word: Answer | Exception) -> None:
    """Availability first: a node serves when nobody can tell."""
    asker = Asker({"server2": word}, "server2")
    await asker.past.check()
    assert (asker.peers.asked, asker.reasons) == (["server2"], [])


async def test_claims_lead_to_one_question_in_a_while() -> None:
    """Anybody may forge them, as fast as it likes; that must not make a node ask as fast."""
    asker = Asker({"server2": LESS}, "server2")
    for _ in range(100):
        asker.past.suspect()
        await asker.clock.advance(1)
    assert 3 <= len(asker.peers.asked) <= 5
    asker.peers.words["server2"] = MORE
    asker.past.suspect()
    await asker.clock.advance(31)
    await settle()
    assert len(asker.reasons) == 1
    await asker.past.stop()
