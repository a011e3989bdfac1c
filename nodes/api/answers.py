"""What clients get, for the documentation: answers are encoded where they are decided (``nodes.representation``)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from nodes.api.fields import (
    Currency,
    EnergyWh,
    Millis,
    NodeId,
    PointId,
    PowerW,
    PriceMinor,
    ReservationId,
    SessionId,
    Witness,
)
from nodes.domain.point import Connector, PointStatus
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus


class AnswerModel(BaseModel):
    """An answer; later versions may add members."""

    model_config = ConfigDict(extra="allow")


class TermsAnswer(AnswerModel):
    """Terms, in seconds."""

    cancel_until_s: int
    early_start_s: int
    no_show_s: int
    late_stop_s: int
    min_window_s: int
    max_window_s: int
    horizon_s: int


class LocationAnswer(AnswerModel):
    """Where a point stands, in WGS 84 degrees."""

    lat: float | None
    lon: float | None
    address: str | None


class NextFree(AnswerModel):
    """The next window that nobody holds; ``end_ms`` null: nothing follows."""

    start_ms: Millis
    end_ms: Millis | None


class PointAnswer(AnswerModel):
    """A charging point."""

    id: PointId
    node: NodeId
    name: str
    location: LocationAnswer
    max_power_w: PowerW
    connector: Connector | None
    connector_label: str | None
    price_per_kwh_minor: PriceMinor
    currency: Currency
    terms: TermsAnswer
    status: PointStatus
    maintenance: bool
    fault: str | None
    next_free: NextFree
    session_id: SessionId | None
    updated_ms: Millis
    witness: Witness
    as_of_ms: Millis = Field(description="when this was so, by the owner's clock")
    stale: bool = Field(description="whether this node's view of the owner is known or feared to be behind")
    distance_m: int | None = Field(default=None, description="from the middle of `near`, where that was asked")


class PointPage(AnswerModel):
    """Points in order of id."""

    items: list[PointAnswer]
    next_cursor: str | None = Field(description="pass it as `cursor` for the next page; null: this was the last")


class CalendarAnswer(AnswerModel):
    """Windows in force on a point, in order of time."""

    point_id: PointId
    from_ms: Millis
    busy: list[Annotated[list[int], Field(min_length=2, max_length=2)]] = Field(
        description="`[start_ms, end_ms]`, half-open, disjoint"
    )
    known_until_ms: Millis | None = Field(description="how far the list can be trusted")


class ReservationAnswer(AnswerModel):
    """A reservation; its window in force is `[start_ms, released_ms or end_ms)`."""

    id: ReservationId
    point_id: PointId
    driver_id: str
    status: ReservationStatus
    start_ms: Millis
    end_ms: Millis
    released_ms: Millis | None
    trip_id: str | None
    price_per_kwh_minor: PriceMinor
    currency: Currency
    reason: str | None
    created_ms: Millis
    witness: Witness


class MissingAnswer(AnswerModel):
    """A node that did not tell what it has, and the problem that it was instead."""

    node: NodeId
    type: str = Field(examples=["urn:recarga:problem:owner-unreachable"])
    detail: str


class HeldPageAnswer(AnswerModel):
    """A page of what somebody has, the newest first. What is no more than a part says so."""

    next_cursor: str | None = Field(description="pass it as `cursor` for the next page; null: this was the last")
    missing: list[MissingAnswer] = Field(description="the nodes whose items are not among these; ask again later")


class ReservationPage(HeldPageAnswer):
    """Reservations."""

    items: list[ReservationAnswer]


class SessionAnswer(AnswerModel):
    """A charging session."""

    id: SessionId
    point_id: PointId
    reservation_id: ReservationId
    driver_id: str
    status: SessionStatus
    started_ms: Millis
    ended_ms: Millis | None
    energy_wh: EnergyWh
    cost_minor: Annotated[int, Field(ge=0, description="in the currency's minor unit")]
    price_per_kwh_minor: PriceMinor
    currency: Currency
    max_power_w: PowerW
    max_energy_wh: EnergyWh | None
    metered_ms: Millis | None
    reason: str | None
    witness: Witness


class SessionPage(HeldPageAnswer):
    """Sessions."""

    items: list[SessionAnswer]


class HistoryAnswer(AnswerModel):
    """How far a node has come."""

    node: NodeId
    epoch: int
    life: int | None = Field(description="which of its connections to the broker this is; null: it has none")
    head_ver: int = Field(description="how far its journal goes")
    points_hash: str = Field(description="the fingerprint of all its points' versions")
    count: int = Field(description="how many points it has")


class ToldPointAnswer(PointAnswer):
    """A point as other nodes are told of it."""

    busy: list[Annotated[list[int], Field(min_length=2, max_length=2)]] = Field(
        description="the next windows in force, `[start_ms, end_ms]`"
    )
    known_until_ms: Millis | None = Field(description="how far that list can be trusted; null: to the end")


class JournalItem(AnswerModel):
    """That something happened."""

    ver: int
    epoch: int
    type: str = Field(examples=["reservation.reserved"])
    point_id: PointId
    point_seq: int
    at_ms: Millis


class JournalAnswer(HistoryAnswer):
    """A range of a node's journal."""

    first_ver: int = Field(description="the first event that the journal holds")
    items: list[JournalItem]
    points: list[ToldPointAnswer] = Field(description="every point that the items touched, as it is now")
    next_after: int | None = Field(description="pass it as `after` to go on; null: there is no more")


class SnapshotAnswer(HistoryAnswer):
    """A page of a node's points."""

    items: list[ToldPointAnswer]
    next_after: PointId | None = Field(description="pass it as `after` for the next page; null: this was the last")


class AttestedAnswer(AnswerModel):
    """What a node has told of itself to the node that answers; `0`: nothing."""

    of: NodeId
    epoch: int
    ver: int
    vouched: bool = Field(description="whether it was asked at an address that an operator gave")


class FieldError(AnswerModel):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemAnswer(AnswerModel):
    """Problem details (RFC 9457)."""

    type: str = Field(examples=["urn:recarga:problem:window-taken"])
    title: str
    status: int
    detail: str
    outcome: str = Field(description="`none`: nothing was or will be done; `unknown`: ask again with the same key")
    witness: Witness | None = None
    errors: list[FieldError] | None = None
    retry_after_s: int | None = None


class HealthAnswer(AnswerModel):
    """Whether the node lives, or can take requests."""

    status: str
    node: NodeId
    epoch: int
    broker_connected: bool
