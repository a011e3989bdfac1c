"""What people are told of each topic: for the AsyncAPI document (``nodes.asyncapi``)."""

from dataclasses import dataclass
from typing import Any

from nodes.domain.point import Connector, Location, Point, PointSpec
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus
from nodes.gossip.messages import Availability, Birth, Charging, Death, Digest, Event, Reservations
from nodes.gossip.topics import POINT_KINDS, Kind
from nodes.representation import Json, point_json, windows_json

EXAMPLE_CLUSTER, EXAMPLE_NODE, EXAMPLE_POINT = "recarga", "server1", "server1.centro-01"
EXAMPLE_MS = 1_793_610_000_000
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Channel:
    """One topic with its message."""

    kind: Kind
    event: type[Event[Any]]
    type: str
    """The CloudEvents type."""
    is_retained: bool
    title: str
    text: str
    data: Json
    """An example of the event's ``data``."""

    @property
    def name(self) -> str:
        """What the document calls it."""
        return self.kind.value

    @property
    def is_about_a_point(self) -> bool:
        """Whether its subject is a point, and not a node."""
        return self.kind in POINT_KINDS


def _availability() -> Json:
    spec = PointSpec(
        "Centro 1", Location(-8.0631, -34.8711, "Rua da Aurora, Recife"), 22_000, Connector.IEC_62196_T2, 189
    )
    point = Point(EXAMPLE_POINT, spec, epoch=3, seq=17, updated_ms=EXAMPLE_MS)
    busy = windows_json(point, EXAMPLE_MS, None, 32)
    return point_json(point, EXAMPLE_MS) | {"busy": busy["busy"], "known_until_ms": busy["known_until_ms"]}


def _reservation() -> Json:
    window = {"start_ms": EXAMPLE_MS + _HOUR_MS, "end_ms": EXAMPLE_MS + 2 * _HOUR_MS}
    return {"id": f"{EXAMPLE_POINT}.r3-17", "status": ReservationStatus.RESERVED, "pointseq": 17, **window}


def _session() -> Json:
    return {"id": f"{EXAMPLE_POINT}.s3-17", "status": SessionStatus.ACTIVE, "pointseq": 17, "energy_wh": 4_200}


CHANNELS: tuple[Channel, ...] = (
    Channel(
        Kind.AVAILABILITY,
        Event[Availability],
        "recarga.point.availability",
        True,
        "A point as its owner sees it",
        "Sent when something changed, coalesced over the cadence of gossip, and again after every connection. Of two "
        "messages about a point the one with the higher (epoch, pointseq) is the newer one; whoever keeps a view takes no "
        "older one.",
        _availability(),
    ),
    Channel(
        Kind.RESERVATION,
        Event[Reservations],
        "recarga.point.reservations",
        False,
        "What happened to a point's reservations",
        "Since the last such message: the latest of each reservation. Who made it is not told.",
        {"reservations": [_reservation()], "truncated": False},
    ),
    Channel(
        Kind.CHARGING,
        Event[Charging],
        "recarga.point.charging",
        False,
        "What a point's charging sessions did",
        "Since the last such message: the latest of each session.",
        {"sessions": [_session()], "truncated": False},
    ),
    Channel(
        Kind.BIRTH,
        Event[Birth],
        "recarga.node.birth",
        True,
        "A node is there",
        "Sent once after every connection to the broker.",
        {"url": "http://127.0.0.1:9001", "points": 20, "life": 1},
    ),
    Channel(
        Kind.DEATH,
        Event[Death],
        "recarga.node.death",
        True,
        "A node has gone",
        "Sent by a node that leaves in good order, and by the broker as its last will. The will of an older epoch or "
        "connection kills nobody. It is a hint: a hung node keeps its will for many seconds.",
        {"life": 1, "reason": "left"},
    ),
    Channel(
        Kind.DIGEST,
        Event[Digest],
        "recarga.node.digest",
        True,
        "How far a node's journal goes",
        "Sent when something changed, at most once a second. Whose own hash over the versions of that node's points differs "
        "has missed something.",
        {"points_hash": "5f2c1a9b7e3d4c60"},
    ),
)
"""In the order of the document."""
