"""A trip as its coordinator knows it: what was asked, what is promised, and the one decision."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar


class TripStatus(StrEnum):
    """``PENDING -> CONFIRMED | ABORTED``, later ``CANCELED``."""

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    ABORTED = "ABORTED"
    CANCELED = "CANCELED"


class CancelOutcome(StrEnum):
    """What became of one stop when its trip was cancelled."""

    CANCELED = "CANCELED"
    KEPT = "KEPT"
    """Its terms, or what had happened on the point, did not allow it."""


@dataclass(frozen=True, slots=True)
class WantedStop:
    """A window, and the points that would do, the best first."""

    start_ms: int
    end_ms: int
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldStop:
    """A stop that its point has promised: the reservation as it was made."""

    reservation_id: str
    point_id: str
    start_ms: int
    end_ms: int
    price_per_kwh_minor: int
    currency: str
    created_ms: int
    witness: tuple[int, int]


@dataclass(frozen=True, slots=True)
class TripBegun:
    """A trip was asked for. Nothing depends on this record: without one, a trip counts as aborted."""

    type: ClassVar[str] = "trip.begun"
    driver_id: str
    fingerprint: str
    """Says what was asked."""
    stops: tuple[WantedStop, ...]
    created_ms: int


@dataclass(frozen=True, slots=True)
class TripConfirmed:
    """The decision: these stops stand. Once this is on disk the trip is sold."""

    type: ClassVar[str] = "trip.confirmed"
    stops: tuple[HeldStop, ...]


@dataclass(frozen=True, slots=True)
class TripAborted:
    """The decision: nothing of it stands."""

    type: ClassVar[str] = "trip.aborted"
    reason: str
    stop: int | None = None
    """Which stop could not be had, where that was the reason."""


@dataclass(frozen=True, slots=True)
class TripSettled:
    """Every stop's owner has acknowledged the decision."""

    type: ClassVar[str] = "trip.settled"


@dataclass(frozen=True, slots=True)
class TripCancelAsked:
    """The driver wants to give the trip back: from here on its stops are cancelled, one by one, until all have answered."""

    type: ClassVar[str] = "trip.cancel_asked"


@dataclass(frozen=True, slots=True)
class TripCancelEnded:
    """Every stop has answered: cancelled, or kept as its terms say. With none cancelled the trip stands as it was."""

    type: ClassVar[str] = "trip.cancel_ended"
    outcomes: tuple[CancelOutcome, ...]


TripEvent = TripBegun | TripConfirmed | TripAborted | TripSettled | TripCancelAsked | TripCancelEnded

TRIP_EVENTS = (TripBegun, TripConfirmed, TripAborted, TripSettled, TripCancelAsked, TripCancelEnded)

TRIP_EVENT_TYPES: dict[str, type[TripEvent]] = {kind.type: kind for kind in TRIP_EVENTS}
"""Every event class of a trip by its name in the journal."""


@dataclass(slots=True)
class Trip:
    """One trip."""

    id: str
    driver_id: str
    key: str
    fingerprint: str
    wanted: tuple[WantedStop, ...]
    created_ms: int
    epoch: int
    """With ``seq``: which event last changed the trip."""
    seq: int = 1
    status: TripStatus = TripStatus.PENDING
    stops: tuple[HeldStop, ...] = ()
    reason: str | None = None
    failed_stop: int | None = None
    decided_ms: int | None = None
    is_settled: bool = False
    """Whether every stop's owner knows the decision."""
    cancel_asked: bool = False
    """Whether its stops are being cancelled."""
    outcomes: tuple[CancelOutcome, ...] = field(default=())
    """What became of each stop when the trip was cancelled."""

    @property
    def is_under_way(self) -> bool:
        """Whether something is still to be done about it."""
        return not self.is_settled or self.cancel_asked


def begin(trip_id: str, key: str, epoch: int, event: TripBegun) -> Trip:
    """Return the trip that an event began."""
    return Trip(trip_id, event.driver_id, key, event.fingerprint, event.stops, event.created_ms, epoch)


def advance(trip: Trip, event: TripEvent, epoch: int, at_ms: int) -> None:
    """Change the trip as the event says."""
    trip.seq += 1
    trip.epoch = epoch
    match event:
        case TripConfirmed():
            assert trip.status is TripStatus.PENDING, f"{trip.id} was decided before"
            trip.status, trip.stops, trip.decided_ms = TripStatus.CONFIRMED, event.stops, at_ms
        case TripAborted():
            assert trip.status is TripStatus.PENDING, f"{trip.id} was decided before"
            trip.status, trip.reason, trip.failed_stop = TripStatus.ABORTED, event.reason, event.stop
            trip.decided_ms, trip.is_settled = at_ms, True
        case TripSettled():
            trip.is_settled = True
        case TripCancelAsked():
            assert trip.status is TripStatus.CONFIRMED, f"{trip.id} is {trip.status}"
            trip.cancel_asked, trip.outcomes = True, ()
        case TripCancelEnded():
            trip.cancel_asked, trip.outcomes = False, event.outcomes
            if is_canceled(event.outcomes):
                trip.status = TripStatus.CANCELED
        case TripBegun():
            raise AssertionError(f"{trip.id} began before")


def is_canceled(outcomes: Sequence[CancelOutcome]) -> bool:
    """Whether a trip with these outcomes counts as cancelled: at least one stop was given back."""
    return CancelOutcome.CANCELED in outcomes


def stops_in_order(windows: Sequence[tuple[int, int]]) -> int | None:
    """Return the first stop that does not begin at or after the end of the one before it; None: all do."""
    for at in range(1, len(windows)):
        if windows[at][0] < windows[at - 1][1]:
            return at
    return None
