"""A trip under way: the record, and those who wait for what becomes of it."""

import asyncio
from dataclasses import dataclass, field

from nodes.domain.trip import Trip, TripBegun
from nodes.records import Answer
from nodes.trips.waits import Waits


@dataclass(slots=True)
class Outcome:
    """What becomes of something: of planning a trip, or of giving it back."""

    answer: Answer | None = None
    """Once it is decided."""
    told: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it is on disk, and what was promised for nothing is given back."""
    is_promised: bool = False
    """Whether somebody was told that it will be known under the trip's id."""


@dataclass(slots=True)
class Run:
    """A trip and what is being done about it."""

    trip: Trip
    waits: Waits
    """Where its time goes, from when this node took it up."""
    begun: TripBegun | None = None
    """How it began, until that is written down."""
    segment: int = 0
    """The journal segment that holds the trip's last event."""
    planning: Outcome = field(default_factory=Outcome)
    cancelling: Outcome | None = None
    task: asyncio.Task[None] | None = None
    is_recovered: bool = False
    """Whether an earlier life of this node began it."""
    replaced: list[tuple[int, str]] = field(default_factory=list)
    """Stops and points that may hold a promise that is not part of the trip."""
