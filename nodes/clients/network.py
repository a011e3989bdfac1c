"""The network as a client sees it: every operation of the API that people use, typed."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from nodes.clients.errors import ClientError, NotFound, StrangeAnswer, Unreachable
from nodes.clients.events import EventStream
from nodes.clients.http_client import HttpClient, Reply
from nodes.clients.objects import (
    Calendar,
    Identified,
    Identity,
    Json,
    KnownNode,
    Missing,
    Point,
    Reservation,
    Session,
    Told,
    Trip,
)

T = TypeVar("T", bound=Told)
Item = TypeVar("Item", bound=Identified)

_PAGE = 500
_HELD_MAX = 10_000
"""Of what a driver ever had, so much is read."""
_PENDING_PAUSE_S = 0.3
"""Between two looks at a trip that is not decided; most are within one."""


@dataclass(frozen=True, slots=True)
class PointFilters:
    """Which points; None: whatever. Times in ms, power in W, places as ``lat,lon`` in degrees."""

    available: bool | None = None
    maintenance: bool | None = None
    connector: str | None = None
    min_power_w: int | None = None
    node: str | None = None
    name: str | None = None
    near: str | None = None
    radius_m: float | None = None
    free_from: int | None = None
    free_until: int | None = None

    def query(self) -> dict[str, str | int | float | bool | None]:
        """Return it as query parameters."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class StopWish:
    """One stop of a trip: a window on one point, on any of several, or near a place."""

    start_ms: int
    end_ms: int
    points: tuple[str, ...] = ()
    near: Json | None = None

    def body(self) -> Json:
        """Return it as the API takes it."""
        window: Json = {"start_ms": self.start_ms, "end_ms": self.end_ms}
        if self.near is not None:
            return window | {"near": self.near}
        return window | ({"point_id": self.points[0]} if len(self.points) == 1 else {"any_of": list(self.points)})

    def moved(self, start_ms: int, end_ms: int) -> "StopWish":
        """Return the same stop at another time."""
        return replace(self, start_ms=start_ms, end_ms=end_ms)


@dataclass(slots=True)
class Listed:
    """What several nodes list, and which of them did not."""

    items: list[Any]
    away: list[ClientError]


def new_key() -> str:
    """Return a new idempotency key: one for each thing wished for, however often it is asked."""
    return f"client-{secrets.token_hex(12)}"


class Network:
    """Operations on the network. Each command takes the key under which it may be asked again; without, it has its own."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    async def points(self, filters: PointFilters | None = None) -> AsyncGenerator[Point]:
        """Yield the points, in order of id, page by page."""
        query: dict[str, Any] = (filters or PointFilters()).query() | {"limit": _PAGE}
        while True:
            page = (await self.client.ask("GET", "/v1/points", query=query)).data
            for item in _items(page):
                yield Point.read(item)
            if page.get("next_cursor") is None:
                return
            query["cursor"] = page["next_cursor"]

    async def point(self, point_id: str, *, fresh: bool = False) -> Point:
        """Return a point as it was last told; ``fresh``: as its owner says now."""
        return await self._get(Point, f"/v1/points/{point_id}", fresh=fresh or None)

    async def calendar(self, point_id: str, from_ms: int, until_ms: int, *, fresh: bool = False) -> Calendar:
        """Return the windows taken in ``[from_ms, until_ms)``."""
        path = f"/v1/points/{point_id}/calendar"
        return await self._get(Calendar, path, from_ms=from_ms, until_ms=until_ms, fresh=fresh or None)

    async def reserve(
        self,
        point_id: str,
        driver_id: str,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        duration_s: int | None = None,
        key: str | None = None,
    ) -> Reservation:
        """Reserve ``[start_ms, end_ms)``, or ``duration_s`` from now on. Raises ``Refused`` with an ``alternative``."""
        window = {"start_ms": start_ms, "end_ms": end_ms, "duration_s": duration_s}
        body = {"point_id": point_id, "driver_id": driver_id, **window}
        return Reservation.read((await self._command("POST", "/v1/reservations", body, key=key)).data)

    async def reservations(self, driver_id: str, *, active: bool | None = None, most: int = _HELD_MAX) -> Listed:
        """Return a driver's reservations on all nodes, the newest first; ``active``: those in force, or that are over."""
        return await self._held(Reservation, "/v1/reservations", {"driver_id": driver_id, "active": active}, most)

    async def reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation, in force or over."""
        return await self._get(Reservation, f"/v1/reservations/{reservation_id}")

    async def cancel(self, reservation_id: str, driver_id: str | None = None, *, key: str | None = None) -> Reservation:
        """Cancel a reservation; with ``driver_id`` only that driver's."""
        query = {"driver_id": driver_id}
        reply = await self._command("DELETE", f"/v1/reservations/{reservation_id}", None, key=key, query=query)
        return Reservation.read(reply.data)

    async def start(
        self,
        reservation_id: str,
        driver_id: str | None = None,
        *,
        max_energy_wh: int | None = None,
        key: str | None = None,
    ) -> Session:
        """Plug in under a reservation."""
        body = {"driver_id": driver_id, "max_energy_wh": max_energy_wh}
        return Session.read(
            (await self._command("POST", f"/v1/reservations/{reservation_id}/start", body, key=key)).data
        )

    async def plug_in(
        self,
        point_id: str,
        driver_id: str,
        *,
        end_ms: int | None = None,
        max_energy_wh: int | None = None,
        key: str | None = None,
    ) -> Session:
        """Plug in at a point, under the driver's reservation there if one can start now."""
        body = {"driver_id": driver_id, "end_ms": end_ms, "max_energy_wh": max_energy_wh}
        return Session.read((await self._command("POST", f"/v1/points/{point_id}/start", body, key=key)).data)

    async def meter(
        self, session_id: str, energy_wh: int, driver_id: str | None = None, *, key: str | None = None
    ) -> Session:
        """Report a meter reading, as chargers do: Wh since the session's start."""
        body = {"energy_wh": energy_wh, "driver_id": driver_id}
        return Session.read((await self._command("POST", f"/v1/sessions/{session_id}/meter", body, key=key)).data)

    async def stop(
        self,
        session_id: str,
        driver_id: str | None = None,
        *,
        energy_wh: int | None = None,
        key: str | None = None,
    ) -> Session:
        """Unplug."""
        body = {"energy_wh": energy_wh, "driver_id": driver_id}
        return Session.read((await self._command("POST", f"/v1/sessions/{session_id}/stop", body, key=key)).data)

    async def session(self, session_id: str) -> Session:
        """Return a session, running or over."""
        return await self._get(Session, f"/v1/sessions/{session_id}")

    async def sessions(self, driver_id: str, *, active: bool | None = None, most: int = _HELD_MAX) -> Listed:
        """Return a driver's charges on all nodes, the newest first; ``active``: those that run, or that are over."""
        return await self._held(Session, "/v1/sessions", {"driver_id": driver_id, "active": active}, most)

    async def plan_trip(
        self,
        stops: Sequence[StopWish],
        driver_id: str,
        *,
        coordinator: str | None = None,
        key: str | None = None,
    ) -> Trip:
        """Reserve all stops or none. A trip that is not decided when the patience ends is returned as it is, ``PENDING``.

        Raises ``Refused`` and ``Invalid`` with the ``stop`` that could not be had, and its ``alternative``.
        """
        body = {"driver_id": driver_id, "stops": [stop.body() for stop in stops], "coordinator": coordinator}
        return await self._decided(await self._command("POST", "/v1/trips", body, key=key))

    async def trip(self, trip_id: str) -> Trip:
        """Return a trip as it was decided."""
        return await self._get(Trip, f"/v1/trips/{trip_id}")

    async def trips(self, driver_id: str, *, most: int = _HELD_MAX) -> Listed:
        """Return a driver's trips, whichever nodes coordinate them, the newest first."""
        return await self._held(Trip, "/v1/trips", {"driver_id": driver_id}, most)

    async def cancel_trip(self, trip_id: str, driver_id: str | None = None, *, key: str | None = None) -> Trip:
        """Give a trip's stops back, as their terms allow. It may be under way still when the patience ends."""
        query = {"driver_id": driver_id}
        reply = await self._command("DELETE", f"/v1/trips/{trip_id}", None, key=key, query=query)
        return await self._decided(reply)

    async def nodes(self) -> list[KnownNode]:
        """Return the nodes, as the one that is asked sees them; itself first."""
        return [KnownNode.read(item) for item in _items((await self.client.ask("GET", "/v1/nodes")).data)]

    async def identity(self) -> Identity:
        """Return who the token says one is. Raises ``NotAllowed`` where one is needed and missing or wrong."""
        try:
            return await self._get(Identity, "/v1/session")
        except NotFound:  # a node from before there was authentication
            return Identity(authentication=False)

    def events(self, *, point_id: str | None = None, node_id: str | None = None) -> EventStream:
        """Return the event stream."""
        return EventStream(self.client, point_id=point_id, node_id=node_id)

    async def _get(self, kind: type[T], path: str, **query: str | int | bool | None) -> T:
        return kind.read((await self.client.ask("GET", path, query=query)).data)

    async def _command(
        self, method: str, path: str, body: Json | None, *, key: str | None, query: dict[str, str | None] | None = None
    ) -> Reply:
        return await self.client.ask(method, path, body=body, key=key or new_key(), query=query)

    async def _decided(self, reply: Reply) -> Trip:
        """Return the trip once it is decided, or as it is when the patience is over."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self.client.patience.deadline_s
        found = Trip.read(reply.data)
        while reply.status == 202 and loop.time() < until_s:
            await asyncio.sleep(_PENDING_PAUSE_S)
            found, before = await self.trip(found.id), found
            if not found.is_open and found.status != before.status:
                break
        return found

    async def _held(self, kind: type[Item], path: str, query: Mapping[str, str | bool | None], most: int) -> Listed:
        """Return what the nodes list, the newest first, and which of them did not tell theirs."""
        found: list[Item] = []
        away: dict[str, ClientError] = {}
        cursor: str | None = None
        while len(found) < most:
            asked = {**query, "limit": min(_PAGE, most - len(found)), "cursor": cursor}
            page = (await self.client.ask("GET", path, query=asked)).data
            found += [kind.read(item) for item in _items(page)]
            for missing in _items({"items": page.get("missing", [])}):
                told = Missing.read(missing)
                away[told.node] = Unreachable(f"{told.node}: {told.detail}")
            cursor = page.get("next_cursor")
            if cursor is None:
                break
        return Listed(found, list(away.values()))


def _items(page: Any) -> list[Any]:
    """Return what is on a page. Raises ``StrangeAnswer``."""
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list):
        raise StrangeAnswer("that is no list of anything")
    return items
