"""What goes into the store and comes back: stamped events, kept answers, batches."""

from dataclasses import dataclass, field
from typing import NamedTuple

from nodes.domain.events import Event
from nodes.domain.point import Point
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.domain.trip import Trip, TripEvent

Held = Reservation | Session | Trip
"""What a driver has."""
Witness = tuple[int, int]
"""``(epoch, seq)`` of a point: which state of it an answer saw or made. Ordered like tuples."""


class Timing(NamedTuple):
    """Where a request's time went inside the nodes, in seconds. Of a trip, at its coordinator (``nodes.trips.waits``)."""

    queue_s: float
    """At the point's owner, before it was taken up: being looked up, and in the point's mailbox."""
    decide_s: float
    write_s: float
    """Until the batch with its fact was on disk."""
    forward_s: float = 0.0
    """Between the node that was asked and the owner: there, back, and whatever kept it there beside the above. Of a trip
    also between its coordinator and the owners of its stops.
    """

    def forwarded(self, taken_s: float) -> "Timing":
        """Return the same of a request that was handed on, which took ``taken_s`` altogether."""
        return self._replace(forward_s=max(0.0, taken_s - self.queue_s - self.decide_s - self.write_s))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets back, as it goes over the wire."""

    status: int
    body: bytes
    witness: Witness | None = None
    location: str | None = None
    """Path of what was created."""
    retry_after_s: int | None = None
    timing: Timing | None = None
    """Where the time went, if the request asks for it."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """One event with its place in the node's journal. ``ver`` counts up without gaps over all points and epochs."""

    ver: int
    epoch: int
    point_id: str
    """Whose event it is: a point's, or a trip's under the trip's id."""
    point_seq: int
    at_ms: int
    event: Event | TripEvent
    key: str | None = None
    """The idempotency key of the request that caused it, where there is one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer kept under an idempotency key."""

    key: str
    fingerprint: str
    """Says what was asked; the same key with another fingerprint is a client's mistake."""
    answer: Answer
    created_ms: int


@dataclass(slots=True)
class Batch:
    """What becomes durable together."""

    events: list[Stamped] = field(default_factory=list)
    answers: list[Kept] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.events) + len(self.answers)


@dataclass(slots=True)
class Recovered:
    """What a store held when it was opened."""

    epoch: int
    """This start's epoch, already durable, above every earlier one."""
    ver: int
    """The last event's ``ver``."""
    points: dict[str, Point]
    keys: list[str]
    """The idempotency keys that it holds an answer for."""
    trips: list[Trip] = field(default_factory=list)
    """The trips coordinated here about which something is still to be done."""
