"""Asking the owners of a trip's stops for their promises."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import orjson

from nodes.domain.commands import PrepareStop
from nodes.domain.trip import HeldStop, Trip, WantedStop
from nodes.errors import DeadlineExceeded
from nodes.ports import Clock
from nodes.problems import error_answer
from nodes.records import Answer
from nodes.request import Request
from nodes.tasks import end
from nodes.trips.waits import Waits
from nodes.trips.words import held_from, is_busy, is_final, is_unknown

Ask = Callable[[Request], Awaitable[Answer]]
"""Hands a request to whoever it is for, and returns the answer, whatever its status."""

_PAUSE_S = 0.05
"""Before a prepare is sent again whose answer was lost: a network's round trip."""
_BUSY_S = 3.0
"""How long an owner is asked again that is too busy, if there is no other point; then the driver may ask again."""
_LOST_TRIES = 2
"""How often a point is asked whose answers are lost, if there is another one for the stop."""
_ANSWER_MS = 2_000
"""How long one answer is waited for; a prepare whose answer is lost is sent again, under the same key."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trip cannot be: which stop, and what its owner said."""

    stop: int
    answer: Answer


class Preparation:
    """One attempt to get all promises at once. What fails first ends it."""

    def __init__(self, trip: Trip, ask: Ask, clock: Clock, deadline_s: float, waits: Waits) -> None:
        """``deadline_s``: process time at which it is given up; ``waits`` are told for whom it waits."""
        self.may_hold: dict[tuple[int, str], None] = {}
        """Stops and points at which something may be promised: what is not to stand must be given back there."""
        self._trip = trip
        self._ask = ask
        self._clock = clock
        self._deadline_s = deadline_s
        self._waits = waits

    async def run(self) -> tuple[HeldStop, ...] | Failure:
        """Return what is promised, stop by stop, or the first failure."""
        create = asyncio.get_running_loop().create_task
        tasks = [create(self._stop(at, wanted)) for at, wanted in enumerate(self._trip.wanted)]
        try:
            failure = await _first_failure(tasks)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            raise
        if failure is None:
            return tuple(task.result() for task in tasks)  # type: ignore[misc] # none of them failed
        for task in tasks:
            await end(task)
        return failure

    async def _stop(self, at: int, wanted: WantedStop) -> HeldStop | Failure:
        """Try the points of a stop, the best first; those that were busy again, after the others.

        The first refusal that names a free window is the one told.
        """
        refusals: list[Answer] = []
        left = list(enumerate(wanted.points))
        while left:
            busy = []
            for index, point_id in left:
                is_last = (index, point_id) == left[-1]
                with self._waits.asking(point_id):
                    answer = await self._point(at, index, point_id, is_last=is_last)
                if answer.status == 201:
                    return held_from(answer)
                if is_busy(answer) and not is_last:
                    busy.append((index, point_id))
                else:
                    refusals.append(answer)
            left = busy
        return Failure(at, min(refusals, key=_next_free_ms))

    async def _point(self, at: int, index: int, point_id: str, *, is_last: bool) -> Answer:
        """Ask one point until its answer is known, or time is over."""
        request = self._request(at, index, point_id)
        self.may_hold[at, point_id] = None
        is_open = False  # whether an earlier answer was lost
        busy_until_s = self._clock.monotonic_s() + _BUSY_S
        for tried in range(1, 1_000):
            left_ms = round((self._deadline_s - self._clock.monotonic_s()) * 1000)
            if left_ms <= 0:
                break
            timeout_ms = min(left_ms, _ANSWER_MS)
            answer = await self._ask(Request(point_id, request.action, request.key, timeout_ms=timeout_ms))
            if is_final(answer):
                if answer.status != 201:
                    del self.may_hold[at, point_id]
                return answer
            is_open = is_open or is_unknown(answer)
            if is_open and not is_last and tried >= _LOST_TRIES:
                return answer  # what it may hold is given back once the trip is decided
            if not is_open and (self._clock.monotonic_s() >= busy_until_s or not is_last or not is_busy(answer)):
                del self.may_hold[at, point_id]
                return answer
            await self._clock.sleep_s(_PAUSE_S * min(tried, 10))
        return error_answer(DeadlineExceeded(f"{point_id} did not answer in time", started=False))

    def _request(self, at: int, index: int, point_id: str) -> Request:
        trip, wanted = self._trip, self._trip.wanted[at]
        others = tuple(stop.points[0] for number, stop in enumerate(trip.wanted) if number != at)
        if len(wanted.points) > 1:
            others = ()  # that the trip stands would not say that it stands with this point: only the coordinator knows
        action = PrepareStop(trip.id, at, trip.driver_id, wanted.start_ms, wanted.end_ms, others)
        return Request(point_id, action, f"{trip.id}/{at}.{index}")


async def _first_failure(tasks: Sequence[asyncio.Task[HeldStop | Failure]]) -> Failure | None:
    """Return the first failure; None: all have ended without one."""
    waiting = list(tasks)
    while waiting:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            if task.done() and isinstance(failure := task.result(), Failure):
                return failure
        waiting = [task for task in waiting if not task.done()]
    return None


def _next_free_ms(refusal: Answer) -> tuple[bool, int]:
    """Order refusals: those that name the next free window, the earliest first; then the others, as they came."""
    free_ms = orjson.loads(refusal.body).get("next_free_start_ms")
    return free_ms is None, free_ms or 0
