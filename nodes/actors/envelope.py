"""A request in a point's mailbox."""

import asyncio
from dataclasses import dataclass

from nodes.domain.point import Point
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.errors import DeadlineExceeded
from nodes.records import Answer, Kept, Timing
from nodes.request import Request


@dataclass(slots=True)
class Envelope:
    """A request with its reply, and with what had to be looked up for it beforehand."""

    request: Request
    reply: asyncio.Future[Answer]
    deadline_s: float
    """In process time."""
    stored: Kept | None = None
    """The answer that the store held under the key."""
    evicted: int = 0
    """How many answers the book had evicted when it was asked for the key."""
    past: Reservation | Session | None = None
    """What the request is about, when it was over before the request came."""
    looked: bool = False
    """Whether ``past`` was looked up (because what the request is about was not in force)."""
    seen: Point | None = None
    """The state to decide on instead of the point's own: what a laboratory's node believes that serialises nothing."""
    started: bool = False
    """Whether the actor has taken it up: before, it will never take effect once its reply is done."""
    taken_s: float = 0.0
    """Of a request that is timed: when it was taken up, by the stopwatch."""
    decided_s: float = 0.0
    """The same of when it was decided."""

    def timing(self, asked_s: float, answered_s: float) -> Timing:
        """Return where the time between two moments went."""
        taken_s = max(asked_s, self.taken_s)
        decided_s = max(taken_s, self.decided_s)
        return Timing(taken_s - asked_s, decided_s - taken_s, answered_s - decided_s)

    def expire(self) -> None:
        """End the wait."""
        if not self.reply.done():
            text = "the outcome is not known yet; ask again with the same key" if self.started else "it was not begun"
            self.reply.set_exception(DeadlineExceeded(text, started=self.started))


class LookAgain(Exception):
    """What was looked up for a request was overtaken; look it up again."""
