"""Every marked place, misbehaving: the node keeps its contract; and live nobody is asked at all."""

import ast
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import nodes
from nodes.actors.alarms import Alarms
from nodes.actors.hesitant_gate import HesitantGate
from nodes.actors.mailbox import Mailbox
from nodes.actors.server import Server
from nodes.buggify import PLACES, never
from nodes.config import Limits, NodeConfig
from nodes.domain.commands import Cancel, CreatePoint, Reserve
from nodes.domain.point import Location, PointSpec
from nodes.errors import DeadlineExceeded, NodeBusy, PeerTimeout, PointBusy
from nodes.node import Node
from nodes.ports import Buggify
from nodes.records import Answer, Stamped
from nodes.request import ReadPoint, Request
from tests.nodes.gated_store import GatedStore
from tests.nodes.manual_clock import ManualClock, settle

POINT = "server1.a"
SPEC = PointSpec("A", Location(), 22_000, None, 100)
MINUTE = 60_000


class Odd:
    """Says yes at one place, ``times`` times, or always."""

    def __init__(self, place: str, times: int = 1_000_000) -> None:
        self.place = place
        self.left = times
        self.asked = 0

    def __call__(self, place: str) -> bool:
        assert place in PLACES
        self.asked += place == self.place
        if place != self.place or self.left == 0:
            return False
        self.left -= 1
        return True


class Bench:
    """A server that misbehaves at one place."""

    def __init__(self, odd: Buggify | None, limits: Limits | None = None) -> None:
        self.clock, self.store = ManualClock(), GatedStore()
        self.durable: list[Stamped] = []
        self.server = Server(
            NodeConfig("server1", limits=limits or Limits()),
            self.clock,
            self.store,
            on_durable=self.durable.extend,
            on_time=lambda _: None,
            on_failed=lambda _: None,
            buggify=odd,
        )

    async def create(self) -> Answer:
        return await self.server.handle(Request(POINT, CreatePoint(SPEC)))

    def reserve(self, minute: int, key: str | None = None) -> Awaitable[Answer]:
        start_ms = 1_000_000_000_000 + minute * MINUTE
        return self.server.handle(Request(POINT, Reserve("ana", start_ms, start_ms + 30 * MINUTE), key))


def test_the_places_in_the_list_are_those_in_the_code() -> None:
    """A place that nobody asks for would look explored and is not; one that is not listed cannot be switched on."""
    marked = [
        node.args[0].value
        for path in Path(nodes.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2].lstrip("_") in ("buggify", "misbehaves")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    assert sorted(marked) == sorted(PLACES)
    assert not any(map(never, PLACES))


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("server.full", NodeBusy),
        ("mailbox.full", PointBusy),
        ("point.expire", DeadlineExceeded),
        ("point.look_again", NodeBusy),
    ],
)
async def test_what_refuses_for_no_reason_has_no_effect_and_can_be_tried_again(
    place: str, error: type[Exception]
) -> None:
    """A refusal with Retry-After promises that nothing happened."""
    odd = Odd(place, times=0)
    bench = Bench(odd)
    await bench.create()
    events = len(bench.durable)
    odd.left = 4  # a request is looked up four times
    with pytest.raises(error):
        await bench.reserve(60, "key")
    await bench.server.flushed()
    assert len(bench.durable) == events
    odd.left = 0
    assert (await bench.reserve(60, "key")).status == 201


async def test_what_is_looked_up_again_is_answered_as_ever() -> None:
    """Once overtaken, the second look is the one that counts."""
    odd = Odd("point.look_again", times=3)
    bench = Bench(odd)
    assert (await bench.create()).status == 201
    assert odd.left == 0


@pytest.mark.parametrize("place", ["journal.no_room", "journal.late", "answers.forget", "answers.look_up"])
async def test_slow_ways_come_to_the_same_answers(place: str) -> None:
    """Turns, batches and caches decide when and from where an answer comes, never what it says."""
    told = []
    for odd in (None, Odd(place, times=25)):  # for ever would be a gate that never opens
        bench = Bench(odd)
        await bench.create()
        answers = await asyncio.gather(*(bench.reserve(60 * number, f"key-{number}") for number in range(1, 6)))
        again = await asyncio.gather(*(bench.reserve(60 * number, f"key-{number}") for number in range(1, 6)))
        assert again == answers
        read = await bench.server.handle(Request(POINT, ReadPoint()))
        told.append([(answer.status, answer.body, answer.witness) for answer in (*answers, read)])
        assert odd is None or odd.asked
    assert told[0] == told[1]


async def test_answers_that_are_forgotten_at_once_are_in_the_store() -> None:
    """A key is one effect from memory and from disk."""
    bench = Bench(Odd("answers.forget"))
    await bench.create()
    await bench.reserve(60, "a")
    await bench.reserve(120, "b")
    assert len(bench.server.answers) == 1
    assert (await bench.reserve(60, "a")).status == 201
    assert (await bench.reserve(180, "a")).status == 422


async def test_a_hesitant_gate_keeps_order_and_opens_by_itself() -> None:
    """It closes for a turn between any two messages; the mailbox's own test does the rest."""
    ready: list[Callable[[], None]] = []
    handled: list[int] = []

    class Open:
        has_room = True

        def when_room(self, callback: Callable[[], None]) -> None:
            raise AssertionError("nobody would open it")

    gate = HesitantGate(Open(), ready.append, Odd("journal.no_room", times=5))
    box: Mailbox[int] = Mailbox(handled.append, gate, ready.append, capacity=8, burst=3)
    assert all(box.offer(number) for number in range(6))
    turns = 0
    while ready:
        ready.pop(0)()
        turns += 1
    assert handled == list(range(6))
    assert turns == 5 + 2


@pytest.mark.parametrize(("place", "off_s"), [("alarms.early", 0.0), ("alarms.late", 1.0)])
async def test_an_alarm_that_is_off_still_wakes(place: str, off_s: float) -> None:
    """Early: it looks at the clock and sleeps again; late: by a second and no more."""
    clock, woken = ManualClock(), []
    due_ms = clock.now_ms() + 5_000
    alarms = Alarms(clock, lambda point: woken.append((point, clock.now_ms())), burst=8, buggify=Odd(place))
    alarms.set("a", due_ms)
    await clock.advance(20)
    assert woken == [("a", due_ms + int(off_s * 1000))]


class Deaf:
    """A bus that carries nothing, and counts what it is given."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    async def start(self, listener: object, subscriptions: object) -> None: ...

    async def publish(self, *messages: "nodes.ports.Message") -> None:
        self.topics += [message.topic for message in messages]

    async def stop(self) -> None: ...


class Echo:
    """A peer that acts, and counts how often."""

    def __init__(self) -> None:
        self.acted = 0

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        self.acted += 1
        return Answer(200, b"{}")

    async def close(self) -> None: ...


def node_with(odd: Buggify, bus: Deaf, peers: Echo, limits: Limits | None = None) -> tuple[Node, ManualClock]:
    clock = ManualClock()
    config = NodeConfig("server1", limits=limits or Limits())
    return Node(config, clock, GatedStore(), bus, peers, url="http://server1.test", buggify=odd), clock


@pytest.mark.parametrize("place", ["gossip.skip", "gossip.no_digest", "gossip.again"])
async def test_gossip_that_is_late_or_repeats_itself_tells_everything_in_the_end(place: str) -> None:
    """The news of a flush that was left out goes with the next one."""
    bus = Deaf()
    node, clock = node_with(Odd(place, times=3), bus, Echo())
    await node.enter([("a", SPEC)])
    await node.start()
    node.ear.on_connected()
    await clock.advance(0.25)
    begun = list(bus.topics)
    await clock.advance(5)
    assert f"pontos/{POINT}/disponibilidade" in bus.topics
    assert "recarga/recarga/server1/digest" in bus.topics
    missing = {"gossip.skip": f"pontos/{POINT}/disponibilidade", "gossip.no_digest": "recarga/recarga/server1/digest"}
    assert missing.get(place) not in begun
    assert node.gossiper is not None
    assert node.gossiper.is_quiet
    stopping = asyncio.create_task(node.stop())
    await clock.advance(1)
    await stopping


async def test_a_peers_answer_that_is_lost_leaves_the_outcome_unknown() -> None:
    """The owner acted; the caller must not be told that it did not."""
    peers = Echo()
    node, _ = node_with(Odd("peers.no_answer"), Deaf(), peers)
    node.view.configure("server2", "http://server2.test")
    with pytest.raises(PeerTimeout):
        await node.handle(Request("server2.b", Cancel("server2.b.r1-1", "ana")))
    assert peers.acted == 1


@pytest.mark.parametrize("place", ["server.full", "mailbox.full", "point.expire", "point.look_again"])
async def test_a_points_file_is_entered_however_busy_the_node_seems(place: str) -> None:
    """A start that fails for a full queue would be a node that stays down."""
    node, clock = node_with(Odd(place, times=10), Deaf(), Echo(), Limits(requests_max=2))
    entering = asyncio.create_task(node.enter([(f"p{number}", SPEC) for number in range(7)]))
    while not entering.done():
        await clock.advance(0.05)
        await settle()
    assert entering.result() == (7, 0)


async def test_live_nobody_is_asked() -> None:
    """No cost and no effect: what is marked is not even called."""
    node, _ = node_with(never, Deaf(), Echo())
    server = node.server
    parts = (node, server, server.journal, server.answers, server.alarms, node.gossiper)
    assert all(part._buggify is None for part in parts if part is not None)
    assert server._office.gate is server.journal
