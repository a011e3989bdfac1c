"""Asking for promises: how it ends."""

import asyncio

import pytest

from nodes.domain.trip import Trip, WantedStop
from nodes.live import LiveClock
from nodes.records import Answer
from nodes.request import Request
from nodes.tasks import end
from nodes.trips.preparation import Preparation


async def _never(_: Request) -> Answer:
    await asyncio.Event().wait()
    raise AssertionError("nobody answers")


def _preparation() -> Preparation:
    stops = tuple(WantedStop(at, at + 1, (f"server{at}.p1",)) for at in (1, 2))
    trip = Trip("server1.trip.t1-1", "ana", "k1", "asked", stops, 0, 1)
    clock = LiveClock()
    return Preparation(trip, _never, clock, clock.monotonic_s() + 60)


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
