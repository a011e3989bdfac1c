"""Telling the owners of a trip's stops what was decided, until they know."""

from dataclasses import replace
from zlib import crc32

from nodes.config import Limits
from nodes.domain.refusals import ReservationPending
from nodes.ports import Clock
from nodes.problems import is_refusal
from nodes.records import Answer
from nodes.request import Request
from nodes.trips.preparation import Ask
from nodes.trips.waits import Waits
from nodes.trips.words import is_final

_ANSWER_MS = 5_000
"""How long one answer is waited for. Not the drivers' patience: nobody gives up here, and to ask again costs as much."""


class Delivery:
    """Sends a request until its answer is final, with pauses that double; who never answers is asked for ever."""

    def __init__(self, ask: Ask, clock: Clock, limits: Limits) -> None:
        self._ask = ask
        self._clock = clock
        self._limits = limits

    async def send(self, request: Request, waits: Waits, *, tries: int | None = None) -> Answer | None:
        """Return the final answer; None when there was none in that many tries.

        To be sent twice must do no harm: what was lost on its way back was done.
        """
        with waits.asking(request.point_id):
            return await self._send(request, tries)

    async def _send(self, request: Request, tries: int | None) -> Answer | None:
        pause_ms, longest_ms = self._limits.trip_retry_ms
        jitter = 1 + crc32(f"{request.point_id} {request.key}".encode()) % 256 / 1024
        tried = 0
        while tries is None or tried < tries:
            answer = await self._ask(replace(request, timeout_ms=_ANSWER_MS))
            if is_final(answer) and not is_refusal(answer, ReservationPending):
                return answer
            tried += 1
            await self._clock.sleep_s(pause_ms * jitter / 1000)
            pause_ms = min(2 * pause_ms, longest_ms)
        return None
