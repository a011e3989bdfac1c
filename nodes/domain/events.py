"""What happened to a charging point. Events are the journal's content: once written, a type and its fields stay."""

from dataclasses import dataclass
from typing import ClassVar

from nodes.domain.point import PointSpec
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus


@dataclass(frozen=True, slots=True)
class PointCreated:
    """The point exists."""

    type: ClassVar[str] = "point.created"
    spec: PointSpec


@dataclass(frozen=True, slots=True)
class PointChanged:
    """The point is now as said here (all of it, not only what differs)."""

    type: ClassVar[str] = "point.changed"
    spec: PointSpec
    maintenance: bool
    fault: str | None


@dataclass(frozen=True, slots=True)
class ReservationReserved:
    """A driver holds the window ``[start_ms, end_ms)``."""

    type: ClassVar[str] = "reservation.reserved"
    reservation_id: str
    driver_id: str
    start_ms: int
    end_ms: int
    price_per_kwh_minor: int
    currency: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class ReservationPrepared:
    """A trip holds the window ``[start_ms, end_ms)`` until its decision is known (``PENDING``)."""

    type: ClassVar[str] = "reservation.prepared"
    reservation_id: str
    driver_id: str
    start_ms: int
    end_ms: int
    price_per_kwh_minor: int
    currency: str
    created_ms: int
    trip_id: str
    trip_stop: int
    trip_points: tuple[str, ...]
    """Points of the trip's other stops."""


@dataclass(frozen=True, slots=True)
class ReservationConfirmed:
    """The trip was decided, and the prepared reservation stands."""

    type: ClassVar[str] = "reservation.confirmed"
    reservation_id: str


@dataclass(frozen=True, slots=True)
class ReservationReleased:
    """A reservation that was never used is over (``CANCELED``, ``NO_SHOW`` or, where its trip was not to be, ``REJECTED``);
    its window is free from ``released_ms``.
    """

    type: ClassVar[str] = "reservation.released"
    reservation_id: str
    status: ReservationStatus
    released_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReservationExtended:
    """The window of a session that ran over was lengthened to ``end_ms``."""

    type: ClassVar[str] = "reservation.extended"
    reservation_id: str
    end_ms: int


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """A driver plugged in. ``start_ms`` is when, and the reservation's window starts no later than that."""

    type: ClassVar[str] = "session.started"
    session_id: str
    reservation_id: str
    driver_id: str
    start_ms: int
    max_power_w: int
    max_energy_wh: int | None
    price_per_kwh_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class SessionMetered:
    """The meter reads ``energy_wh`` since the session's start."""

    type: ClassVar[str] = "session.metered"
    session_id: str
    energy_wh: int
    metered_ms: int


@dataclass(frozen=True, slots=True)
class SessionStopped:
    """The session is over, and with it its reservation, whose window is free from ``end_ms``."""

    type: ClassVar[str] = "session.stopped"
    session_id: str
    reservation_id: str
    status: SessionStatus
    reservation_status: ReservationStatus
    end_ms: int
    energy_wh: int
    cost_minor: int
    reason: str


Event = (
    PointCreated
    | PointChanged
    | ReservationReserved
    | ReservationPrepared
    | ReservationConfirmed
    | ReservationReleased
    | ReservationExtended
    | SessionStarted
    | SessionMetered
    | SessionStopped
)

EVENT_TYPES: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        PointCreated,
        PointChanged,
        ReservationReserved,
        ReservationPrepared,
        ReservationConfirmed,
        ReservationReleased,
        ReservationExtended,
        SessionStarted,
        SessionMetered,
        SessionStopped,
    )
}
"""Every event class by its name in the journal."""
