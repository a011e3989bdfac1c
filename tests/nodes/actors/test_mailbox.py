"""The mailbox alone: order, bounds, turns, and a gate that closes in the middle."""

from collections import deque
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.actors.mailbox import Mailbox


class Gate:
    """Lets a number of messages through, then stays closed until it is given more."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.room = room
        self.parked: list[Callable[[], None]] = []

    @property
    def has_room(self) -> bool:
        return self.room > 0

    def when_room(self, callback: Callable[[], None]) -> None:
        self.parked.append(callback)

    def open(self, room: int) -> None:
        self.room = room
        parked, self.parked = self.parked, []
        for callback in parked:
            callback()


class Loop:
    """``call_soon`` whose turns the test takes."""

    def __init__(self) -> None:
        self.ready: deque[Callable[[], None]] = deque()

    def turn(self) -> None:
        self.ready.popleft()()

    def run(self) -> None:
        while self.ready:
            self.turn()


class Bench:
    """A mailbox whose handler notes what it is given."""

    def __init__(self, capacity: int = 8, burst: int = 3, room: int = 1_000_000) -> None:
        self.loop, self.gate = Loop(), Gate(room)
        self.handled: list[int] = []
        self.box: Mailbox[int] = Mailbox(self.handle, self.gate, self.loop.ready.append, capacity=capacity, burst=burst)

    def handle(self, message: int) -> None:
        self.gate.room -= 1
        self.handled.append(message)


def test_messages_are_handled_in_order_of_arrival_and_never_at_once() -> None:
    """P5 rests on it: the order of the mailbox is the order of the point."""
    bench = Bench()
    assert all(bench.box.offer(number) for number in range(5))
    assert bench.handled == []
    bench.loop.run()
    assert bench.handled == [0, 1, 2, 3, 4]


def test_a_full_mailbox_takes_nothing_and_loses_nothing() -> None:
    """P10: over the bound the caller is told, and what waits still comes to its turn."""
    bench = Bench(capacity=2)
    assert [bench.box.offer(number) for number in range(4)] == [True, True, False, False]
    assert len(bench.box) == 2
    bench.loop.run()
    assert bench.handled == [0, 1]
    assert bench.box.offer(9)


def test_a_long_queue_gives_others_their_turn_after_a_burst() -> None:
    """One hot point must not stop the node's other points."""
    bench = Bench(burst=3)
    for number in range(7):
        bench.box.offer(number)
    bench.loop.turn()
    assert bench.handled == [0, 1, 2]
    bench.loop.ready.append(lambda: bench.handled.append(-1))
    bench.loop.turn()
    bench.loop.turn()
    assert bench.handled == [0, 1, 2, 3, 4, 5, -1]
    bench.loop.run()
    assert bench.handled == [0, 1, 2, 3, 4, 5, -1, 6]


def test_many_messages_schedule_one_drain() -> None:
    """A callback per message would make a burst cost twice."""
    bench = Bench()
    for number in range(8):
        bench.box.offer(number)
    assert len(bench.loop.ready) == 1
    bench.loop.turn()
    assert len(bench.loop.ready) == 1


def test_while_the_gate_is_closed_messages_wait_and_then_go_on_in_order() -> None:
    """The disk is behind: commands wait in their bounded mailboxes, not in the journal."""
    bench = Bench(room=2, capacity=4)
    for number in range(4):
        bench.box.offer(number)
    bench.loop.run()
    assert bench.handled == [0, 1]
    assert len(bench.gate.parked) == 1
    assert [bench.box.offer(number) for number in (4, 5, 6)] == [True, True, False]
    assert not bench.loop.ready, "a closed gate must not be polled"
    bench.gate.open(100)
    bench.loop.run()
    assert bench.handled == [0, 1, 2, 3, 4, 5]


def test_a_gate_that_closes_again_at_once_parks_the_mailbox_once() -> None:
    """Otherwise every opening would leave one more callback behind."""
    bench = Bench(room=0)
    bench.box.offer(0)
    bench.loop.run()
    for _ in range(5):
        bench.gate.open(0)
        assert len(bench.gate.parked) == 1
    bench.gate.open(1)
    assert bench.handled == [0]


def test_what_is_taken_out_is_never_handled() -> None:
    """When the store fails, what waits is refused; it must not be done after all."""
    bench = Bench(room=0)
    bench.box.offer(1)
    bench.box.offer(2)
    bench.loop.run()
    assert bench.box.empty() == [1, 2]
    bench.gate.open(10)
    bench.loop.run()
    assert bench.handled == []
    bench.box.offer(3)
    bench.loop.run()
    assert bench.handled == [3]


@pytest.mark.parametrize("burst", [1, 3])
def test_a_message_offered_by_the_handler_is_handled_after_those_that_wait(burst: int) -> None:
    """A handler that wakes its own point must neither recurse nor be forgotten."""
    bench = Bench(burst=burst)

    def handle(message: int) -> None:
        bench.handled.append(message)
        if message == 0:
            assert bench.box.offer(7)

    bench.box._handle = handle
    bench.box.offer(0)
    bench.box.offer(1)
    bench.loop.run()
    assert bench.handled == [0, 1, 7]


@given(st.lists(st.one_of(st.just("turn"), st.integers(0, 4), st.just("offer")), max_size=60))
def test_whatever_happens_each_accepted_message_is_handled_once_in_order(steps: list[object]) -> None:
    """Offers, turns of the loop, and a gate that opens and closes: nothing is lost, repeated or overtaken."""
    bench, accepted = Bench(capacity=5, burst=2), []
    for number, step in enumerate(steps):
        if step == "offer":
            if bench.box.offer(number):
                accepted.append(number)
        elif step == "turn":
            if bench.loop.ready:
                bench.loop.turn()
        else:
            assert isinstance(step, int)
            bench.gate.open(step)
        assert len(bench.box) <= 5
    bench.gate.open(1_000)
    bench.loop.run()
    assert bench.handled == accepted
