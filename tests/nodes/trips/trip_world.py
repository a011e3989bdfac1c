"""Three simulated nodes that sell trips, in virtual time, for tests of trips."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import orjson

from nodes.domain.commands import Cancel, Reserve
from nodes.domain.point import Point
from nodes.domain.reservation import ReservationStatus
from nodes.records import Answer
from nodes.request import CancelTrip, PlanTrip, ReadTrip, Request, StopWish
from sim.fleet.target import NoAnswerError, NotSentError
from sim.worlds.virtual.host import Host
from tests.sim.worlds.virtual.small_world import SmallWorld

HOUR_MS = 3_600_000
PENDING = ReservationStatus.PENDING
Body = Callable[["TripWorld"], Coroutine[Any, Any, None]]


class TripWorld:
    """A small world of three nodes, and the drivers' side of trips."""

    def __init__(self, small: SmallWorld) -> None:
        self.small = small
        self.hosts: list[Host] = [host for _, host in sorted(small.world.hosts.items())]
        start_ms = self.hosts[0].clock.now_ms()
        self.hour_ms = (start_ms // HOUR_MS + 1) * HOUR_MS

    def points(self) -> list[str]:
        """Return a point of each node."""
        return [f"{host.id}.{host.entries[0][0]}" for host in self.hosts]

    def other_points(self) -> list[str]:
        """Return another point of each node."""
        return [f"{host.id}.{host.entries[1][0]}" for host in self.hosts]

    def point(self, point_id: str) -> Point:
        """Return a point as its owner has it in memory."""
        host = self.small.world.hosts[point_id.partition(".")[0]]
        assert host.node is not None
        point = host.node.server.point(point_id)
        assert point is not None
        return point

    def statuses(self) -> list[ReservationStatus]:
        """Return what is in force on the points, in order."""
        points = [*self.points(), *self.other_points()]
        return [held.status for point in map(self.point, points) for held in point.reservations.values()]

    def stops(self, *points: str | tuple[str, ...], first: int = 0) -> tuple[StopWish, ...]:
        """Return one-hour stops, one after the other."""
        wishes = []
        for at, where in enumerate(points, first):
            start_ms = self.hour_ms + at * HOUR_MS
            wishes.append(StopWish(start_ms, start_ms + HOUR_MS, (where,) if isinstance(where, str) else where))
        return tuple(wishes)

    async def plan(self, *stops: StopWish, key: str = "k1", via: int = 0, timeout_ms: int = 5_000) -> Answer:
        """Ask a node for a trip."""
        coordinator = stops[0].points[0].partition(".")[0]
        return await self.ask(Request(coordinator, PlanTrip("ana", stops), key), via, timeout_ms)

    async def told(self) -> None:
        """Wait until no stop is in doubt any more."""
        await self.eventually(lambda: PENDING not in self.statuses())

    async def read(self, trip_id: str, via: int = 0) -> dict[str, Any]:
        """Return a trip as its coordinator tells it."""
        return body(await self.ask(Request(trip_id, ReadTrip(trip_id)), via))

    async def cancel(self, trip_id: str, via: int = 0, timeout_ms: int = 5_000) -> Answer:
        """Ask for a trip to be cancelled."""
        return await self.ask(Request(trip_id, CancelTrip(trip_id, "ana")), via, timeout_ms)

    async def cancel_as(self, driver_id: str, trip_id: str) -> Answer:
        """Ask for a trip to be cancelled, as somebody."""
        return await self.ask(Request(trip_id, CancelTrip(trip_id, driver_id)), 0)

    async def reserve(self, stop: StopWish, key: str) -> Answer:
        """Reserve a stop's window for somebody else."""
        return await self.ask(Request(stop.points[0], Reserve("bob", stop.start_ms, stop.end_ms), key), 0)

    async def cancel_one(self, reservation_id: str) -> Answer:
        """Cancel one reservation."""
        return await self.ask(Request(reservation_id.rpartition(".")[0], Cancel(reservation_id), None), 0)

    async def ask(self, request: Request, via: int, timeout_ms: int = 5_000) -> Answer:
        """Hand a request to a node."""
        return await self.small.world.target.ask(self.hosts[via].id, request, timeout_ms)

    async def asked_in_vain(self, request: Coroutine[Any, Any, Answer]) -> bool:
        """Whether no answer came."""
        try:
            await request
        except (NoAnswerError, NotSentError):
            return True
        return False

    async def eventually(self, condition: Callable[[], bool], within_s: float = 60) -> None:
        """Wait until something is so."""
        until_s = self.small.loop.time() + within_s
        while not condition():
            assert self.small.loop.time() < until_s, f"not within {within_s} s"
            await asyncio.sleep(0.0005)


def played(*settings: str) -> Callable[[Body], Callable[[Path], None]]:
    """Play a test in a world of its own."""

    def decorate(test: Body) -> Callable[[Path], None]:
        def run(tmp_path: Path) -> None:
            small = SmallWorld(tmp_path, "network.nodes=3", *settings)
            small.play(lambda _: test(TripWorld(small)))

        run.__doc__, run.__name__ = test.__doc__, test.__name__
        return run

    return decorate


def body(answer: Answer) -> dict[str, Any]:
    """Return what an answer says."""
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


def kind(answer: Answer) -> str:
    """Return the name of a problem."""
    return str(body(answer)["type"]).rpartition(":")[2]
