"""What the application knows: points, nodes, what is the driver's, and the trip that is being put together."""

from dataclasses import dataclass, field

from nodes.clients.objects import Calendar, Identity, KnownNode, Point, Reservation, Session
from nodes.clients.terminal.draft import Draft
from nodes.clients.terminal.point_filter import PointFilter

POINTS_MAX = 5_000
"""Points kept and shown; a filter does not find more."""


@dataclass(slots=True)
class Board:
    """Filled by the application's workers, read by its widgets. All on one loop."""

    points: dict[str, Point] = field(default_factory=dict)
    nodes: list[KnownNode] = field(default_factory=list)
    nodes_ms: int = 0
    """When they were told, by this machine's clock."""
    reservations: dict[str, Reservation] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    calendar: Calendar | None = None
    """Of the point that is looked at."""
    draft: Draft = field(default_factory=Draft)
    driver_id: str = ""
    """Empty: not known."""
    identity: Identity | None = None
    """Who one is to the nodes; None: none has said yet."""

    @property
    def is_operator(self) -> bool:
        """Whether one may do what operators do, as far as is known."""
        return self.identity is not None and self.identity.is_operator

    @property
    def user(self) -> str:
        """Return whom to name as the one who uses this: who drives, or whom the token names; empty: not known."""
        told = "" if self.identity is None or self.identity.sub is None else self.identity.sub
        return self.driver_id or told

    def matching(self, wanted: PointFilter) -> list[Point]:
        """Return the points to be shown, in order of id."""
        return [self.points[each] for each in sorted(self.points) if wanted.admits(self.points[each])]

    def is_mine(self, point_id: str) -> bool:
        """Whether something of the driver's is going on there."""
        held: list[Reservation | Session] = [*self.reservations.values(), *self.sessions.values()]
        return any(each.point_id == point_id and each.is_open for each in held)

    def my_windows(self, point_id: str) -> list[tuple[int, int]]:
        """Return the driver's windows on a point."""
        held = self.reservations.values()
        return [(each.start_ms, each.end_ms) for each in held if each.point_id == point_id and each.is_open]

    def session_of(self, reservation_id: str) -> Session | None:
        """Return the charge under a reservation."""
        found = (each for each in self.sessions.values() if each.reservation_id == reservation_id)
        return next(found, None)
