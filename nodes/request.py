"""A request for a point: to do something (a command) or to tell something (a query)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

import orjson

from nodes.domain.commands import Cancel, Command
from nodes.domain.ids import owner_of
from nodes.principal import Caller
from nodes.records import Witness
from nodes.tidings import Tidings


@dataclass(frozen=True, slots=True)
class ReadPoint:
    """Tell the point as it is now."""


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """Tell the windows in force that overlap ``[from_ms, until_ms)``, ``limit`` of them at the most."""

    from_ms: int
    until_ms: int
    limit: int


@dataclass(frozen=True, slots=True)
class ReadReservation:
    """Tell a reservation, in force or over."""

    reservation_id: str
    driver_id: str | None = None
    """Where it is given, only that driver's is told. The same holds below."""


@dataclass(frozen=True, slots=True)
class ReadSession:
    """Tell a session, running or over."""

    session_id: str
    driver_id: str | None = None


@dataclass(frozen=True, slots=True)
class FindPoints:
    """Tell the points of that name. It asks a node: the request's ``point_id`` is the node's id."""

    name: str


@dataclass(frozen=True, slots=True)
class ReadJournal:
    """Tell what happened after ``after_ver``, ``limit`` events at the most. It asks a node, as ``FindPoints`` does."""

    after_ver: int
    limit: int


@dataclass(frozen=True, slots=True)
class ReadSnapshot:
    """Tell the points behind the id ``after``, ``limit`` of them at the most. It asks a node."""

    after: str
    limit: int


@dataclass(frozen=True, slots=True)
class ReadAttested:
    """Tell what the node ``of`` has told of itself, when it was asked and not by hearsay. It asks a node."""

    of: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Say that you are there, and what you know. It asks a node: the request's ``point_id`` is the node's id."""

    tidings: Tidings
    """What the asker tells of itself, and of others."""
    reach: str | None = None
    """Ask that node first, and say whether it answered."""


class HeldKind(StrEnum):
    """What drivers have."""

    RESERVATIONS = "reservations"
    SESSIONS = "sessions"
    TRIPS = "trips"


@dataclass(frozen=True, slots=True)
class ReadHeld:
    """Tell what drivers have at a node, the newest first: on its points, or of the trips that it coordinates. It asks a node."""

    kind: HeldKind
    limit: int
    driver_id: str | None = None
    """Whose. It, or the point, is given."""
    point_id: str | None = None
    """Where; trips are nowhere."""
    is_active: bool | None = None
    """Only what is in force, or only what is over. Of trips that is not asked."""
    before: tuple[int, str] | None = None
    """Only what was made before: when, in ms since the Unix epoch, and the id of what was."""


Query = (
    ReadPoint
    | ReadCalendar
    | ReadReservation
    | ReadSession
    | FindPoints
    | ReadJournal
    | ReadSnapshot
    | ReadAttested
    | ReadHeld
    | Ping
)


@dataclass(frozen=True, slots=True)
class Nearby:
    """Any point within ``radius_m`` metres of a place (WGS 84 degrees) with at least ``min_power_w``."""

    lat: float
    lon: float
    radius_m: float
    min_power_w: int = 1


@dataclass(frozen=True, slots=True)
class StopWish:
    """One stop of a trip: a window on any of these points, the first that can be had; or on any point nearby."""

    start_ms: int
    end_ms: int
    points: tuple[str, ...]
    near: Nearby | None = None


@dataclass(frozen=True, slots=True)
class PlanTrip:
    """Reserve all stops or none. It asks the coordinator: the request's ``point_id`` is a node's id."""

    driver_id: str
    stops: tuple[StopWish, ...]
    """In order of time."""


@dataclass(frozen=True, slots=True)
class CancelTrip:
    """Give a trip's stops back, each by its terms. It and the following ask the coordinator, by the trip's id."""

    trip_id: str
    driver_id: str | None = None
    """Where it is given, only that driver's trip is touched."""


@dataclass(frozen=True, slots=True)
class ReadTrip:
    """Tell a trip."""

    trip_id: str
    driver_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReadDecision:
    """Tell whether a prepared reservation stands: asked of the coordinator by the reservation's owner, who is in doubt."""

    trip_id: str
    reservation_id: str


@dataclass(frozen=True, slots=True)
class ReadStop:
    """Tell what is known of a trip at one point: asked by another participant, while the coordinator cannot be."""

    point_id: str
    trip_id: str


TripQuery = ReadTrip | ReadDecision | ReadStop
TripAction = PlanTrip | CancelTrip | TripQuery
Action = Command | Query | TripAction


def coordinator_of(stops: Sequence[StopWish]) -> str | None:
    """Return the node that decides on a trip: the owner of the first point that is named; None: none is.

    It follows from the request alone, so that the same request always meets the same record, whoever it is sent to.
    """
    return next((owner_of(point_id) for stop in stops for point_id in stop.points), None)


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller asks of a point."""

    point_id: str
    action: Action
    key: str | None = None
    """The idempotency key."""
    if_match: Witness | None = None
    """Only if this is the point's witness."""
    timeout_ms: int | None = None
    """How long the caller waits, in process time; None: the node's default."""
    from_epoch: int | None = None
    """The epoch of the node that hands it on; None: nobody did."""
    met_epoch: int | None = None
    """The highest epoch at which that node has met the one it asks: an earlier process of it is not meant; None: never."""
    is_timed: bool = field(default=False, compare=False)
    """Whether the answer is to say where the time went: that is no part of what is asked."""
    caller: Caller | None = field(default=None, compare=False)
    """On whose behalf a node acts; None: its own, or nobody is told from another."""

    @property
    def fingerprint(self) -> str:
        """Says what is asked, so that the same key with another request is noticed."""
        if isinstance(self.action, PlanTrip):
            return f"PlanTrip {self.point_id} {sha256(orjson.dumps(self.action)).hexdigest()}"
        witness = "" if self.if_match is None else f" if {self.if_match[0]}-{self.if_match[1]}"
        asked: object = self.action
        if isinstance(asked, Cancel):  # who may is no part of it: answers are kept under what older versions wrote
            asked = {"reservation_id": asked.reservation_id, "driver_id": asked.driver_id}
        return f"{type(self.action).__name__} {self.point_id} {orjson.dumps(asked).decode()}{witness}"
