"""What ``Peers`` promise: an answer, or a certain "nothing was done", or an honest "I do not know"."""

import asyncio
from collections.abc import Callable

import pytest

from nodes.config import Limits
from nodes.domain.commands import Reserve
from nodes.errors import NodeBusy, PeerTimeout, PeerUnreachable
from nodes.records import Answer
from nodes.request import ReadPoint, Request
from tests.nodes.contracts.peer_worlds import REQUESTS_MAX, HttpWorld, PeersWorld, VirtualPeersWorld
from tests.nodes.contracts.playing import played, until
from tests.nodes.peers.strange_owner import PROBLEM

RESERVE = Request("server2.a", Reserve("ana", 1, 2), key="k")
CREATED = Answer(201, b'{"id":1}', (1, 2), "/v1/x")


class Guarded(PeersWorld):
    """With a breaker before the adapter, as a node has it."""

    def build(self) -> None:
        super().build()
        self.guard(Limits())


class GuardedHttpWorld(Guarded, HttpWorld):
    pass


class GuardedVirtualWorld(Guarded, VirtualPeersWorld):
    pass


@pytest.fixture(params=["http", "virtual", "guarded http", "guarded virtual"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PeersWorld:
    worlds: dict[str, Callable[[], PeersWorld]] = {
        "http": lambda: HttpWorld(monkeypatch),
        "virtual": VirtualPeersWorld,
        "guarded http": lambda: GuardedHttpWorld(monkeypatch),
        "guarded virtual": GuardedVirtualWorld,
    }
    return worlds[request.param]()


@pytest.mark.parametrize("status", [200, 201, 400, 404, 409, 412, 421, 422, 429, 500, 503, 504])
@played
async def test_an_answer_is_passed_on_whatever_its_status(world: PeersWorld, status: int) -> None:
    """The owner's no is an answer, and no error of the way."""
    owner = await world.new_owner()
    given = Answer(
        status, b'{"type":"urn:recarga:problem:x","a":1}', (3, 4), "/v1/x", 7 if status in (429, 503) else None
    )
    owner.answer(given)
    assert await world.peers.ask("server2", owner.url, RESERVE, 5_000) == given
    assert owner.acted == 1


@played
async def test_one_answer_after_another_comes_from_the_same_peer(world: PeersWorld) -> None:
    """Connections are kept; an answer belongs to its own request."""
    owner = await world.new_owner()
    for number in range(5):
        owner.answer(Answer(200, b'{"n":%d}' % number))
        assert (await world.peers.ask("server2", owner.url, RESERVE, 5_000)).body == b'{"n":%d}' % number
    assert owner.acted == 5


@played
async def test_nobody_listens_there_and_nothing_was_done(world: PeersWorld) -> None:
    """The one case in which a retry elsewhere is safe; it is known at once."""
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    with pytest.raises(PeerUnreachable) as unreachable:
        await world.peers.ask("server2", world.nobody(), RESERVE, 60_000)
    assert unreachable.value.node_id == "server2"
    assert loop.time() - asked_s < world.connect_s


@pytest.mark.parametrize("url", ["", "http://[", "ftp://127.0.0.1", "http://nowhere.test:99999"])
@played
async def test_an_address_that_is_none_means_that_nothing_was_done(world: PeersWorld, url: str) -> None:
    """Addresses come by gossip, from anybody."""
    with pytest.raises(PeerUnreachable):
        await world.peers.ask("server2", url, RESERVE, 5_000)


@played
async def test_an_address_may_end_in_a_slash(world: PeersWorld) -> None:
    """Operators write them both ways."""
    owner = await world.new_owner()
    owner.answer(CREATED)
    assert await world.peers.ask("server2", owner.url + "/", RESERVE, 5_000) == CREATED


@played
async def test_where_no_connection_comes_about_nothing_was_done(world: PeersWorld) -> None:
    """A firewall, a machine that is off: known after a bounded time, long before the caller's patience ends."""
    loop = asyncio.get_running_loop()
    hole = await world.black_hole()
    asked_s = loop.time()
    with pytest.raises(PeerUnreachable):
        await world.peers.ask("server2", hole, RESERVE, 60_000)
    assert world.connect_s * 0.9 <= loop.time() - asked_s <= world.connect_s + 5


@played
async def test_impatience_ends_before_the_connection_does(world: PeersWorld) -> None:
    """The deadline counts from the asking, whatever is under way."""
    loop = asyncio.get_running_loop()
    hole = await world.black_hole()
    asked_s = loop.time()
    with pytest.raises((PeerUnreachable, PeerTimeout)):
        await world.peers.ask("server2", hole, RESERVE, round(world.connect_s * 300))
    assert loop.time() - asked_s < world.connect_s


@played
async def test_who_took_the_request_and_does_not_answer_may_have_acted(world: PeersWorld) -> None:
    """Never a certain no; and the wait ends at the deadline, not before and not long after."""
    owner, loop = await world.new_owner(), asyncio.get_running_loop()
    owner.hang()
    asked_s = loop.time()
    with pytest.raises(PeerTimeout) as unknown:
        await world.peers.ask("server2", owner.url, RESERVE, 400)
    assert unknown.value.node_id == "server2"
    assert 0.39 <= loop.time() - asked_s <= 3
    assert owner.acted == 1, "a command is sent once"


@played
async def test_who_died_of_the_request_may_have_acted(world: PeersWorld) -> None:
    """It may have written its journal before it died. What follows finds it alive, and the next answer is its own."""
    owner = await world.new_owner()
    owner.answer(CREATED)
    await world.peers.ask("server2", owner.url, RESERVE, 5_000)
    owner.die_at_a_request()
    with pytest.raises(PeerTimeout):
        await world.peers.ask("server2", owner.url, RESERVE, 60_000)
    assert owner.acted == 2
    owner.answer(Answer(409, PROBLEM))
    assert (await world.peers.ask("server2", owner.url, RESERVE, 5_000)).status == 409


@played
async def test_a_late_answer_is_nobody_elses(world: PeersWorld) -> None:
    """After a deadline has passed, the next request must not be given the last one's answer."""
    owner = await world.new_owner()
    owner.hang()
    with pytest.raises(PeerTimeout):
        await world.peers.ask("server2", owner.url, RESERVE, 200)
    owner.answer(CREATED)
    read = Request("server2.a", ReadPoint())
    assert await world.peers.ask("server2", owner.url, read, 5_000) == CREATED


@played
async def test_only_so_many_requests_are_under_way_to_one_peer(world: PeersWorld) -> None:
    """P10: a peer that hangs holds a bounded part of this node; the others are asked as before."""
    owner, good = await world.new_owner(), await world.new_owner()
    owner.hang()
    good.answer(CREATED)
    waiting = [
        asyncio.ensure_future(world.peers.ask("server2", owner.url, RESERVE, 60_000)) for _ in range(REQUESTS_MAX)
    ]
    await until(lambda: owner.acted == REQUESTS_MAX)
    with pytest.raises(NodeBusy) as busy:
        await world.peers.ask("server2", owner.url, RESERVE, 60_000)
    assert busy.value.retry_after_s >= 1
    assert owner.acted == REQUESTS_MAX
    assert await world.peers.ask("server3", good.url, RESERVE, 5_000) == CREATED
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    assert all(task.cancelled() for task in waiting)


@played
async def test_who_gives_up_makes_room(world: PeersWorld) -> None:
    """By cancelling, by a deadline, by a refusal: none of them may leak a place."""
    owner = await world.new_owner()
    nobody = world.nobody()
    for _ in range(2 * REQUESTS_MAX):
        owner.hang()
        asking = asyncio.ensure_future(world.peers.ask("server2", owner.url, RESERVE, 60_000))
        seen = owner.acted
        await until(lambda seen=seen: owner.acted > seen)  # type: ignore[misc]
        asking.cancel()
        await asyncio.wait([asking])
        with pytest.raises(PeerTimeout):
            await world.peers.ask("server2", owner.url, RESERVE, 100)
        with pytest.raises(PeerUnreachable):
            await world.peers.ask("server2", nobody, RESERVE, 5_000)
    owner.answer(CREATED)
    answered = [world.peers.ask("server2", owner.url, RESERVE, 5_000) for _ in range(REQUESTS_MAX)]
    assert await asyncio.gather(*answered) == [CREATED] * REQUESTS_MAX
