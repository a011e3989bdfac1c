"""A reservation: a driver's right to a point in a window."""

from dataclasses import dataclass
from enum import StrEnum


class ReservationStatus(StrEnum):
    """Where a reservation is in its life: ``PENDING -> RESERVED | REJECTED``, ``RESERVED -> ACTIVE -> FULFILLED``,
    or ``CANCELED | NO_SHOW``.
    """

    PENDING = "PENDING"
    REJECTED = "REJECTED"
    RESERVED = "RESERVED"
    ACTIVE = "ACTIVE"
    FULFILLED = "FULFILLED"
    CANCELED = "CANCELED"
    NO_SHOW = "NO_SHOW"


IN_FORCE = frozenset({ReservationStatus.PENDING, ReservationStatus.RESERVED, ReservationStatus.ACTIVE})
"""The statuses in which a reservation blocks its window."""


@dataclass(slots=True)
class Reservation:
    """A driver's right to a point in ``[start_ms, end_ms)``; the window in force is ``[start_ms, released_ms or end_ms)``."""

    id: str
    point_id: str
    driver_id: str
    status: ReservationStatus
    start_ms: int
    end_ms: int
    price_per_kwh_minor: int
    currency: str
    created_ms: int
    epoch: int
    """With ``seq``: the witness of the event that last changed this reservation."""
    seq: int
    released_ms: int | None = None
    trip_id: str | None = None
    trip_stop: int | None = None
    """Which stop of its trip, from 0."""
    trip_points: tuple[str, ...] = ()
    """Points of the trip's other stops, as they were known when this one was prepared."""
    extended: bool = False
    """Whether the window was already lengthened for a session that ran over (at most once)."""
    reason: str | None = None
    """Why it ended: ``driver``, ``no-show``, ``window-over``, ``fault``, ``point-unavailable``, ``trip-aborted``,
    ``stop-replaced``."""
