"""When every point was reserved, and when it was charging, in the scenario's time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.measure.databases import NodeDatabase
from sim.measure.intervals import Interval, clipped, length, union


@dataclass(slots=True)
class PointUse:
    """The intervals of one point, within the run."""

    windows: list[Interval] = field(default_factory=list)
    """Reservations in force; they never overlap, if the node is right."""
    sessions: list[Interval] = field(default_factory=list)

    @property
    def busy_ms(self) -> int:
        """How long it was reserved or charging."""
        return length(union([*self.windows, *self.sessions]))

    @property
    def charging_ms(self) -> int:
        """How long a vehicle was plugged in."""
        return length(union(self.sessions))


def use_by_point(databases: Sequence[NodeDatabase], run: Interval) -> dict[str, PointUse]:
    """Return every point's use. ``run``: the scenario's time that was played; a session still open lasts until its end."""
    windows: defaultdict[str, list[Interval]] = defaultdict(list)
    sessions: defaultdict[str, list[Interval]] = defaultdict(list)
    for database in databases:
        for window in database.windows:
            windows[window.point_id].append((window.start_ms, window.until_ms))
        for session in database.sessions:
            ended_ms = run[1] if session.ended_ms is None else session.ended_ms
            sessions[session.point_id].append((session.started_ms, ended_ms))
    points = (point.id for database in databases for point in database.points)
    return {point: PointUse(clipped(windows[point], run), clipped(sessions[point], run)) for point in points}
