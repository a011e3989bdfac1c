"""Who asks, when, and how many at once."""

import asyncio

import pytest

from nodes.config import Limits
from nodes.membership.prober import Prober
from nodes.records import Answer
from nodes.request import Ping, Request
from nodes.tidings import TIDINGS, NodeState, Tidings
from tests.nodes.manual_clock import ManualClock, settle
from tests.nodes.membership.nodes_meeting import Believer, claim

LIMITS = Limits(probes_at_once=3, indirect_probes=2)


class Bench:
    """A node's prober, and peers that answer, or hang, as the test says."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.believer = Believer("a", limits=LIMITS)
        self.asked: list[tuple[str, str | None]] = []
        self.under_way = 0
        self.silent: dict[str, None] = {}
        self.helpful = True
        self.prober = Prober(
            self.believer.members, self.believer.nodes, self.clock, self, LIMITS, write=self.write, read=self.read
        )

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        assert isinstance(request.action, Ping)
        self.asked.append((node_id, request.action.reach))
        self.under_way += 1
        try:
            if node_id in self.silent:
                await asyncio.Event().wait()
            reached = self.helpful if request.action.reach is not None else None
            said = Tidings(claim(node_id), 0, 0, None, "", 0, (), reached)
            return Answer(200, TIDINGS.dump_json(said))
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        pass

    def write(self, to: str, about: str | None) -> Tidings:
        return Tidings(self.believer.members.claim, 0, 0, None, "", 0)

    def read(self, tidings: Tidings, answered_at: str | None) -> None:
        self.believer.members.meet(tidings.sender, self.believer.now, answered=answered_at is not None)

    def know(self, *node_ids: str) -> None:
        for node_id in node_ids:
            node = self.believer.know(node_id)
            assert node is not None
            node.url = f"http://{node_id}:9000"


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_everybody_known_is_asked_at_the_start_and_no_more_than_some_at_once(bench: Bench) -> None:
    """P10: a node that comes back to a large network must not ask all of it at once."""
    bench.know(*"bcdefg")
    bench.silent = dict.fromkeys("bcdefg")
    bench.prober.start()
    await settle()
    assert (bench.under_way, len(bench.asked)) == (3, 3)
    await bench.prober.stop()
    assert bench.under_way == 0


async def test_what_had_to_wait_is_asked_when_there_is_room(bench: Bench) -> None:
    """A doubt that is forgotten is a dead node that nobody misses."""
    bench.know(*"bcdefg")
    bench.prober.start()
    await settle()
    assert sorted(node_id for node_id, _ in bench.asked) == list("bcdefg")
    assert all(bench.believer.state(node_id) is NodeState.ALIVE for node_id in "bcdefg")
    await bench.prober.stop()


async def test_others_are_asked_for_who_does_not_answer(bench: Bench) -> None:
    """Two of them, at most; and if one reaches it, it is no suspect."""
    bench.know("b", "c", "d", "e")
    bench.prober.start()
    await settle()
    bench.asked.clear()
    refuse = bench.ask

    async def not_b(node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        answer = await refuse(node_id, url, request, timeout_ms)
        return Answer(503, b"{}") if node_id == "b" else answer

    bench.ask = not_b  # type: ignore[method-assign]
    bench.prober.doubt("b")
    await settle()
    assert [node_id for node_id, reach in bench.asked if reach is None] == ["b"]
    assert len([node_id for node_id, reach in bench.asked if reach == "b"]) == 2
    assert bench.believer.state("b") is NodeState.ALIVE
    bench.helpful = False
    bench.prober.doubt("b")
    await settle()
    assert bench.believer.state("b") is NodeState.SUSPECT
    assert str(bench.believer.nodes["b"].reason) == "no answer to a probe, 2 indirect"
    await bench.prober.stop()


async def test_a_strangers_answer_is_none(bench: Bench) -> None:
    """Somebody else at a node's address vouches for nobody."""
    bench.know("b")
    answer = bench.ask

    async def as_c(_: str, url: str, request: Request, timeout_ms: int) -> Answer:
        return await answer("c", url, request, timeout_ms)

    bench.ask = as_c  # type: ignore[method-assign]
    assert not await bench.prober.reach("b")
    assert not await bench.prober.reach("nobody")
