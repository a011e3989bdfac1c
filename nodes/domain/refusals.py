"""Why a command changed nothing.

================ =======================================================================================
of a point       UnknownPoint, PointExists, PointInvalid, PointUnavailable, PointOccupied
of a window      WindowInvalid, WindowInPast, WindowTooShort, WindowTooLong, WindowBeyondHorizon, WindowTaken
of a reservation UnknownReservation, ReservationPending, ReservationOver, TooLateToCancel, TooEarlyToStart
of a session     UnknownSession, SessionOver, MeterWentBack, EnergyImplausible
================ =======================================================================================

A refusal is a value, returned and not raised: being refused is an ordinary outcome. Its fields are for programs; its
text is for people.
"""

from dataclasses import dataclass

from nodes.domain.point import PointStatus


@dataclass(frozen=True, slots=True)
class Refusal:
    """Any reason for which a command changed nothing."""

    def __str__(self) -> str:
        return type(self).__name__


@dataclass(frozen=True, slots=True)
class UnknownPoint(Refusal):
    """No such point."""

    point_id: str

    def __str__(self) -> str:
        return f"there is no point {self.point_id}"


@dataclass(frozen=True, slots=True)
class PointExists(Refusal):
    """A point of that id was created before."""

    point_id: str

    def __str__(self) -> str:
        return f"point {self.point_id} exists already"


@dataclass(frozen=True, slots=True)
class PointInvalid(Refusal):
    """The change would leave the point's description out of its ranges."""

    error: str

    def __str__(self) -> str:
        return self.error


@dataclass(frozen=True, slots=True)
class PointUnavailable(Refusal):
    """The point is under maintenance or out of order."""

    point_status: PointStatus

    def __str__(self) -> str:
        what = "out of order" if self.point_status is PointStatus.OUTOFORDER else "under maintenance"
        return f"the point is {what}"


@dataclass(frozen=True, slots=True)
class PointOccupied(Refusal):
    """Somebody else is plugged in or holds the time from now on."""

    free_from_ms: int

    def __str__(self) -> str:
        return f"the point is in use or reserved until {self.free_from_ms} at least"


@dataclass(frozen=True, slots=True)
class WindowInvalid(Refusal):
    """The window does not end after its start."""

    start_ms: int
    end_ms: int

    def __str__(self) -> str:
        return f"a window ends after it starts; this one starts at {self.start_ms} and ends at {self.end_ms}"


@dataclass(frozen=True, slots=True)
class WindowInPast(Refusal):
    """The window starts in the past."""

    start_ms: int
    now_ms: int

    def __str__(self) -> str:
        return f"the window starts at {self.start_ms}, which is {self.now_ms - self.start_ms} ms ago"


@dataclass(frozen=True, slots=True)
class WindowTooShort(Refusal):
    """The window is shorter than the terms allow."""

    length_ms: int
    min_window_s: int

    def __str__(self) -> str:
        return f"the window is {self.length_ms} ms long; the shortest allowed is {self.min_window_s} s"


@dataclass(frozen=True, slots=True)
class WindowTooLong(Refusal):
    """The window is longer than the terms allow."""

    length_ms: int
    max_window_s: int

    def __str__(self) -> str:
        return f"the window is {self.length_ms} ms long; the longest allowed is {self.max_window_s} s"


@dataclass(frozen=True, slots=True)
class WindowBeyondHorizon(Refusal):
    """The window starts later than the terms allow."""

    start_ms: int
    latest_start_ms: int

    def __str__(self) -> str:
        return f"the window starts at {self.start_ms}; the latest start taken now is {self.latest_start_ms}"


@dataclass(frozen=True, slots=True)
class WindowTaken(Refusal):
    """Another reservation holds part of the window."""

    taken_start_ms: int
    taken_end_ms: int
    next_free_start_ms: int | None
    """The earliest free window of the wished length from the wished start on; None when none starts within the horizon."""
    next_free_end_ms: int | None

    def __str__(self) -> str:
        free = "" if self.next_free_start_ms is None else f"; free from {self.next_free_start_ms}"
        return f"the point is reserved from {self.taken_start_ms} to {self.taken_end_ms}{free}"


@dataclass(frozen=True, slots=True)
class UnknownReservation(Refusal):
    """No such reservation is in force on this point (or it is another driver's)."""

    reservation_id: str

    def __str__(self) -> str:
        return f"there is no reservation {self.reservation_id}"


@dataclass(frozen=True, slots=True)
class ReservationPending(Refusal):
    """The reservation is a trip's stop, and the trip is not decided."""

    reservation_id: str
    trip_id: str

    def __str__(self) -> str:
        return f"reservation {self.reservation_id} waits for the decision on {self.trip_id}"


@dataclass(frozen=True, slots=True)
class ReservationOver(Refusal):
    """The reservation's status does not allow what was asked."""

    reservation_id: str
    reservation_status: str

    def __str__(self) -> str:
        return f"reservation {self.reservation_id} is {self.reservation_status}"


@dataclass(frozen=True, slots=True)
class TooLateToCancel(Refusal):
    """The time until which the terms let a driver cancel has passed."""

    cancel_until_ms: int

    def __str__(self) -> str:
        return f"this reservation could be cancelled until {self.cancel_until_ms}"


@dataclass(frozen=True, slots=True)
class TooEarlyToStart(Refusal):
    """The terms do not let a driver plug in yet."""

    start_from_ms: int

    def __str__(self) -> str:
        return f"this reservation can be started from {self.start_from_ms}"


@dataclass(frozen=True, slots=True)
class UnknownSession(Refusal):
    """No such session runs on this point (or it is another driver's)."""

    session_id: str

    def __str__(self) -> str:
        return f"there is no session {self.session_id}"


@dataclass(frozen=True, slots=True)
class SessionOver(Refusal):
    """The session has ended."""

    session_id: str
    session_status: str

    def __str__(self) -> str:
        return f"session {self.session_id} is {self.session_status}"


@dataclass(frozen=True, slots=True)
class MeterWentBack(Refusal):
    """The reading is lower than an earlier one."""

    energy_wh: int
    last_energy_wh: int

    def __str__(self) -> str:
        return f"the meter read {self.last_energy_wh} Wh before, it cannot read {self.energy_wh} Wh now"


@dataclass(frozen=True, slots=True)
class EnergyImplausible(Refusal):
    """More energy than power times time, or than the battery has room for."""

    energy_wh: int
    max_energy_wh: int

    def __str__(self) -> str:
        return f"{self.energy_wh} Wh is more than this session can have taken, {self.max_energy_wh} Wh"
