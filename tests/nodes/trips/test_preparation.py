"""Asking for promises: how it ends."""

import asyncio

import orjson
import pytest

from nodes.domain.refusals import WindowInPast
from nodes.domain.trip import HeldStop, Trip, WantedStop
from nodes.errors import NodeBusy
from nodes.live import LiveClock
from nodes.problems import error_answer, refusal_answer
from nodes.records import Answer
from nodes.request import Request
from nodes.tasks import end
from nodes.trips.preparation import Failure, Preparation
from nodes.trips.waits import Waits


async def _never(_: Request) -> Answer:
    await asyncio.Event().wait()
    raise AssertionError("nobody answers")


def _preparation() -> Preparation:
    stops = tuple(WantedStop(at, at + 1, (f"server{at}.p1",)) for at in (1, 2))
    trip = Trip("server1.trip.t1-1", "ana", "k1", "asked", stops, 0, 1)
    clock = LiveClock()
    return Preparation(trip, _never, clock, clock.monotonic_s() + 60, Waits(clock, "server1"))


class _Owners:
    """Answer for points: what each says, one after the other, and the last for ever. Counts who was asked."""

    def __init__(self, says: dict[str, list[Answer]]) -> None:
        self.asked: list[str] = []
        self._says = says

    async def ask(self, request: Request) -> Answer:
        self.asked.append(request.point_id)
        says = self._says[request.point_id]
        return says.pop(0) if len(says) > 1 else says[0]


async def _prepare(says: dict[str, list[Answer]]) -> tuple[tuple[HeldStop, ...] | Failure, _Owners]:
    owners, clock = _Owners(says), LiveClock()
    trip = Trip("server1.trip.t1-1", "ana", "k1", "asked", (WantedStop(1, 2, tuple(says)),), 0, 1)
    return await Preparation(trip, owners.ask, clock, clock.monotonic_s() + 60, Waits(clock, "server1")).run(), owners


_BUSY = error_answer(NodeBusy("1 requests are under way"))
_PAST = refusal_answer(WindowInPast(1, 2), None)


async def test_a_point_that_was_busy_is_asked_again_when_no_other_will_do() -> None:
    """Seed 553 of the exploration: two stops of one trip asked one node at once, one of them was turned away, its other
    point refused it, and so the whole trip came back as busy, time and again.
    """
    outcome, owners = await _prepare({"server1.a": [_BUSY, _PAST], "server1.b": [_PAST]})
    assert owners.asked == ["server1.a", "server1.b", "server1.a"]
    assert isinstance(outcome, Failure) and outcome.answer.status == 422


async def test_a_point_that_was_busy_may_still_be_the_one() -> None:
    """It comes after those that answered, and it is the best that is left."""
    held = Answer(201, orjson.dumps(_HELD))
    outcome, owners = await _prepare({"server1.a": [_BUSY, _BUSY, held], "server1.b": [_PAST]})
    assert owners.asked == ["server1.a", "server1.b", "server1.a", "server1.a"]
    assert isinstance(outcome, tuple) and outcome[0].point_id == "server1.a"


_HELD = {
    "id": "server1.a.r1-1",
    "point_id": "server1.a",
    "start_ms": 1,
    "end_ms": 2,
    "price_per_kwh_minor": 1,
    "currency": "BRL",
    "created_ms": 0,
    "witness": [1, 2],
}


async def test_when_its_process_is_unwound_nothing_is_waited_for() -> None:
    """A simulated process dies by closing its coroutines. One that waits while it is closed raises, and what raises in the
    middle of a trip stops a node, as if the trip were wrong.
    """
    running = _preparation().run()
    running.send(None)
    await asyncio.sleep(0)
    running.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        await end(task)


async def test_who_is_cancelled_leaves_no_request_behind() -> None:
    """What is asked for a trip that nobody waits for any more would only be in the way of others."""
    task = asyncio.create_task(_preparation().run())
    while len(asyncio.all_tasks()) < 4:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for left in asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait([left], timeout=5)
        assert left.done()
