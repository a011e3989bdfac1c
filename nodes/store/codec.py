"""Events as JSON text, as the journal holds them."""

from typing import Any

import orjson

from nodes.domain.events import (
    EVENT_TYPES,
    Event,
    PointChanged,
    PointCreated,
    ReservationPrepared,
    ReservationReleased,
    SessionStopped,
)
from nodes.domain.point import Connector, Location, PointSpec
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus
from nodes.domain.terms import Terms
from nodes.domain.trip import (
    TRIP_EVENT_TYPES,
    CancelOutcome,
    HeldStop,
    TripBegun,
    TripCancelEnded,
    TripConfirmed,
    TripEvent,
    WantedStop,
)


def encode_event(event: Event | TripEvent) -> str:
    """Return the event's fields as a JSON object."""
    return orjson.dumps(event).decode()


def decode_event(kind: str, text: str | bytes) -> Event | TripEvent:
    """Return the event that ``encode_event`` wrote. Raises ``ValueError`` or ``KeyError`` when it is none."""
    data: dict[str, Any] = orjson.loads(text)
    if kind in TRIP_EVENT_TYPES:
        return _decode_trip_event(TRIP_EVENT_TYPES[kind], data)
    event_type = EVENT_TYPES[kind]
    if event_type in (PointCreated, PointChanged):
        data["spec"] = decode_spec(data["spec"])
    elif event_type is ReservationPrepared:
        data["trip_points"] = tuple(data["trip_points"])
    elif event_type is ReservationReleased:
        data["status"] = ReservationStatus(data["status"])
    elif event_type is SessionStopped:
        data["status"] = SessionStatus(data["status"])
        data["reservation_status"] = ReservationStatus(data["reservation_status"])
    return event_type(**data)


def decode_spec(data: dict[str, Any]) -> PointSpec:
    """Return the point's description from JSON data."""
    return PointSpec(
        **{
            **data,
            "location": Location(**data["location"]),
            "connector": None if data["connector"] is None else Connector(data["connector"]),
            "terms": Terms(**data["terms"]),
        }
    )


def decode_wanted(stops: list[dict[str, Any]]) -> tuple[WantedStop, ...]:
    """Return wanted stops from JSON data."""
    return tuple(WantedStop(**{**stop, "points": tuple(stop["points"])}) for stop in stops)


def decode_held(stops: list[dict[str, Any]]) -> tuple[HeldStop, ...]:
    """Return held stops from JSON data."""
    return tuple(HeldStop(**{**stop, "witness": tuple(stop["witness"])}) for stop in stops)


def _decode_trip_event(event_type: type[TripEvent], data: dict[str, Any]) -> TripEvent:
    if event_type is TripBegun:
        data["stops"] = decode_wanted(data["stops"])
    elif event_type is TripConfirmed:
        data["stops"] = decode_held(data["stops"])
    elif event_type is TripCancelEnded:
        data["outcomes"] = tuple(map(CancelOutcome, data["outcomes"]))
    return event_type(**data)
