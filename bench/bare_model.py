"""The same vehicles without nodes: what a plain SimPy model of charging points costs.

The fleet is the laboratory's own (``sim.fleet``): plans, drivers, desk and history, thus the same events of vehicles.
Behind the desk stand lists of bookings instead of nodes: no event loop, messages, mailboxes, journal, disk or gossip;
a request takes two SimPy timeouts, one there and one back.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from math import cos, hypot, radians
from types import coroutine
from typing import Any

import orjson
from simpy import Environment
from simpy.events import Event

from bench.bare_point import BarePoint, Reply
from nodes.domain.commands import Cancel, Meter, PlugIn, Reserve, StartReservation, Stop
from nodes.records import Answer
from nodes.request import Request
from sim.engine.few_collections import few_collections
from sim.engine.randomness import Randomness
from sim.fleet.city import City
from sim.fleet.desk import Desk
from sim.fleet.fleet import Fleet
from sim.fleet.target import Look
from sim.history import HistoryWriter
from sim.run_folder import RunFolder
from sim.scenario.schema import Scenario

_LATENCIES = 2_048
_LAST_CALL_S = 300.0
_METRES_PER_DEGREE = 111_320.0


def play(scenario: Scenario, folder: RunFolder) -> float:
    """Play a scenario without nodes; leave its history. Returns the virtual time at its end."""
    environment, fleet = Environment(), Fleet(scenario)
    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.history.open("wb") as file, few_collections():
        desk = Desk(
            scenario=scenario,
            environment=environment,
            bridge=BareBridge(environment),
            target=BareTarget(scenario, fleet.city, environment),
            history=HistoryWriter(file),
            randomness=Randomness(scenario.seed),
            city=fleet.city,
            run_id=f"{scenario.seed:x}",
            closing=environment.event(),
            scale=1.0,
            fleet_size=fleet.numbers,
        )
        environment.run(until=environment.process(_course(environment, scenario, fleet, desk)))
    ended_s: float = environment.now
    return ended_s


def _course(environment: Environment, scenario: Scenario, fleet: Fleet, desk: Desk) -> Generator[Event, Any, None]:
    driving = fleet.start(desk)
    yield driving | environment.timeout(scenario.time.duration_s + scenario.time.drain_s)
    desk.closing.succeed()
    yield driving | environment.timeout(_LAST_CALL_S)


@dataclass(frozen=True, slots=True)
class BareBridge:
    """A coroutine that awaits nothing but SimPy events is a SimPy process."""

    environment: Environment

    def event_of(self, coroutine: Coroutine[Any, Any, Any]) -> Event:
        """See ``Bridge.event_of``."""
        process: Any = coroutine  # it has send, throw and close, which is all that SimPy asks of a generator
        return self.environment.process(process)

    def elapsed_ns(self) -> int:
        """See ``Bridge.elapsed_ns``."""
        return round(self.environment.now * 1e9)

    def due_ns(self, simulated_s: float) -> int:
        """See ``Bridge.due_ns``."""
        return round(simulated_s * 1e9)


@coroutine
def _happens(event: Event) -> Generator[Event, Any, Any]:
    return (yield event)


class BareTarget:
    """A ``Target``: all points of the city in one place."""

    def __init__(self, scenario: Scenario, city: City, environment: Environment) -> None:
        self._environment = environment
        self._start_ms = int(scenario.time.start.timestamp() * 1000)
        terms = scenario.network.terms.terms()
        prices = {
            f"{node}.{item['id']}": item["price_per_kwh_minor"]
            for node, file in city.files.items()
            for item in file["points"]
        }
        self._points = {point.id: BarePoint(point.id, prices[point.id], terms) for point in city.points}
        self._lon_scale = cos(radians(scenario.network.area.lat))
        self._places = [(point.id, point.place.lat, point.place.lon) for point in city.points]
        rng, latency_ms = Randomness(scenario.seed).stream("latency"), scenario.virtual.latency_ms
        self._latencies_s = [latency_ms.draw(rng) / 1000 for _ in range(_LATENCIES)]
        self._messages = 0

    async def ask(self, node_id: str, request: Request, timeout_ms: int) -> Answer:
        """See ``Target.ask``."""
        del node_id, timeout_ms
        await self._travel()
        status, told = self._decide(request)
        await self._travel()
        return Answer(status, orjson.dumps(told))

    async def look(self, node_id: str, look: Look, timeout_ms: int) -> Answer:
        """See ``Target.look``."""
        del node_id, timeout_ms
        await self._travel()
        items = self._free_points(look)
        await self._travel()
        return Answer(200, orjson.dumps({"items": items}))

    async def view(self, node_id: str, point_id: str, timeout_ms: int) -> Answer:
        """See ``Target.view``. No vehicle asks for one."""
        raise NotImplementedError

    async def _travel(self) -> None:
        self._messages += 1
        await _happens(self._environment.timeout(self._latencies_s[self._messages % _LATENCIES]))

    def _now_ms(self) -> int:
        return self._start_ms + int(self._environment.now * 1000)

    def _decide(self, request: Request) -> Reply:
        point, now_ms = self._points[request.point_id], self._now_ms()
        point.pass_time(now_ms)
        match request.action:
            case Reserve(driver_id, start_ms, end_ms):
                return point.reserve(driver_id, start_ms, end_ms, now_ms)
            case Cancel(booking_id):
                return point.cancel(booking_id, now_ms)
            case StartReservation(booking_id):
                return point.start(booking_id, now_ms)
            case PlugIn(driver_id, int(end_ms)):
                return point.plug_in(driver_id, end_ms, now_ms)
            case Meter(booking_id, energy_wh):
                return point.meter(booking_id, energy_wh)
            case Stop(booking_id, int(energy_wh)):
                return point.stop(booking_id, energy_wh, now_ms)
        raise AssertionError(f"no vehicle asks for {request.action}")

    def _free_points(self, look: Look) -> list[dict[str, str]]:
        assert look.free_from_ms is not None
        assert look.free_until_ms is not None
        now_ms, near = self._now_ms(), []
        for point_id, lat, lon in self._places:
            distance_m = hypot(lat - look.lat, (lon - look.lon) * self._lon_scale) * _METRES_PER_DEGREE
            if distance_m <= look.radius_m:
                near.append((distance_m, point_id))
        free = []
        for _, point_id in sorted(near):
            point = self._points[point_id]
            point.pass_time(now_ms)
            if point.is_free(look.free_from_ms, look.free_until_ms):
                free.append({"id": point_id})
        return free[: look.limit]
