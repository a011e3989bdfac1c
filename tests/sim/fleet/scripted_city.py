"""A desk whose network does what a test says: for what no real node does when it is asked to, such as not answering.

Nothing here takes wall-clock time: SimPy's clock is the only one.
"""

import io
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import orjson
from simpy import Environment
from simpy.events import Event

from nodes.domain.commands import Cancel, Meter, PlugIn, Reserve, ReserveNow, StartReservation, Stop
from nodes.records import Answer
from nodes.request import CancelTrip, PlanTrip, ReadTrip, Request
from sim.engine.randomness import Randomness
from sim.fleet.desk import Desk
from sim.fleet.plan import Plan, draw_plan
from sim.fleet.target import Look
from sim.fleet.vehicle import Vehicle
from sim.history import HistoryWriter
from sim.scenario.schema import Scenario
from tests.sim.fleet.examples import city_of, scenario

SCALE = 60.0
SPEC = scenario(network={"nodes": 3, "points_per_node": 2})
WILLING = {
    "walks_up": False, "shows_up": True, "cancels": False, "insists": True, "lateness_s": 0.0, "overstay_s": 0.0,
    "lead_s": 600.0, "stay_s": 900.0, "patience_s": 1_800.0, "attempts_max": 4, "home": 0,
}  # fmt: skip
"""A driver who does nothing unusual."""

Reply = Answer | Exception
Script = Callable[[str, Request], Reply | None]


def problem(slug: str, status: int = 409, retry_after_s: int | None = None, **members: Any) -> Answer:
    """Return a node's refusal."""
    body = orjson.dumps({"type": f"urn:recarga:problem:{slug}", **members})
    return Answer(status, body, retry_after_s=retry_after_s)


def accepted(request: Request) -> Answer:
    """Return what a node says when nothing stands in the way."""
    action, point = request.action, request.point_id
    if isinstance(action, PlanTrip):
        return trip(f"{point}.trip.t1-1", action)
    if isinstance(action, (CancelTrip, ReadTrip)):
        return Answer(200, orjson.dumps({"id": action.trip_id, "status": "CANCELED", "stops": []}))
    body: dict[str, Any] = {"id": f"{point}.x", "point_id": point}
    match action:
        case Reserve():
            body |= {"status": "RESERVED", "driver_id": action.driver_id}
            body |= {"start_ms": action.start_ms, "end_ms": action.end_ms, "price_per_kwh_minor": 1}
        case ReserveNow():
            body |= {"status": "RESERVED", "driver_id": action.driver_id}
            body |= {"start_ms": 1, "end_ms": 1 + action.duration_s * 1000, "price_per_kwh_minor": 1}
        case Cancel():
            body |= {"status": "CANCELED", "released_ms": 1}
        case StartReservation() | PlugIn():
            body |= {"status": "ACTIVE", "started_ms": 1, "reservation_id": f"{point}.r"}
        case Meter() | Stop():
            body |= {"status": "ACTIVE", "energy_wh": action.energy_wh, "cost_minor": 5, "ended_ms": 1}
    return Answer(200, orjson.dumps(body), witness=(1, 2))


def trip(trip_id: str, plan: PlanTrip, status: int = 201, word: str = "CONFIRMED") -> Answer:
    """Return what a coordinator says of a trip: with all its stops, if it is confirmed."""
    stops = []
    for at, stop in enumerate(plan.stops if word == "CONFIRMED" else ()):
        point_id = (*stop.points, "server2.p2")[0]
        window = {"start_ms": stop.start_ms, "end_ms": stop.end_ms, "price_per_kwh_minor": 1}
        stops.append({"id": f"{point_id}.r1-{at}", "point_id": point_id, "status": "RESERVED", **window})
    return Answer(status, orjson.dumps({"id": trip_id, "status": word, "driver_id": plan.driver_id, "stops": stops}))


class ScriptedTarget:
    """Answers as the script says, and yes where it says nothing. ``asked`` holds every request with its node."""

    def __init__(self, script: Script) -> None:
        self.asked: list[tuple[str, Request]] = []
        self.looks: list[Look] = []
        self.free: list[str] = []
        """The points that a look shows."""
        self._script = script

    async def ask(self, node_id: str, request: Request, timeout_ms: int) -> Answer:
        self.asked.append((node_id, request))
        reply = self._script(node_id, request) or accepted(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def look(self, node_id: str, look: Look, timeout_ms: int) -> Answer:
        self.looks.append(look)
        return Answer(200, orjson.dumps({"items": [{"id": identifier} for identifier in self.free]}))


class InstantBridge:
    """Runs coroutines that wait for nothing."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.behind_ns = 0
        """How late the generator is."""

    def event_of(self, coroutine: Coroutine[Any, Any, Any]) -> Event:
        try:
            coroutine.send(None)
        except StopIteration as ended:
            return self._environment.event().succeed(ended.value)
        raise AssertionError("a scripted target waits for nothing")

    def elapsed_ns(self) -> int:
        return self.due_ns(self._environment.now) + self.behind_ns

    def due_ns(self, simulated_s: float) -> int:
        return round(simulated_s / SCALE * 1e9)


class ScriptedCity:
    """A desk, and what a test looks at afterwards."""

    def __init__(self, script: Script = lambda _, __: None, spec: Scenario = SPEC) -> None:
        self.environment = Environment()
        self.target = ScriptedTarget(script)
        self.bridge = InstantBridge(self.environment)
        self._file = io.BytesIO()
        self.desk = Desk(
            scenario=spec,
            environment=self.environment,
            bridge=self.bridge,
            target=self.target,
            history=HistoryWriter(self._file),
            randomness=Randomness(spec.seed),
            city=city_of(spec),
            run_id="run",
            closing=self.environment.event(),
            scale=SCALE,
            fleet_size=10,
        )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The history."""
        return [orjson.loads(line) for line in self._file.getvalue().splitlines()]

    @property
    def fate(self) -> str:
        """What the only vehicle came to."""
        (line,) = (line for line in self.lines if line["f"] == "fate")
        return str(line["value"]["fate"])

    def asked(self, kind: type) -> list[tuple[str, Request]]:
        """Return the requests of a kind with their nodes."""
        return [(node, request) for node, request in self.target.asked if isinstance(request.action, kind)]

    def plan(self, **changes: Any) -> Plan:
        """Return a willing driver's plan, changed."""
        spec = self.desk.scenario
        drawn = draw_plan(spec.fleet, self.desk.city, self.desk.randomness, 4, 0.0)
        return replace(drawn, **(WILLING | changes))

    def drive(self, **changes: Any) -> list[dict[str, Any]]:
        """Let one vehicle live; return the history."""
        self.environment.run(self.environment.process(Vehicle(self.plan(**changes), self.desk).life()))
        return self.lines
