"""Types of request and answer fields, shared by the models."""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from nodes.domain.currency import CURRENCY_PATTERN
from nodes.domain.ids import (
    NODE_ID_PATTERN,
    POINT_ID_PATTERN,
    RESERVATION_ID_PATTERN,
    SESSION_ID_PATTERN,
    TRIP_ID_PATTERN,
)
from nodes.domain.point import MAX_ADDRESS_CHARS, MAX_NAME_CHARS, MAX_POWER_W, MAX_PRICE_MINOR

MS_MAX = 253_402_300_799_999
"""The last millisecond of the year 9999, which is as far as RFC 3339 goes."""
ENERGY_WH_MAX = 100_000_000
"""No vehicle takes more in one charge than 100 MWh."""

POINT_EXAMPLE = "server1.centro-01"
RESERVATION_EXAMPLE = "server1.centro-01.r2-17"
SESSION_EXAMPLE = "server1.centro-01.s2-18"
TRIP_EXAMPLE = "server1.trip.t2-5"

WHO_DRIVES = "who drives: a driver's token says so, whoever else asks names them"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]", re.ASCII)
_RFC_3339: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)


def to_ms(when: datetime) -> int:
    """Return milliseconds since the Unix epoch, rounded down. Raises ``ValueError`` before 1970."""
    ms = (when - _EPOCH).total_seconds() * 1000
    if ms < 0:
        raise ValueError("expected a time after 1970")
    return int(ms)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("expected printable characters only")
    return text


def _rfc_3339(value: object) -> object:
    """Leave to pydantic what begins like RFC 3339; it would take digits as seconds or milliseconds."""
    if not isinstance(value, str) or not _DATE.match(value):
        raise ValueError("expected RFC 3339 text, such as 2026-11-02T09:00:00Z")
    return value


def _after_1970(when: datetime) -> datetime:
    to_ms(when)
    return when


def _moment(value: object) -> object:
    """Take digits as milliseconds, anything else as RFC 3339."""
    if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
        return to_ms(_RFC_3339.validate_python(_rfc_3339(value)))
    return value


Millis = Annotated[
    int,
    Field(
        ge=0, le=MS_MAX, strict=True, description="milliseconds since the Unix epoch, UTC", examples=[1_793_602_800_000]
    ),
]
Witness = Annotated[
    list[int],
    Field(
        min_length=2,
        max_length=2,
        description="`[epoch, seq]`: which state of the point this saw or made; ordered, never used twice",
        examples=[[2, 17]],
    ),
]
Text = Annotated[str, AfterValidator(_printable)]
NodeId = Annotated[str, Field(pattern=NODE_ID_PATTERN, examples=["server1"])]
PointId = Annotated[str, Field(pattern=POINT_ID_PATTERN, examples=[POINT_EXAMPLE])]
ReservationId = Annotated[str, Field(pattern=RESERVATION_ID_PATTERN, examples=[RESERVATION_EXAMPLE])]
SessionId = Annotated[str, Field(pattern=SESSION_ID_PATTERN, examples=[SESSION_EXAMPLE])]
TripId = Annotated[str, Field(pattern=TRIP_ID_PATTERN, examples=[TRIP_EXAMPLE])]
DriverId = Annotated[
    Text, Field(min_length=1, max_length=100, description="who drives; any printable text", examples=["ana"])
]
WhoseQuery = Annotated[
    DriverId | None,
    Query(description="if given, only this driver's: another's is unknown. A driver's own, with a token"),
]
Name = Annotated[Text, Field(min_length=1, max_length=MAX_NAME_CHARS, examples=["Centro 1"])]
Address = Annotated[Text, Field(max_length=MAX_ADDRESS_CHARS, examples=["Rua da Aurora 10, Recife"])]
EnergyWh = Annotated[int, Field(ge=0, le=ENERGY_WH_MAX, strict=True, description="watt-hours", examples=[7_200])]
PowerW = Annotated[int, Field(ge=1, le=MAX_POWER_W, strict=True, description="watts", examples=[22_000])]
PriceMinor = Annotated[
    int,
    Field(ge=0, le=MAX_PRICE_MINOR, strict=True, description="per kWh, in the currency's minor unit", examples=[189]),
]
Currency = Annotated[str, Field(pattern=CURRENCY_PATTERN, description="ISO 4217", examples=["BRL"])]
DateTime = Annotated[
    AwareDatetime,
    BeforeValidator(_rfc_3339),
    AfterValidator(_after_1970),
    Field(description="RFC 3339, with a time zone", examples=["2026-11-02T09:00:00-03:00"]),
]
Moment = Annotated[
    int,
    BeforeValidator(_moment),
    Field(ge=0, le=MS_MAX, description="milliseconds since the Unix epoch, or RFC 3339 with a time zone"),
]

PointPath = Annotated[str, Path(pattern=POINT_ID_PATTERN, examples=[POINT_EXAMPLE])]
ReservationPath = Annotated[str, Path(pattern=RESERVATION_ID_PATTERN, examples=[RESERVATION_EXAMPLE])]
TripPath = Annotated[str, Path(pattern=TRIP_ID_PATTERN, examples=[TRIP_EXAMPLE])]
SessionPath = Annotated[str, Path(pattern=SESSION_ID_PATTERN, examples=[SESSION_EXAMPLE])]


class Body(BaseModel):
    """A request body: what is not known is refused, so that a misspelt field is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
