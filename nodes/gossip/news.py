"""What is yet to be told of one point: the latest of each reservation and session, a bounded number of them."""

from nodes.domain.events import (
    ReservationConfirmed,
    ReservationExtended,
    ReservationPrepared,
    ReservationReleased,
    ReservationReserved,
    SessionMetered,
    SessionStarted,
    SessionStopped,
)
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus
from nodes.records import Stamped
from nodes.representation import Json


class PointNews:
    """News of one point, coalesced. With more than ``limit`` reservations (or sessions) the oldest are left out."""

    __slots__ = ("reservations", "reservations_truncated", "sessions", "sessions_truncated")

    def __init__(self) -> None:
        self.reservations: dict[str, Json] = {}
        self.sessions: dict[str, Json] = {}
        self.reservations_truncated = False
        self.sessions_truncated = False

    def add(self, stamped: Stamped, limit: int) -> None:
        """Take in one event."""
        event, seq = stamped.event, stamped.point_seq
        match event:
            case ReservationReserved():
                window = {"start_ms": event.start_ms, "end_ms": event.end_ms}
                self._reservation(event.reservation_id, ReservationStatus.RESERVED, seq, window)
            case ReservationPrepared():
                window = {"start_ms": event.start_ms, "end_ms": event.end_ms}
                self._reservation(event.reservation_id, ReservationStatus.PENDING, seq, window)
            case ReservationConfirmed():
                self._reservation(event.reservation_id, ReservationStatus.RESERVED, seq, {})
            case ReservationReleased():
                self._reservation(event.reservation_id, event.status, seq, {"released_ms": event.released_ms})
            case ReservationExtended():
                self._reservation(event.reservation_id, ReservationStatus.ACTIVE, seq, {"end_ms": event.end_ms})
            case SessionStarted():
                self._reservation(event.reservation_id, ReservationStatus.ACTIVE, seq, {})
                self._session(event.session_id, SessionStatus.ACTIVE, seq, 0)
            case SessionMetered():
                self._session(event.session_id, SessionStatus.ACTIVE, seq, event.energy_wh)
            case SessionStopped():
                released = {"released_ms": event.end_ms}
                self._reservation(event.reservation_id, event.reservation_status, seq, released)
                self._session(event.session_id, event.status, seq, event.energy_wh)
        self._trim(limit)

    def follow(self, later: "PointNews", limit: int) -> None:
        """Take in what happened after this news."""
        self.reservations |= later.reservations
        self.sessions |= later.sessions
        self.reservations_truncated |= later.reservations_truncated
        self.sessions_truncated |= later.sessions_truncated
        self._trim(limit)

    def _reservation(self, identifier: str, status: ReservationStatus, seq: int, more: Json) -> None:
        known = self.reservations.get(identifier, {})
        self.reservations[identifier] = known | {"id": identifier, "status": status, "pointseq": seq} | more

    def _session(self, identifier: str, status: SessionStatus, seq: int, energy_wh: int) -> None:
        self.sessions[identifier] = {"id": identifier, "status": status, "pointseq": seq, "energy_wh": energy_wh}

    def _trim(self, limit: int) -> None:
        while len(self.reservations) > limit:
            del self.reservations[next(iter(self.reservations))]
            self.reservations_truncated = True
        while len(self.sessions) > limit:
            del self.sessions[next(iter(self.sessions))]
            self.sessions_truncated = True
