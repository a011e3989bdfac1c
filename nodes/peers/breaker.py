"""A circuit breaker (Nygard, *Release It!*, 2007): who does not answer is left alone for a while, and then tried.

::

    CLOSED ── failures_max in a row ──> OPEN ── the pause is over ──> HALF_OPEN ── an answer ──> CLOSED
                                         ^                                │
                                         └──── no answer; twice the pause ┘

A value and no more: it holds no clock, timer or task. Whoever asks says what time it is.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf


class BreakerState(StrEnum):
    """Whether requests go through."""

    CLOSED = "closed"
    """All of them."""
    OPEN = "open"
    """None of them."""
    HALF_OPEN = "half-open"
    """One of them, as a trial."""


@dataclass(slots=True)
class Breaker:
    """Judges one peer by whether it answers. What it answers is not looked at: a refusal is an answer.

    Only failures in a row count, and only of requests that were sent after the last answer came: who has just answered
    somebody is not gone, however long others have been waiting.
    """

    failures_max: int
    """So many failures in a row open it."""
    pause_s: float
    """From the last of them until the first trial; twice that after a trial that fails, and so on."""
    pause_s_max: float
    opened: int = 0
    """How often it opened, for whoever counts."""
    _turn: int = 0
    """Counts what was learned of the peer, so that what comes of an older request is not taken for news."""
    _failures: int = 0
    _last_pause_s: float = 0.0
    """The last one since the last answer; 0: there was none."""
    _try_at_s: float | None = None
    """When the pause is over; None: closed."""
    _is_tried: bool = False

    def state(self, now_s: float) -> BreakerState:
        """Return the state."""
        if self._try_at_s is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now_s < self._try_at_s else BreakerState.HALF_OPEN

    def wait_s(self, now_s: float) -> float:
        """Return how long the next request has to wait; 0 when it may go.

        While a trial is under way nobody knows: it is said to take as long as the first pause.
        """
        if self._try_at_s is None:
            return 0.0
        return self.pause_s if self._is_tried else max(0.0, self._try_at_s - now_s)

    def begin(self) -> int:
        """Let a request go, which must be one that need not wait; return what to name when it comes to an end."""
        self._is_tried = self._try_at_s is not None
        return self._turn

    def answered(self) -> None:
        """Take note of an answer, to whatever request: the peer is there."""
        self._turn += 1
        self._failures, self._last_pause_s = 0, 0.0
        self._try_at_s, self._is_tried = None, False

    def hopeful(self) -> None:
        """Take somebody's word that the peer is back: the next request is a trial, whatever is left of the pause."""
        if self._try_at_s is not None:
            self._try_at_s = -inf

    def failed(self, turn: int, now_s: float) -> None:
        """Take note that a request got no answer."""
        if turn != self._turn:
            return
        self._failures += 1
        if self._is_tried or self._failures >= self.failures_max:
            self._open(now_s)

    def abandoned(self, turn: int) -> None:
        """Take note that a request ended without telling anything of the peer; if it was the trial, another may be."""
        if turn == self._turn:
            self._is_tried = False

    def _open(self, now_s: float) -> None:
        self._turn += 1
        self._last_pause_s = min(2 * self._last_pause_s or self.pause_s, self.pause_s_max)
        self._try_at_s = now_s + self._last_pause_s
        self._is_tried = False
        self.opened += 1
