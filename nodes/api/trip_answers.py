"""What clients get about trips, and nodes about their stops, for the documentation."""

from pydantic import Field

from nodes.api.answers import AnswerModel, HeldPageAnswer
from nodes.api.fields import Currency, Millis, NodeId, PointId, PriceMinor, ReservationId, TripId, Witness
from nodes.domain.reservation import ReservationStatus
from nodes.domain.trip import TripStatus
from nodes.trips.in_doubt import Known


class StopAnswer(AnswerModel):
    """A stop of a trip: the reservation as the trip's decision left it."""

    id: ReservationId
    point_id: PointId
    driver_id: str
    status: ReservationStatus
    start_ms: Millis
    end_ms: Millis
    trip_id: TripId
    price_per_kwh_minor: PriceMinor
    currency: Currency
    created_ms: Millis
    witness: Witness


class TripAnswer(AnswerModel):
    """A trip; its stops are told once it is confirmed."""

    id: TripId
    status: TripStatus
    driver_id: str
    coordinator: NodeId
    stops: list[StopAnswer]
    reason: str | None = Field(description="why it was aborted")
    failed_stop: int | None = Field(description="which stop could not be had, from 0")
    created_ms: Millis
    decided_ms: Millis | None


class TripPage(HeldPageAnswer):
    """Trips."""

    items: list[TripAnswer]


class DecisionAnswer(AnswerModel):
    """What was decided of a trip."""

    status: TripStatus
    belongs: bool = Field(description="whether the reservation is one of the stops that stand")


class KnownAnswer(AnswerModel):
    """What the owner of a stop knows of its trip."""

    known: Known
