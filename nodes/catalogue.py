"""The points of the whole network, as one list: this node's own, and what it believes of the others'."""

import math
from bisect import bisect_right
from dataclasses import dataclass

from nodes.actors.server import Server
from nodes.domain.ids import owner_of
from nodes.domain.point import Connector, Point, PointStatus
from nodes.domain.window import Window
from nodes.gossip.view import PointView, View
from nodes.ports import Clock
from nodes.representation import Json, point_json
from nodes.tidings import NodeState

_EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (IUGG)."""
_DEGREE_M = math.radians(1) * _EARTH_RADIUS_M
"""Along a meridian: no two points are nearer to each other than their latitudes are."""


@dataclass(frozen=True, slots=True)
class Near:
    """A circle on the map: WGS 84 degrees, and a radius in metres."""

    lat: float
    lon: float
    radius_m: float

    def distance_m(self, lat: float, lon: float) -> float:
        """Return the great-circle distance from the centre (haversine formula)."""
        north, east = math.radians(lat - self.lat) / 2, math.radians(lon - self.lon) / 2
        chord = (
            math.sin(north) ** 2 + math.cos(math.radians(self.lat)) * math.cos(math.radians(lat)) * math.sin(east) ** 2
        )
        return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


@dataclass(frozen=True, slots=True)
class Filters:
    """Which points are wanted; None: no matter."""

    available: bool | None = None
    """Nobody is plugged in or holds this moment, and the point works."""
    maintenance: bool | None = None
    connector: Connector | None = None
    min_power_w: int | None = None
    node: str | None = None
    name: str | None = None
    near: Near | None = None
    free: Window | None = None
    """Nobody holds any of this window, as far as is known."""


class Catalogue:
    """Lists points by id. Own points are told as they are, others as they were when their owner last told."""

    def __init__(self, server: Server, view: View, clock: Clock) -> None:
        self.connected = False
        """Whether gossip reaches this node; if not, all that is believed is stale."""
        self._server = server
        self._view = view
        self._clock = clock
        self._ids: list[str] = []
        self._forgotten = 0

    def page(self, filters: Filters, after: str, limit: int) -> tuple[list[Json], str | None]:
        """Return up to ``limit`` points behind the id ``after``, and the id to go on from (None: that was all).

        They are in order of id, or of distance where ``near`` is asked.
        What it says of own points may not be durable yet: see ``Server.flushed``.
        """
        now_ms = self._clock.now_ms()
        ids = self._sorted_ids()
        if filters.near is not None:
            ids = self._nearest(ids, filters.near, after)
        elif after:
            ids = ids[bisect_right(ids, after) :]
        found: list[Json] = []
        for index, point_id in enumerate(ids):
            item = self._match(point_id, filters, now_ms)
            if item is not None:
                found.append(item)
                if len(found) == limit:
                    return found, (point_id if index + 1 < len(ids) else None)
        return found, None

    def foreign(self, point_id: str) -> Json | None:
        """Return what is believed of another node's point."""
        view = self._view.points.get(point_id)
        return None if view is None else self._foreign_json(view)

    def foreign_windows(self, point_id: str, from_ms: int, until_ms: int, limit: int) -> Json | None:
        """Return the windows believed in force on another node's point, in the shape of ``windows_json``."""
        view = self._view.points.get(point_id)
        if view is None:
            return None
        busy = [(start, end) for start, end in view.data.busy if end > from_ms and start < until_ms][:limit]
        known_ms = view.data.known_until_ms
        if len(busy) == limit:
            known_ms = busy[-1][1] if known_ms is None else min(known_ms, busy[-1][1])
        return {
            "point_id": point_id,
            "from_ms": from_ms,
            "busy": busy,
            "known_until_ms": until_ms if known_ms is None else min(known_ms, until_ms),
            "as_of_ms": view.data.as_of_ms,
            "stale": self._is_stale(owner_of(point_id)),
            "witness": view.witness,
        }

    def _match(self, point_id: str, filters: Filters, now_ms: int) -> Json | None:
        if filters.node is not None and owner_of(point_id) != filters.node:
            return None
        own = self._server.point(point_id)
        if own is not None:
            return _own_match(own, filters, now_ms)
        view = self._view.points.get(point_id)
        return None if view is None else self._foreign_match(view, filters)

    def _foreign_match(self, view: PointView, filters: Filters) -> Json | None:
        data = view.data
        if not _fits(filters, data.name, data.connector, data.max_power_w, data.maintenance):
            return None
        if filters.free is not None:
            if data.maintenance or data.fault is not None:
                return None
            if any(start < filters.free.end_ms and filters.free.start_ms < end for start, end in data.busy):
                return None
        item = self._foreign_json(view)
        return _placed(item, filters, data.location.lat, data.location.lon)

    def _foreign_json(self, view: PointView) -> Json:
        data = view.data
        item = data.model_dump(exclude={"busy", "known_until_ms"})
        node = owner_of(data.id)
        if (owner := self._view.nodes.get(node)) is not None and owner.shown[0] in _GONE:
            item["status"] = PointStatus.UNKNOWN
        return item | {"node": node, "witness": view.witness, "stale": self._is_stale(node)}

    def _nearest(self, ids: list[str], near: Near, after: str) -> list[str]:
        """Return the ids of points within the circle, nearest first, behind the point ``after``."""
        placed: list[tuple[float, str]] = []
        for point_id in ids:
            lat, lon = self._place(point_id)
            if lat is not None and lon is not None and abs(lat - near.lat) * _DEGREE_M <= near.radius_m + 1:
                distance_m = near.distance_m(lat, lon)
                if distance_m <= near.radius_m:
                    placed.append((distance_m, point_id))
        placed.sort()
        start = next((at for at, (_, point_id) in enumerate(placed, 1) if point_id == after), 0) if after else 0
        return [point_id for _, point_id in placed[start:]]

    def _place(self, point_id: str) -> tuple[float | None, float | None]:
        own = self._server.point(point_id)
        if own is not None:
            return own.spec.location.lat, own.spec.location.lon
        view = self._view.points.get(point_id)
        return (None, None) if view is None else (view.data.location.lat, view.data.location.lon)

    def _is_stale(self, node_id: str) -> bool:
        return not self.connected or self._view.is_stale(node_id)

    def _sorted_ids(self) -> list[str]:
        """Return all ids in order. While no points are forgotten, a list of the right length is up to date."""
        own, foreign, forgotten = self._server.actors, self._view.points, self._view.forgotten
        if len(self._ids) != len(own) + len(foreign) or self._forgotten != forgotten:
            self._ids, self._forgotten = sorted([*own, *foreign]), forgotten
        return self._ids


_GONE = (NodeState.DEAD, NodeState.FORKED, NodeState.LEFT)


def _own_match(point: Point, filters: Filters, now_ms: int) -> Json | None:
    spec = point.spec
    if not _fits(filters, spec.name, spec.connector, spec.max_power_w, point.maintenance):
        return None
    if filters.free is not None:
        if point.maintenance or point.fault is not None:
            return None
        if point.calendar.conflict(filters.free.start_ms, filters.free.end_ms) is not None:
            return None
    if filters.available is not None and (point.status(now_ms) is PointStatus.AVAILABLE) != filters.available:
        return None
    return _placed(point_json(point, now_ms), filters, spec.location.lat, spec.location.lon)


def _fits(filters: Filters, name: str, connector: str | None, max_power_w: int, maintenance: bool) -> bool:
    return (
        (filters.name is None or name == filters.name)
        and (filters.connector is None or connector == filters.connector)
        and (filters.min_power_w is None or max_power_w >= filters.min_power_w)
        and (filters.maintenance is None or maintenance == filters.maintenance)
    )


def _placed(item: Json, filters: Filters, lat: float | None, lon: float | None) -> Json | None:
    """Apply what needs the finished item: status and distance."""
    if filters.available is not None and (item["status"] == PointStatus.AVAILABLE) != filters.available:
        return None
    if filters.near is None:
        return item
    if lat is None or lon is None:
        return None
    distance_m = filters.near.distance_m(lat, lon)
    return item | {"distance_m": round(distance_m)} if distance_m <= filters.near.radius_m else None
