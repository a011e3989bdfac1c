"""A peer that does not answer is left alone, and found when it is back: over HTTP and in virtual time alike."""

import asyncio

import pytest

from nodes.config import Limits
from nodes.domain.commands import Reserve
from nodes.errors import NodeBusy, PeerTimeout, PeerUnreachable
from nodes.peers.breaker import BreakerState
from nodes.peers.guarded_peers import GuardedPeers
from nodes.records import Answer
from nodes.request import Request
from tests.nodes.contracts.peer_worlds import REQUESTS_MAX, HttpWorld, Owner, PeersWorld, VirtualPeersWorld
from tests.nodes.contracts.playing import played, until
from tests.nodes.peers.strange_owner import PROBLEM

RESERVE = Request("server2.a", Reserve("ana", 1, 2), key="k")
CREATED = Answer(201, b'{"id":1}', (1, 2))
LIMITS = Limits(breaker_failures=3, breaker_patience_ms=100, breaker_pause_ms=100, breaker_pause_ms_max=400)
FAILURES = LIMITS.breaker_failures


@pytest.fixture(params=["http", "virtual"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PeersWorld:
    return HttpWorld(monkeypatch) if request.param == "http" else VirtualPeersWorld()


def state(peers: GuardedPeers, node_id: str = "server2") -> BreakerState:
    return next(its for peer, its, _, _ in peers.states() if peer == node_id)


async def ask(peers: GuardedPeers, url: str, timeout_ms: int = 5_000) -> Answer:
    return await peers.ask("server2", url, RESERVE, timeout_ms)


async def fail(peers: GuardedPeers, owner: Owner, times: int = FAILURES) -> None:
    """Ask an owner who takes the request and does not answer."""
    owner.hang()
    for _ in range(times):
        with pytest.raises(PeerTimeout):
            await ask(peers, owner.url, 100)


@played
async def test_who_answers_nothing_is_not_asked_any_more(world: PeersWorld) -> None:
    """The caller learns at once, and for certain, that nothing was done, and when to come again."""
    peers, owner = (
        world.guard(Limits(breaker_failures=3, breaker_patience_ms=100, breaker_pause_ms=7_000)),
        await world.new_owner(),
    )
    loop = asyncio.get_running_loop()
    await fail(peers, owner)
    asked_s = loop.time()
    with pytest.raises(PeerUnreachable) as unreachable:
        await ask(peers, owner.url)
    assert unreachable.value.node_id == "server2"
    assert unreachable.value.retry_after_s == 7
    assert loop.time() - asked_s < 0.1
    assert owner.acted == FAILURES, "it was not asked"
    assert list(peers.states()) == [("server2", BreakerState.OPEN, 1, 1)]


@played
async def test_nobody_there_counts_as_well(world: PeersWorld) -> None:
    """A refused connection is the clearest sign there is."""
    peers, nobody = world.guard(LIMITS), world.nobody()
    for _ in range(FAILURES):
        with pytest.raises(PeerUnreachable):
            await ask(peers, nobody)
    assert state(peers) is not BreakerState.CLOSED


@pytest.mark.parametrize("status", [400, 409, 421, 422, 429, 500, 503, 504])
@played
async def test_a_refusal_is_an_answer(world: PeersWorld, status: int) -> None:
    """An owner who is busy, full or stopping says so itself, and its word is better than ours."""
    peers, owner = world.guard(LIMITS), await world.new_owner()
    owner.answer(Answer(status, PROBLEM))
    for _ in range(3 * FAILURES):
        assert (await ask(peers, owner.url)).status == status
    assert state(peers) is BreakerState.CLOSED


@played
async def test_what_ends_here_says_nothing_of_the_peer(world: PeersWorld) -> None:
    """Callers who leave, and requests too many: the next one is let go."""
    peers, owner = world.guard(LIMITS), await world.new_owner()
    owner.hang()
    for _ in range(FAILURES):
        waiting = [asyncio.ensure_future(ask(peers, owner.url, 60_000)) for _ in range(REQUESTS_MAX)]
        seen = owner.acted
        await until(lambda seen=seen: owner.acted == seen + REQUESTS_MAX)  # type: ignore[misc]
        with pytest.raises(NodeBusy):
            await ask(peers, owner.url)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
    assert state(peers) is BreakerState.CLOSED


@played
async def test_impatience_says_nothing_of_the_peer(world: PeersWorld) -> None:
    """A peer with a slow disk is not gone because somebody cannot wait; and an impatient trial makes room for another."""
    peers, owner = world.guard(LIMITS), await world.new_owner()
    owner.hang()
    for _ in range(2 * FAILURES):
        with pytest.raises(PeerTimeout):
            await ask(peers, owner.url, 60)
    assert state(peers) is BreakerState.CLOSED
    await fail(peers, owner)
    await until(lambda: state(peers) is BreakerState.HALF_OPEN)
    with pytest.raises(PeerTimeout):
        await ask(peers, owner.url, 60)
    owner.answer(CREATED)
    assert await ask(peers, owner.url) == CREATED


@played
async def test_one_request_tries_it_and_an_answer_lets_all_go(world: PeersWorld) -> None:
    """P8: a peer that is back is found, without anybody's help."""
    peers, owner = world.guard(LIMITS), await world.new_owner()
    await fail(peers, owner)
    await until(lambda: state(peers) is BreakerState.HALF_OPEN)
    seen = owner.acted
    trial = asyncio.ensure_future(ask(peers, owner.url, 60_000))
    await until(lambda: owner.acted == seen + 1)
    with pytest.raises(PeerUnreachable) as meanwhile:
        await ask(peers, owner.url)
    assert meanwhile.value.retry_after_s >= 1
    assert owner.acted == seen + 1, "one at a time"
    trial.cancel()
    await asyncio.wait([trial])
    owner.answer(CREATED)
    assert await ask(peers, owner.url) == CREATED, "a trial whose caller left makes room for another"
    assert await asyncio.gather(*(ask(peers, owner.url) for _ in range(REQUESTS_MAX))) == [CREATED] * REQUESTS_MAX
    assert state(peers) is BreakerState.CLOSED


@played
async def test_a_trial_that_is_refused_is_answered(world: PeersWorld) -> None:
    """Were it taken for none, the peer would be alone until somebody's request pleases it."""
    peers, owner = world.guard(LIMITS), await world.new_owner()
    await fail(peers, owner)
    await until(lambda: state(peers) is BreakerState.HALF_OPEN)
    owner.answer(Answer(409, PROBLEM))
    assert (await ask(peers, owner.url)).status == 409
    assert state(peers) is BreakerState.CLOSED


@played
async def test_a_trial_that_fails_leaves_it_alone_again(world: PeersWorld) -> None:
    """And it is tried again, and again."""
    peers, owner = world.guard(LIMITS), await world.new_owner()
    await fail(peers, owner)
    for number in range(3):
        await until(lambda: state(peers) is BreakerState.HALF_OPEN)
        await fail(peers, owner, 1)
        assert owner.acted == FAILURES + number + 1
        with pytest.raises(PeerUnreachable):
            await ask(peers, owner.url)


@played
async def test_each_peer_has_its_own(world: PeersWorld) -> None:
    """One company's outage is nobody else's."""
    peers, owner, good = world.guard(LIMITS), await world.new_owner(), await world.new_owner()
    good.answer(CREATED)
    await fail(peers, owner)
    assert await peers.ask("server3", good.url, RESERVE, 5_000) == CREATED
    assert (state(peers), state(peers, "server3")) == (BreakerState.OPEN, BreakerState.CLOSED)


@played
async def test_at_another_address_it_is_asked_at_once(world: PeersWorld) -> None:
    """It moved, or the last address was a lie: what was learned there does not hold here."""
    peers, owner, moved = world.guard(LIMITS), await world.new_owner(), await world.new_owner()
    moved.answer(CREATED)
    await fail(peers, owner)
    assert await ask(peers, moved.url) == CREATED


@played
async def test_no_more_peers_are_remembered_than_may_be_known(world: PeersWorld) -> None:
    """P10: names come by gossip, from anybody."""
    peers, nobody = world.guard(Limits(peers_max=2)), world.nobody()
    for number in range(5):
        with pytest.raises(PeerUnreachable):
            await peers.ask(f"server{number}", nobody, RESERVE, 5_000)
    assert [peer for peer, _, _, _ in peers.states()] == ["server3", "server4"]
