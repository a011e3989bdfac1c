"""One vehicle's driver and what every driver can do: ask, ask again, look around, wait, and come to an end."""

from collections.abc import Generator
from random import Random
from typing import Any

from simpy.events import Event

from nodes.request import Request
from sim.fleet.desk import Desk, Identity, Outcome, Seen
from sim.fleet.plan import Plan
from sim.fleet.target import Look
from sim.history import Json
from sim.scenario.vehicle_class import VehicleClass

_RETRY_S = 0.2
"""First pause before a request is sent again, in wall-clock seconds; doubled each time, with jitter."""
_LOOK_LIMIT = 50
_MS = 1000


class Driver:
    """Asks on behalf of one vehicle. Methods that take time are parts of its SimPy process."""

    def __init__(self, plan: Plan, desk: Desk) -> None:
        self.plan = plan
        self.desk = desk
        self.rng: Random = desk.randomness.stream("act", plan.vehicle)
        self.attempts = 0
        """Reservations, trips or points tried."""
        self._identity = Identity(plan.vehicle, plan.class_name, plan.vehicle)
        self._home = plan.home
        self._seen: dict[str, Seen] = {}
        """What the driver was shown last of points."""

    @property
    def id(self) -> str:
        """The driver's name."""
        return f"driver-{self.plan.vehicle}"

    @property
    def kind(self) -> VehicleClass:
        """How drivers of this class behave."""
        return next(each for each in self.desk.scenario.fleet.classes if each.name == self.plan.class_name)

    @property
    def now_s(self) -> float:
        """The time, in civil seconds since the scenario's start."""
        return self.desk.environment.now

    def new_key(self) -> str:
        """Return the idempotency key of one more request."""
        return self._identity.next_key(self.desk.run_id)

    def ask(self, f: str, request: Request, value: Json, *, patient: bool = True) -> Generator[Event, Any, Outcome]:
        """Send a request until it is decided: again with the same key after no answer, and from another node.

        A patient driver also asks again when the owner cannot be reached or is overloaded; others choose another point.
        Who is told that it is under way has an answer: to wait is better than to ask again.
        """
        desk = self.desk
        outcome = Outcome("fail", error="unreachable")
        for attempt in range(desk.scenario.client.retries_max + 1):
            seen = self._seen.get(request.point_id) if f == "reserve" else None
            outcome = yield desk.request(self._identity, f, self._node_id, request, value, seen)
            if f == "reserve" and outcome.kind == "fail" and outcome.witness is not None:
                self._seen = {request.point_id: (*outcome.witness, desk.civil_ms())}
            if outcome.is_under_way:
                break
            if outcome.needs_another_node:
                self._home += 1
            elif not (patient and outcome.may_be_retried):
                break
            if attempt == desk.scenario.client.retries_max:
                break
            pause_s = max(outcome.retry_after_s, _RETRY_S * 2**attempt * (0.5 + self.rng.random()))
            yield desk.environment.timeout(pause_s * desk.scale)
        return outcome

    def look(self, start_s: float | None) -> Generator[Event, Any, Outcome]:
        """Look for points around that seem free for as long as the driver wants to stay; None: for taken ones too."""
        plan, desk = self.plan, self.desk
        look = Look(
            lat=plan.place.lat,
            lon=plan.place.lon,
            radius_m=desk.scenario.fleet.look_radius_m,
            limit=_LOOK_LIMIT,
            free_from_ms=None if start_s is None else self.civil_ms(start_s),
            free_until_ms=None if start_s is None else self.civil_ms(start_s + plan.stay_s),
        )
        outcome: Outcome = yield desk.look(self._identity, self._node_id, look)
        if outcome.kind != "ok":
            self._home += 1
        else:
            shown = ((item["id"], item.get("witness")) for item in outcome.body["items"])
            self._seen = {point: (*witness, desk.civil_ms()) for point, witness in shown if witness}
        return outcome

    def wait(self, duration_s: float) -> Generator[Event, Any, None]:
        """Wait, but no longer than until the run closes."""
        if duration_s > 0:
            yield self.desk.environment.timeout(duration_s) | self.desk.closing

    def think(self) -> Generator[Event, Any, None]:
        """Take the time that drivers of this class need after a refusal, but no longer than until the run closes."""
        yield from self.wait(self.kind.think_s.draw(self.rng))

    def end(self, fate: str, **facts: Any) -> None:
        """Say what the vehicle came to."""
        self.desk.fate(self._identity, fate, decided_ms=self.civil_ms(self.plan.arrival_s), **facts)

    def civil_ms(self, simulated_s: float) -> int:
        """Return a time of the simulation as a node tells it."""
        return self.desk.start_ms + int(simulated_s * _MS)

    def simulated_s(self, civil_ms: int) -> float:
        """Return a node's time as the simulation counts it."""
        return (civil_ms - self.desk.start_ms) / _MS

    @property
    def _node_id(self) -> str:
        nodes = self.desk.city.node_ids
        return nodes[self._home % len(nodes)]
