"""What nodes answer, as far as clients read it. The whole of it is kept as it came (``told``)."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError

from nodes.clients.errors import PROBLEM_PREFIX, Refused, StrangeAnswer

Json = dict[str, Any]
RESERVATION_OPEN = frozenset({"PENDING", "RESERVED", "ACTIVE"})
"""Reservations with which something is still to happen."""


class Told(BaseModel):
    """An answer's object. Newer nodes may say more, and in other words: statuses are text."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    _told: Json = PrivateAttr(default_factory=dict)

    @property
    def told(self) -> Json:
        """The object as the API said it."""
        return self._told

    @classmethod
    def read(cls, data: object) -> Self:
        """Return the object that an answer holds. Raises ``StrangeAnswer``."""
        try:
            found = cls.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise StrangeAnswer(f"that is no {cls.__name__.lower()}: {place}: {first['msg']}") from error
        assert isinstance(data, dict)
        found._told = data  # noqa: SLF001 - its own
        return found


class Identified(Told):
    """An object with an id."""

    id: str


class Location(BaseModel):
    """Where a point stands, in WGS 84 degrees."""

    lat: float | None = None
    lon: float | None = None
    address: str | None = None


class NextFree(BaseModel):
    """The next window that nobody holds; ``end_ms`` None: nothing follows."""

    start_ms: int
    end_ms: int | None


class Point(Identified):
    """A charging point."""

    node: str
    name: str
    location: Location
    max_power_w: int
    connector: str | None
    connector_label: str | None = None
    price_per_kwh_minor: int
    currency: str
    terms: dict[str, int]
    status: str
    maintenance: bool
    fault: str | None
    next_free: NextFree
    session_id: str | None
    as_of_ms: int
    stale: bool
    distance_m: int | None = None


class Calendar(Told):
    """Windows in force on a point."""

    point_id: str
    from_ms: int
    busy: list[tuple[int, int]]
    known_until_ms: int | None


class Reservation(Identified):
    """A reservation, or a stop of a trip."""

    point_id: str
    driver_id: str
    status: str
    start_ms: int
    end_ms: int
    released_ms: int | None = None
    trip_id: str | None
    price_per_kwh_minor: int
    currency: str
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to happen with it."""
        return self.status in RESERVATION_OPEN


class Session(Identified):
    """A charge."""

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

    @property
    def is_open(self) -> bool:
        """Whether it still runs."""
        return self.status == "ACTIVE"


class Trip(Identified):
    """A trip; its stops are told once it is confirmed."""

    status: str
    driver_id: str
    coordinator: str
    stops: list[Reservation]
    reason: str | None
    failed_stop: int | None
    created_ms: int
    decided_ms: int | None

    @property
    def is_open(self) -> bool:
        """Whether it is not decided yet."""
        return self.status == "PENDING"

    @property
    def refusal(self) -> Refused:
        """The refusal that a trip is which was given up after it had been taken on (202)."""
        body = {
            "type": f"{PROBLEM_PREFIX}trip-aborted",
            "title": "The trip was given up, and nothing of it is reserved",
            "status": 409,
            "detail": f"the trip was given up: {self.reason}",
            "outcome": "none",
            "trip_id": self.id,
            "stop": self.failed_stop,
        }
        return Refused(409, body)


class Missing(Told):
    """A node that did not tell what it has."""

    node: str
    detail: str


class Lag(BaseModel):
    """How far a view is behind."""

    events: int


class ReasonValues(BaseModel):
    """What belongs to a reason."""

    by: str | None = None
    probes: int | None = None
    indirect: int | None = None


class KnownNode(Told):
    """A node as the one that was asked sees it."""

    id: str
    self: bool
    state: str
    epoch: int
    url: str | None
    points: int
    points_seen: int
    since_ms: int
    heard_ms: int
    stale: bool
    lag: Lag
    reason: str
    reason_code: str = ""
    """Empty: it is an older node."""
    reason_values: ReasonValues = ReasonValues()


class Identity(Told):
    """Who one is to a node; without authentication everybody may do all."""

    authentication: bool
    role: str | None = None
    sub: str | None = None
    expires_ms: int | None = None

    @property
    def is_operator(self) -> bool:
        """Whether one may do what operators do."""
        return not self.authentication or self.role == "operator"
