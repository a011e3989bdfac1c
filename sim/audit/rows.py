"""Rows of a node's tables, as they stand in the file. Named tuples: made and changed by the thousand, fast."""

from typing import Any, NamedTuple

Witness = tuple[int, int]
"""``(epoch, seq)`` of a point."""


class NodeRow(NamedTuple):
    """The node itself."""

    id: str
    schema_version: int
    epoch: int
    ver: int


class PointRow(NamedTuple):
    """A charging point as it is at the end."""

    id: str
    name: str
    lat: float | None
    lon: float | None
    address: str | None
    max_power_w: int
    connector: str | None
    connector_label: str | None
    price_per_kwh_minor: int
    currency: str
    terms: str
    """JSON."""
    maintenance: bool
    fault: str | None
    file_digest: str | None
    changed_ms: int
    """When it was last described."""
    updated_ms: int
    epoch: int
    seq: int


class ReservationRow(NamedTuple):
    """A reservation; the window in force is ``[start_ms, released_ms or end_ms)``."""

    id: str
    point_id: str
    driver_id: str
    status: str
    start_ms: int
    end_ms: int
    released_ms: int | None
    trip_id: str | None
    idempotency_key: str | None
    price_per_kwh_minor: int
    currency: str
    extended: bool
    reason: str | None
    created_ms: int
    epoch: int
    seq: int

    @property
    def used_until_ms(self) -> int:
        """The end of the window in force."""
        return self.end_ms if self.released_ms is None else self.released_ms


class SessionRow(NamedTuple):
    """A charging session."""

    id: str
    point_id: str
    reservation_id: str
    driver_id: str
    status: str
    started_ms: int
    ended_ms: int | None
    energy_wh: int
    cost_minor: int
    price_per_kwh_minor: int
    currency: str
    max_power_w: int
    max_energy_wh: int | None
    metered_ms: int | None
    reason: str | None
    epoch: int
    seq: int


class TripRow(NamedTuple):
    """A trip, as its coordinator has it."""

    id: str
    driver_id: str
    status: str
    idempotency_key: str
    stops: str
    """JSON: the reservations that the decision names."""
    reason: str | None
    created_ms: int
    settled: bool
    cancel_asked: bool
    outcomes: str
    """JSON: what became of each stop when the trip was cancelled."""
    epoch: int
    seq: int


class AnswerRow(NamedTuple):
    """An answer kept under an idempotency key."""

    key: str
    status: int
    body: str
    epoch: int | None
    seq: int | None
    created_ms: int

    @property
    def witness(self) -> Witness | None:
        """The answer's witness."""
        return None if self.epoch is None or self.seq is None else (self.epoch, self.seq)


class JournalRow(NamedTuple):
    """A line of the journal, its data still text."""

    ver: int
    node: str
    epoch: int
    point_id: str
    point_seq: int
    type: str
    at_ms: int
    data: str


class Event(NamedTuple):
    """A line of the journal, read."""

    ver: int
    node: str
    epoch: int
    point_id: str
    seq: int
    type: str
    at_ms: int
    data: dict[str, Any]

    @property
    def witness(self) -> Witness:
        """The point's version that this event made."""
        return self.epoch, self.seq

    @property
    def is_of_trip(self) -> bool:
        """Whether it is a trip's, under the trip's id, and no point's."""
        return self.type.startswith("trip.")


Row = PointRow | ReservationRow | SessionRow | TripRow | AnswerRow
"""What a violation can show of the tables."""

BLOCKING = frozenset({"PENDING", "RESERVED", "ACTIVE"})
"""Statuses in which a reservation blocks its window."""
