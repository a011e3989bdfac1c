"""What may be asked of a charging point. Times are milliseconds since the Unix epoch, energies watt-hours."""

from dataclasses import dataclass

from nodes.domain.point import PointSpec


@dataclass(frozen=True, slots=True)
class CreatePoint:
    """Bring the point into being."""

    spec: PointSpec


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """Change what the operator says of the point; what is None stays as it is."""

    name: str | None = None
    price_per_kwh_minor: int | None = None
    """For reservations made from now on."""
    terms: tuple[tuple[str, int], ...] = ()
    """Terms to change, by name, in seconds."""
    maintenance: bool | None = None
    spec: PointSpec | None = None
    """All of it, as a points file says it; the fields above come on top."""


@dataclass(frozen=True, slots=True)
class ReportFault:
    """The point failed: a running session ends unbilled, nothing starts until the fault is cleared."""

    description: str

    def __post_init__(self) -> None:
        assert self.description, "a fault without a description would be none"


@dataclass(frozen=True, slots=True)
class ClearFault:
    """The point works again."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Reserve ``[start_ms, end_ms)`` for a driver."""

    driver_id: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class ReserveNow:
    """Reserve from now on for ``duration_s``, or less: up to the next reservation, or the longest window allowed."""

    driver_id: str
    duration_s: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Give a reservation back."""

    reservation_id: str
    driver_id: str | None = None
    """Where it is given, only that driver's reservation is touched. The same holds below."""
    coordinator: str | None = None
    """Where it is given, only a stop of a trip that this node decides on is touched."""


@dataclass(frozen=True, slots=True)
class PrepareStop:
    """Promise ``[start_ms, end_ms)`` to a trip: it is held, whatever happens, until the trip's decision is known."""

    trip_id: str
    stop: int
    """Which stop of the trip, from 0."""
    driver_id: str
    start_ms: int
    end_ms: int
    points: tuple[str, ...] = ()
    """Where the trip's other stops are, as far as is known: who to ask when the coordinator cannot be."""


@dataclass(frozen=True, slots=True)
class CommitStop:
    """The trip was confirmed: the prepared reservation stands."""

    reservation_id: str
    trip_id: str


@dataclass(frozen=True, slots=True)
class AbortStop:
    """The trip was not confirmed, or not with this point: whatever was prepared for the stop is given back."""

    trip_id: str
    stop: int
    is_replaced: bool = False
    """Whether the trip may stand, with another point for this stop."""


@dataclass(frozen=True, slots=True)
class StartReservation:
    """Plug in under a reservation."""

    reservation_id: str
    driver_id: str | None = None
    max_energy_wh: int | None = None
    """The room in the battery, in Wh; the session never delivers more."""


@dataclass(frozen=True, slots=True)
class PlugIn:
    """Plug in: under this driver's reservation if one can start now, else as a walk-up."""

    driver_id: str
    end_ms: int | None = None
    """Until when a walk-up wants the point; None: as long as the terms and the next reservation allow."""
    max_energy_wh: int | None = None


@dataclass(frozen=True, slots=True)
class Meter:
    """The session's meter reads ``energy_wh``, counted from the session's start."""

    session_id: str
    energy_wh: int
    driver_id: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Unplug, with a last reading where there is one."""

    session_id: str
    energy_wh: int | None = None
    driver_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: do the next thing that is due (a no-show, a window that is over)."""


Command = (
    CreatePoint
    | ChangePoint
    | ReportFault
    | ClearFault
    | Reserve
    | ReserveNow
    | Cancel
    | PrepareStop
    | CommitStop
    | AbortStop
    | StartReservation
    | PlugIn
    | Meter
    | Stop
    | Tick
)
