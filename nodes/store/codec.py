"""Events as JSON text, as the journal holds them."""

from typing import Any

import orjson

from nodes.domain.events import (
    EVENT_TYPES,
    Event,
    PointChanged,
    PointCreated,
    ReservationReleased,
    SessionStopped,
)
from nodes.domain.point import Connector, Location, PointSpec
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus
from nodes.domain.terms import Terms


def encode_event(event: Event) -> str:
    """Return the event's fields as a JSON object."""
    return orjson.dumps(event).decode()


def decode_event(kind: str, text: str | bytes) -> Event:
    """Return the event that ``encode_event`` wrote. Raises ``ValueError`` or ``KeyError`` when it is none."""
    data: dict[str, Any] = orjson.loads(text)
    event_type = EVENT_TYPES[kind]
    if event_type in (PointCreated, PointChanged):
        data["spec"] = decode_spec(data["spec"])
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
