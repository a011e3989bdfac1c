"""What a node does when it knows that its view of another is behind: it asks, and believes the owner before all hearsay."""

from collections.abc import Callable
from typing import Any, Self

import orjson
import pytest

from nodes.config import Limits
from nodes.domain.ids import owner_of
from nodes.errors import PeerUnreachable
from nodes.gossip.anti_entropy import AntiEntropy
from nodes.gossip.fingerprint import PointsHash
from nodes.gossip.view import View
from nodes.ports import Message
from nodes.problems import FORKED, JOURNAL_TRIMMED, problem
from nodes.records import Answer, Witness
from nodes.request import ReadJournal, ReadSnapshot, Request
from nodes.tidings import NodeState
from tests.nodes.gossip.test_view import NOW, OWN, availability, birth, death, event, met
from tests.nodes.manual_clock import ManualClock, settle

ROUND_S = 8.0
"""More than ``anti_entropy_ms`` and a quarter."""


class Owner:
    """``server2``, as it answers: it has these points; ``on_ask`` happens while an answer is on its way."""

    def __init__(self, points: dict[str, Witness], *, epoch: int = 1, ver: int = 9) -> None:
        self.points = points
        self.epoch = epoch
        self.ver = ver
        self.life: int | None = 1
        self.trimmed = False
        self.gives: Answer | Exception | None = None
        self.on_ask: Callable[[], None] = lambda: None
        self.asked: list[ReadJournal | ReadSnapshot] = []

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        query = request.action
        assert isinstance(query, (ReadJournal, ReadSnapshot))
        self.asked.append(query)
        answer = self.answer(query)
        self.on_ask()
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives or answer

    async def close(self) -> None:
        pass

    def answer(self, query: ReadJournal | ReadSnapshot) -> Answer:
        if isinstance(query, ReadJournal):
            if self.trimmed and query.after_ver < self.ver:
                return problem(JOURNAL_TRIMMED, "gone", first_ver=self.ver)
            points = [] if query.after_ver >= self.ver else list(self.points)
            return self.page(first_ver=1, points=points, next_after=None)
        ids = sorted(point_id for point_id in self.points if point_id > query.after)
        following = ids[query.limit - 1] if len(ids) > query.limit else None
        return self.page(items=ids[: query.limit], next_after=following)

    def page(self, **members: Any) -> Answer:
        truth = PointsHash()
        for point_id, witness in self.points.items():
            truth.set(point_id, witness)
        said = {"node": "server2", "epoch": self.epoch, "life": self.life, "head_ver": self.ver, "count": 1}
        for name in ("points", "items"):
            if name in members:
                members[name] = [self.told(point_id) for point_id in members[name]]
        return Answer(200, orjson.dumps(said | {"points_hash": truth.text} | members))

    def told(self, point_id: str) -> dict[str, Any]:
        epoch, seq = self.points[point_id]
        data = orjson.loads(availability(point_id, epoch=epoch, seq=seq).payload)["data"]
        return {**data, "witness": [epoch, seq]}


class Reader:
    """``server1``, whose view it is. It has met ``server2`` and heard of its birth, and nothing else."""

    def __init__(self, owner: Owner, **limits: int) -> None:
        self.clock = ManualClock(NOW)
        self.owner = owner
        bounds = Limits(**limits)
        self.view = View("server1", "recarga", bounds)
        self.task = AntiEntropy("server1", self.clock, owner, self.view, bounds)
        self.view.on_sign = self.task.sign
        self.view.configure("server2", "http://server2:9000")
        self.hear(birth())
        met(self.view)

    async def __aenter__(self) -> Self:
        self.task.start()
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.task.stop()

    def hear(self, message: Message) -> None:
        self.view.hear(message, OWN, self.clock.now_ms())

    def digest(self, text: str = "other", *, epoch: int = 1, ver: int = 9) -> None:
        self.hear(
            event("recarga/recarga/server2/digest", {"points_hash": text}, subject="server2", epoch=epoch, ver=ver)
        )

    def versions(self) -> dict[str, Witness]:
        return {point_id: view.witness for point_id, view in self.view.points.items()}

    @property
    def state(self) -> NodeState:
        return self.view.nodes["server2"].shown[0]


POINTS = {"server2.a": (1, 3), "server2.b": (1, 5), "server2.c": (1, 1)}


async def test_what_gossip_lost_is_asked_for_after_a_round_and_not_before() -> None:
    """What is only late comes by itself."""
    async with Reader(Owner(dict(POINTS))) as reader:
        reader.digest()
        assert reader.view.is_stale("server2")
        await reader.clock.advance(1)
        assert reader.owner.asked == []
        await reader.clock.advance(ROUND_S)
        assert reader.versions() == POINTS
        assert not reader.view.is_stale("server2")


async def test_nothing_is_asked_while_the_view_agrees() -> None:
    """No periodic work: a quiet network stays quiet. Only its word on a new epoch is asked for, once."""
    owner = Owner({"server2.a": (1, 3)})
    async with Reader(owner) as reader:
        reader.hear(availability("server2.a", seq=3))
        truth = PointsHash()
        truth.set("server2.a", (1, 3))
        reader.digest(truth.text)
        await reader.clock.advance(ROUND_S)
        assert len(owner.asked) == 1
        await reader.clock.advance(86_400)
        assert len(owner.asked) == 1


async def test_a_view_that_is_near_asks_for_the_journal_and_else_for_a_snapshot() -> None:
    """A range where that is less; all of it when the range is too long, or a new epoch has changed every point."""
    for more, kind in ((3, ReadJournal), (30, ReadSnapshot)):
        owner = Owner({"server2.a": (1, 3)})
        async with Reader(owner, pull_events_max=10, attest_events=10**6) as reader:
            reader.digest()
            await reader.clock.advance(ROUND_S)
            owner.points["server2.a"], owner.ver = (1, 4), owner.ver + more
            reader.digest("more", ver=owner.ver)
            await reader.clock.advance(ROUND_S)
            assert reader.versions() == owner.points
            assert isinstance(owner.asked[-1], kind)


async def test_a_journal_that_was_trimmed_leads_to_a_snapshot() -> None:
    """No node trims its journal today; one that will says so, and is understood."""
    owner = Owner({"server2.a": (1, 3)})
    async with Reader(owner, attest_events=10**6) as reader:
        reader.digest()
        await reader.clock.advance(ROUND_S)
        owner.points, owner.ver, owner.trimmed = dict(POINTS), 20, True
        reader.digest("more", ver=20)
        await reader.clock.advance(ROUND_S)
        assert [type(query) for query in owner.asked[-2:]] == [ReadJournal, ReadSnapshot]
        assert reader.versions() == POINTS


async def test_a_snapshot_comes_in_pages_and_what_the_owner_does_not_have_is_forgotten() -> None:
    """Also between two pages, in front of the first and behind the last."""
    owner = Owner(dict(POINTS))
    async with Reader(owner, pull_items=2) as reader:
        for slug in ("a0", "bb", "0", "z"):
            reader.hear(availability(f"server2.{slug}", seq=7))
        reader.hear(availability("server3.m", seq=7))
        reader.digest()
        await reader.clock.advance(ROUND_S)
        assert reader.versions() == POINTS | {"server3.m": (1, 7)}
        assert sum(isinstance(query, ReadSnapshot) for query in owner.asked) == 2


async def test_what_is_heard_while_the_owner_is_asked_is_newer_than_its_answer() -> None:
    """P7: an answer that gossip has overtaken must not take the view back."""
    owner = Owner({"server2.a": (1, 3)})
    async with Reader(owner) as reader:

        def go_on() -> None:
            seq = owner.points["server2.a"][1] + 1
            owner.points["server2.a"] = (1, seq)
            reader.hear(availability("server2.a", seq=seq))

        owner.on_ask = go_on
        reader.digest()
        await reader.clock.advance(ROUND_S)
        assert len(owner.asked) > 1
        assert reader.versions() == owner.points


async def test_lies_are_taken_back() -> None:
    """Versions, a death, an epoch, a digest that the owner knows nothing of: anybody can make them up."""
    owner = Owner({"server2.a": (1, 3)})
    async with Reader(owner) as reader:
        for lie in (availability("server2.a", epoch=9, seq=50), birth(epoch=9, life=7), death(epoch=9, life=7)):
            reader.hear(lie)
        reader.digest(epoch=9, ver=5_000)
        await reader.clock.advance(ROUND_S)
        assert reader.versions() == {"server2.a": (1, 3)}
        node = reader.view.nodes["server2"]
        assert (node.state, node.epoch, node.life, node.ver) == (NodeState.ALIVE, 1, 1, 9)
        assert not reader.view.is_stale("server2")


async def test_two_accounts_of_one_version_are_settled_by_the_owner() -> None:
    """The fingerprint says nothing of contents: one of the two is a lie, whichever came first."""
    owner = Owner({"server2.a": (1, 3)})
    async with Reader(owner) as reader:
        reader.hear(availability("server2.a", seq=3, price_per_kwh_minor=1))
        reader.hear(availability("server2.a", seq=3))
        assert reader.view.is_stale("server2")
        await reader.clock.advance(ROUND_S)
        assert reader.view.points["server2.a"].data.price_per_kwh_minor == 100
        assert not reader.view.is_stale("server2")


@pytest.mark.parametrize(
    "given",
    [
        PeerUnreachable("server2", "nobody there"),
        Answer(503, b"{}"),
        Answer(200, b"garbage"),
        Answer(200, b"{}"),
        Answer(410, b"[]"),
    ],
    ids=["unreachable", "busy", "garbage", "no page", "no problem"],
)
async def test_an_owner_that_does_not_answer_is_asked_more_and_more_rarely(given: Answer | Exception) -> None:
    """And the view stays as it is. When it is born again nobody waits for the long pause to end."""
    owner = Owner(dict(POINTS))
    owner.gives = given
    async with Reader(owner) as reader:
        reader.digest()
        await reader.clock.advance(600)
        assert 8 < len(owner.asked) < 16
        assert reader.versions() == {}
        owner.gives = None
        reader.hear(birth(life=2))
        await reader.clock.advance(ROUND_S)
        assert reader.versions() == POINTS


async def test_a_node_speaks_for_its_own_points_only() -> None:
    """Whoever answers at a peer's address must not change what is believed of a third."""
    owner = Owner({"server3.x": (1, 3)})
    async with Reader(owner) as reader:
        reader.digest()
        await reader.clock.advance(ROUND_S)
        assert not [point_id for point_id in reader.versions() if owner_of(point_id) == "server3"]
        assert reader.task.failures > 0


@pytest.mark.parametrize(("epoch", "ver"), [(2, 8), (1, 20)])
async def test_a_node_that_has_less_than_it_told_is_forked_until_it_has_it_again(epoch: int, ver: int) -> None:
    """An old backup, or an old process: what is known of it stays, and it says why."""
    owner = Owner(dict(POINTS), epoch=2, ver=15)
    async with Reader(owner) as reader:
        reader.digest(epoch=2, ver=15)
        await reader.clock.advance(ROUND_S)
        assert (reader.state, reader.versions()) == (NodeState.ALIVE, POINTS)
        owner.epoch, owner.ver, owner.points = epoch, ver, {"server2.a": (2, 1)}
        reader.view.note_digest("server2", (epoch, ver), "old", NOW)
        await reader.clock.advance(ROUND_S)
        assert (reader.state, reader.versions()) == (NodeState.FORKED, POINTS)
        assert "told of epoch 2, ver 15" in str(reader.view.nodes["server2"].shown[1])
        reader.hear(birth(epoch=3))
        assert reader.state is NodeState.FORKED, "gossip clears nobody"
        owner.epoch, owner.ver, owner.points = 3, 15, {"server2.a": (3, 3)}
        await reader.clock.advance(600)
        assert (reader.state, reader.versions()) == (NodeState.ALIVE, {"server2.a": (3, 3)})


async def test_a_forged_epoch_is_taken_back_by_the_node_itself() -> None:
    """As long as it stood, all digests of the epoch that is would count as old, and the view as stale."""
    async with Reader(Owner(dict(POINTS), ver=9)) as reader:
        reader.digest()
        await reader.clock.advance(ROUND_S)
        reader.hear(death(epoch=2, life=1))
        await reader.clock.advance(ROUND_S)
        assert reader.view.nodes["server2"].born_epoch == 1
        reader.digest(ver=10)
        assert reader.view.is_stale("server2"), "the digest of another version was not heard"


async def test_a_node_that_says_itself_that_it_is_forked_is_believed() -> None:
    """It refuses everything, with a problem of its own."""
    owner = Owner(dict(POINTS))
    owner.gives = problem(FORKED, "old")
    async with Reader(owner) as reader:
        reader.digest()
        await reader.clock.advance(ROUND_S)
        assert reader.state is NodeState.FORKED
