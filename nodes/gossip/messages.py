"""Gossip payloads: CloudEvents 1.0 in JSON, with ``node``, ``epoch``, ``ver`` and ``pointseq`` as extension attributes.

These models are what a node accepts. What does not fit is counted and dropped; unknown members are ignored, so that
newer nodes may say more.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from nodes.domain.currency import CURRENCY_PATTERN
from nodes.domain.ids import NODE_ID_PATTERN, POINT_ID_PATTERN
from nodes.domain.point import PointStatus
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus
from nodes.representation import json_bytes

D = TypeVar("D", bound=BaseModel)

_COUNT_MAX = 2**53 - 1
Count = Annotated[int, Field(ge=0, le=_COUNT_MAX)]
Millis = Annotated[int, Field(ge=0, le=_COUNT_MAX, description="milliseconds since the Unix epoch, UTC")]
NodeId = Annotated[str, Field(pattern=NODE_ID_PATTERN)]
PointId = Annotated[str, Field(pattern=POINT_ID_PATTERN)]


class Strict(BaseModel):
    """A number is a number and not a text; unknown members are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, use_attribute_docstrings=True)


class Span(Strict):
    """A half-open window; ``end_ms`` None: open."""

    start_ms: Millis
    end_ms: Millis | None


def _windows(value: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if any(not 0 <= start < end <= _COUNT_MAX for start, end in value):
        raise ValueError("a window ends after it starts")
    return value


def _address(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.port == 0:  # a port that is no port raises
        raise ValueError("an address names a host")
    return url


class Place(Strict):
    """Where a point stands."""

    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    address: Annotated[str, Field(max_length=300)] | None = None


class Availability(Strict):
    """A point as its owner sees it (``disponibilidade``)."""

    id: PointId
    name: Annotated[str, Field(max_length=200)]
    location: Place
    max_power_w: Count
    connector: Annotated[str, Field(max_length=40)] | None
    connector_label: Annotated[str, Field(max_length=200)] | None = None
    price_per_kwh_minor: Count
    currency: Annotated[str, Field(pattern=CURRENCY_PATTERN)]
    terms: Annotated[dict[Annotated[str, Field(max_length=40)], Count], Field(max_length=20)]
    status: PointStatus = Field(strict=False)
    maintenance: bool
    fault: Annotated[str, Field(max_length=500)] | None
    next_free: Span
    session_id: Annotated[str, Field(max_length=200)] | None
    updated_ms: Millis
    as_of_ms: Millis
    busy: Annotated[
        list[Annotated[tuple[int, int], Field(strict=False)]], Field(max_length=1000), AfterValidator(_windows)
    ]
    """Windows in force from ``as_of_ms`` on."""
    known_until_ms: Millis | None
    """How far ``busy`` can be trusted; None: there is nothing behind it."""


class ReservationNews(Strict):
    """What happened to one reservation. Who made it is not told."""

    id: Annotated[str, Field(max_length=200)]
    status: ReservationStatus = Field(strict=False)
    start_ms: Millis | None = None
    end_ms: Millis | None = None
    """The window, where the news is about it."""
    released_ms: Millis | None = None
    """From when the window is free, where that is the news."""
    pointseq: Count


class Reservations(Strict):
    """What happened to a point's reservations since the last such message (``reserva``)."""

    reservations: Annotated[list[ReservationNews], Field(max_length=1000)]
    truncated: bool = False
    """Whether more happened than is told."""


class SessionNews(Strict):
    """What one session did."""

    id: Annotated[str, Field(max_length=200)]
    status: SessionStatus = Field(strict=False)
    energy_wh: Count
    pointseq: Count


class Charging(Strict):
    """What a point's sessions did since the last such message (``carregamento``)."""

    sessions: Annotated[list[SessionNews], Field(max_length=1000)]
    truncated: bool = False


class Birth(Strict):
    """A node is there."""

    url: Annotated[str, Field(max_length=300, pattern=r"^https?://[!-~]+$"), AfterValidator(_address)]
    points: Count
    life: Count
    """Counts the node's connections to the broker within its epoch."""


class Death(Strict):
    """A node has gone: in good order, or the broker says so in its will."""

    life: Count
    """The connection that ended. A will that comes after the next birth kills nobody."""
    reason: Annotated[str, Field(max_length=200)] = ""


class Digest(Strict):
    """How far a node's journal goes, and a fingerprint of its points' versions."""

    points_hash: Annotated[str, Field(max_length=64)]


class Event(Strict, Generic[D]):
    """A CloudEvents envelope."""

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(min_length=1, max_length=200)]
    type: Annotated[str, Field(min_length=1, max_length=200)]
    subject: Annotated[str, Field(max_length=200)]
    """The point or the node it is about, as in the topic."""
    time: Annotated[str, Field(max_length=40)]
    node: NodeId
    """Who says it: the point's owner."""
    epoch: Count
    """That of the point's version (the node's own, where it is about a node)."""
    ver: Count
    """How far the node's journal goes."""
    pointseq: Count = 0
    """How many events the point has seen: with ``epoch`` it is the point's version."""
    data: D


def encode_event(
    *, type_: str, node: str, subject: str, epoch: int, ver: int, pointseq: int, now_ms: int, data: dict[str, Any]
) -> bytes:
    """Return the JSON text of a CloudEvent."""
    return json_bytes(
        {
            "specversion": "1.0",
            "id": f"{node}-{epoch}-{ver}-{subject}-{now_ms}",
            "source": f"/nodes/{node}",
            "type": f"recarga.{type_}",
            "subject": subject,
            "time": datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds"),
            "datacontenttype": "application/json",
            "node": node,
            "epoch": epoch,
            "ver": ver,
            "pointseq": pointseq,
            "data": data,
        }
    )
