"""A charging point: what it is, and what it is doing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from nodes.domain.calendar import Calendar
from nodes.domain.reservation import Reservation, ReservationStatus
from nodes.domain.session import Session
from nodes.domain.terms import Terms


class Connector(StrEnum):
    """Connector standards, by the names that OCPI 2.3 gives them (ConnectorType)."""

    IEC_62196_T2 = "IEC_62196_T2"
    IEC_62196_T2_COMBO = "IEC_62196_T2_COMBO"
    IEC_62196_T1 = "IEC_62196_T1"
    IEC_62196_T1_COMBO = "IEC_62196_T1_COMBO"
    CHADEMO = "CHADEMO"
    GBT_AC = "GBT_AC"
    GBT_DC = "GBT_DC"
    SAE_J3400 = "SAE_J3400"
    MCS = "MCS"


class PointStatus(StrEnum):
    """What a point is doing, by the names that OCPI 2.3 gives it (Status)."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    CHARGING = "CHARGING"
    BLOCKED = "BLOCKED"
    INOPERATIVE = "INOPERATIVE"
    OUTOFORDER = "OUTOFORDER"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a point stands: WGS 84 degrees (both or neither) and, for people, an address."""

    lat: float | None = None
    lon: float | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("location: lat and lon come together")
        if self.lat is not None and not -90 <= self.lat <= 90:
            raise ValueError(f"location.lat: expected -90 to 90 degrees, got {self.lat!r}")
        if self.lon is not None and not -180 <= self.lon <= 180:
            raise ValueError(f"location.lon: expected -180 to 180 degrees, got {self.lon!r}")
        if self.address is not None and len(self.address) > MAX_ADDRESS_CHARS:
            raise ValueError(f"location.address: expected at most {MAX_ADDRESS_CHARS} characters")


@dataclass(frozen=True, slots=True)
class PointSpec:
    """What an operator says of a point. Raises ``ValueError`` naming the field that is out of its range."""

    name: str
    location: Location
    max_power_w: int
    connector: Connector | None
    """None when the operator's words for it (``connector_label``) are no standard we know."""
    price_per_kwh_minor: int
    currency: str = "BRL"
    terms: Terms = field(default_factory=Terms)
    connector_label: str | None = None
    """The connector in the words of a client of the seed contract, given back to such clients as it came."""
    file_digest: str | None = None
    """Which version of a points file's entry this was read from, so that reading the file again changes nothing."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= MAX_NAME_CHARS:
            raise ValueError(f"name: expected 1 to {MAX_NAME_CHARS} characters, got {len(self.name)}")
        if not (_is_whole(self.max_power_w) and 1 <= self.max_power_w <= MAX_POWER_W):
            raise ValueError(f"max_power_w: expected 1 to {MAX_POWER_W} W, got {self.max_power_w}")
        if not (_is_whole(self.price_per_kwh_minor) and 0 <= self.price_per_kwh_minor <= MAX_PRICE_MINOR):
            raise ValueError(f"price_per_kwh_minor: expected 0 to {MAX_PRICE_MINOR}, got {self.price_per_kwh_minor}")
        if not (
            len(self.currency) == 3 and self.currency.isascii() and self.currency.isalpha() and self.currency.isupper()
        ):
            raise ValueError(f"currency: expected an ISO 4217 code such as BRL, got {self.currency!r}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


MAX_NAME_CHARS = 200
MAX_ADDRESS_CHARS = 300
MAX_POWER_W = 5_000_000  # the Megawatt Charging System ends at 3.75 MW
MAX_PRICE_MINOR = 100_000_000


@dataclass(slots=True)
class Point:
    """The state of one charging point: what ``decide`` reads and ``apply`` changes.

    It holds only what is in force; a reservation or session that ended lives in the store.
    """

    id: str
    spec: PointSpec
    epoch: int
    """The owner's epoch: part of every witness this point gives from now on."""
    seq: int = 0
    """How many events the point has seen, over all epochs. 0: it does not exist yet."""
    maintenance: bool = False
    fault: str | None = None
    updated_ms: int = 0
    """Time of the last event."""
    changed_ms: int = 0
    """Time of the last event that changed what the operator says of the point, its terms among it."""
    session: Session | None = None
    reservations: dict[str, Reservation] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    in_doubt: dict[tuple[str, int], str] = field(default_factory=dict)
    """The reservations that are ``PENDING``, by trip and stop."""

    def status(self, now_ms: int) -> PointStatus:
        """Return what the point is doing at that time."""
        if self.fault is not None:
            return PointStatus.OUTOFORDER
        if self.maintenance:
            return PointStatus.INOPERATIVE
        if self.session is not None:
            return PointStatus.CHARGING
        if self.calendar.conflict(now_ms, now_ms + 1) is not None:
            return PointStatus.RESERVED
        return PointStatus.AVAILABLE

    def first(self) -> Reservation | None:
        """Return the reservation in force with the earliest window, those in doubt left out: time does nothing to them."""
        if not self.in_doubt:
            entry = self.calendar.first()
            return None if entry is None else self.reservations[entry.reservation_id]
        return next((held for held in self._in_order() if held.status is not ReservationStatus.PENDING), None)

    def no_show_ms(self, reservation: Reservation) -> int:
        """Return when the reservation is released if nobody has plugged in.

        Never before the terms were made: shorter ones release what they find, they do not rewrite what was. And never after
        its end, behind which somebody else may be, though the promise that it was may have been confirmed later.
        """
        due_ms = min(reservation.start_ms + self.spec.terms.no_show_s * 1000, reservation.end_ms)
        return min(max(due_ms, self.changed_ms), reservation.end_ms)

    def next_alarm_ms(self, now_ms: int) -> int | None:
        """Return when time alone will next change this point (its status, or what is in force); None: never."""
        first = self.first()
        due_ms = None if first is None else self._due_ms(first, now_ms)
        if self.in_doubt and (doubtful_ms := self._doubtful_change_ms(now_ms)) is not None:
            return doubtful_ms if due_ms is None else min(due_ms, doubtful_ms)
        return due_ms

    def _due_ms(self, first: Reservation, now_ms: int) -> int:
        if first.status is not ReservationStatus.RESERVED:
            return first.end_ms
        is_next = self._is_in_service() and first.start_ms > now_ms
        return first.start_ms if is_next else self.no_show_ms(first)

    def _doubtful_change_ms(self, now_ms: int) -> int | None:
        """Return when a window in doubt next begins or ends, which shows in the status and does nothing else."""
        if not self._is_in_service():
            return None
        doubtful = (held for held in self._in_order() if held.status is ReservationStatus.PENDING)
        moments = (moment_ms for held in doubtful for moment_ms in (held.start_ms, held.end_ms))
        return next((moment_ms for moment_ms in moments if moment_ms > now_ms), None)

    def _is_in_service(self) -> bool:
        return self.fault is None and not self.maintenance

    def _in_order(self) -> Iterator[Reservation]:
        return (self.reservations[entry.reservation_id] for entry in self.calendar)
