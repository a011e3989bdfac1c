"""Values the tests of the domain are built from: times in minutes, a plain point, and short ways to ask of it."""

from nodes.domain.commands import Command, CreatePoint, PlugIn, Reserve
from nodes.domain.events import Event, ReservationReserved, SessionStarted
from nodes.domain.point import Connector, Location, PointSpec
from nodes.domain.refusals import Refusal
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.domain.terms import Terms
from tests.nodes.domain.recorded_point import RecordedPoint

POINT_ID = "server1.centro-01"
SECOND_MS = 1000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_NOON_MS = 1_800_014_400_000


def at(minutes: float) -> int:
    """Return the time that many minutes after the tests' noon, in milliseconds since the Unix epoch."""
    return _NOON_MS + round(minutes * MINUTE_MS)


def spec(
    max_power_w: int = 60_000,
    price_per_kwh_minor: int = 150,
    currency: str = "BRL",
    name: str = "Centro 01",
    location: Location | None = None,
    **terms_s: int,
) -> PointSpec:
    """Return a point's spec; named terms replace the default ones."""
    return PointSpec(
        name=name,
        location=Location(-12.97, -38.51) if location is None else location,
        max_power_w=max_power_w,
        connector=Connector.IEC_62196_T2,
        price_per_kwh_minor=price_per_kwh_minor,
        currency=currency,
        terms=Terms(**terms_s),
    )


def new_point(point_spec: PointSpec | None = None) -> RecordedPoint:
    """Return a point that was created an hour before noon."""
    chosen = spec() if point_spec is None else point_spec
    point = RecordedPoint(POINT_ID, chosen)
    accepted(point, CreatePoint(chosen), at(-60))
    return point


def accepted(point: RecordedPoint, command: Command, clock_ms: int) -> list[Event]:
    """Return the events of a command that must be accepted."""
    outcome = point.handle(command, clock_ms)
    assert not isinstance(outcome, Refusal), f"{command} was refused: {outcome}"
    return outcome


def refused(point: RecordedPoint, command: Command, clock_ms: int) -> Refusal:
    """Return the refusal of a command that must be refused."""
    outcome = point.handle(command, clock_ms)
    assert isinstance(outcome, Refusal), f"{command} was accepted: {outcome}"
    return outcome


def reserved(point: RecordedPoint, start_ms: int, end_ms: int, clock_ms: int, driver: str = "ana") -> Reservation:
    """Return a reservation of a window that must be free."""
    (event,) = accepted(point, Reserve(driver, start_ms, end_ms), clock_ms)
    assert isinstance(event, ReservationReserved)
    return point.reservations[event.reservation_id]


def plugged_in(
    point: RecordedPoint, clock_ms: int, end_ms: int | None = None, driver: str = "ana", room_wh: int | None = None
) -> Session:
    """Return the session of a driver who plugs in and must be let."""
    event = accepted(point, PlugIn(driver, end_ms, room_wh), clock_ms)[-1]
    assert isinstance(event, SessionStarted)
    return point.sessions[event.session_id]
