"""One vehicle: it looks, reserves, drives, plugs in, charges, leaves; or gives up on the way."""

from collections.abc import Generator
from random import Random
from typing import Any

from simpy.events import Event

from nodes.domain.commands import Cancel, Meter, PlugIn, Reserve, StartReservation, Stop
from nodes.request import Request
from sim.fleet.battery import Charge
from sim.fleet.desk import Desk, Identity, Outcome
from sim.fleet.plan import Plan
from sim.fleet.target import Look
from sim.history import Json

_RETRY_S = 0.2
"""First pause before a request is sent again, in wall-clock seconds; doubled each time, with jitter."""
_LOOK_LIMIT = 50
_MS = 1000


class Vehicle:
    """What one vehicle does, as a SimPy process: ``environment.process(vehicle.life())``."""

    def __init__(self, plan: Plan, desk: Desk) -> None:
        self._plan = plan
        self._desk = desk
        self._identity = Identity(plan.vehicle, plan.class_name, plan.vehicle)
        self._home = plan.home
        self._rng: Random = desk.randomness.stream("act", plan.vehicle)
        self._attempts = 0

    @property
    def driver_id(self) -> str:
        """The driver's name."""
        return f"driver-{self._plan.vehicle}"

    def life(self) -> Generator[Event, Any, None]:
        """Live."""
        plan, environment = self._plan, self._desk.environment
        wished_s = environment.now + plan.lead_s
        if plan.walks_up:
            yield from self._walk_up()
            return
        reservation = yield from self._find_reservation(wished_s)
        if reservation is None:
            self._end("gave_up", attempts=self._attempts)
            return
        if plan.cancels:
            yield from self._cancel(reservation)
            return
        if not plan.shows_up:
            self._end("no_show", attempts=self._attempts)
            return
        session = yield from self._arrive(reservation, wished_s)
        if session is not None:
            waited_s = environment.now - wished_s
            yield from self._charge(session, reservation["end_ms"] / _MS, waited_s)

    def _find_reservation(self, wished_s: float) -> Generator[Event, Any, Json | None]:
        """Look and try until something is reserved, or attempts, patience or candidates are used up."""
        plan = self._plan
        candidates: list[str] = []
        again: tuple[str, float] | None = None
        while self._attempts < plan.attempts_max and not self._desk.closing.triggered:
            start_s = max(wished_s, self._desk.environment.now)
            if start_s > wished_s + plan.patience_s:
                return None
            if again is not None:
                point_id, start_s = again
            else:
                if not candidates:
                    candidates = yield from self._candidates(start_s)
                if not candidates:
                    return None
                point_id, start_s = candidates.pop(0), max(start_s, self._desk.environment.now)
            outcome = yield from self._reserve(point_id, start_s)
            if outcome.kind == "ok":
                body: Json = outcome.body
                return body
            again = self._second_chance(point_id, outcome, wished_s)
            if again is None and plan.station is None:
                yield self._desk.environment.timeout(self._think_s())
        return None

    def _candidates(self, start_s: float) -> Generator[Event, Any, list[str]]:
        """Return the points to try, the most wanted first: those that look free, or else any."""
        plan, city = self._plan, self._desk.city
        if plan.station is not None:
            return [plan.station]
        if plan.insists:
            return [city.favourite(self._rng).id]
        outcome = yield from self._look(start_s)
        seen = [item["id"] for item in outcome.body["items"]] if outcome.kind == "ok" else []
        if not seen:
            return [city.favourite(self._rng).id]
        return city.choose(seen, self._desk.scenario.fleet.candidates, self._rng)

    def _look(self, start_s: float) -> Generator[Event, Any, Outcome]:
        plan, desk = self._plan, self._desk
        look = Look(
            lat=plan.place.lat,
            lon=plan.place.lon,
            radius_m=desk.scenario.fleet.look_radius_m,
            limit=_LOOK_LIMIT,
            free_from_ms=self._civil_ms(start_s),
            free_until_ms=self._civil_ms(start_s + plan.stay_s),
        )
        outcome: Outcome = yield desk.look(self._identity, self._node_id, look)
        if outcome.kind != "ok":
            self._home += 1
        return outcome

    def _reserve(self, point_id: str, start_s: float) -> Generator[Event, Any, Outcome]:
        self._attempts += 1
        start_ms = self._civil_ms(start_s)
        end_ms = start_ms + int(self._plan.stay_s * _MS)
        value = {"driver_id": self.driver_id, "start_ms": start_ms, "end_ms": end_ms}
        request = Request(point_id, Reserve(self.driver_id, start_ms, end_ms))
        return (yield from self._ask("reserve", request, value, patient=False))

    def _second_chance(self, point_id: str, outcome: Outcome, wished_s: float) -> tuple[str, float] | None:
        """Return the same point later, if it says when it is free, that is soon enough, and the driver feels like it."""
        next_ms = outcome.body.get("next_free_start_ms") if isinstance(outcome.body, dict) else None
        if next_ms is None:
            return None
        next_s = (next_ms - self._civil_ms(0)) / _MS
        if next_s > wished_s + self._plan.patience_s or not (self._plan.insists or self._rng.random() < 0.5):
            return None
        return point_id, next_s

    def _cancel(self, reservation: Json) -> Generator[Event, Any, None]:
        """Think better of it some time before the start."""
        start_s = self._simulated_s(reservation["start_ms"])
        wait_s = max(0.0, start_s - self._desk.environment.now)
        yield from self._wait(self._rng.random() * wait_s)
        request = Request(reservation["point_id"], Cancel(reservation["id"], self.driver_id))
        outcome = yield from self._ask("cancel", request, {"id": reservation["id"]})
        self._end("canceled" if outcome.kind == "ok" else "lost", error=outcome.error)

    def _arrive(self, reservation: Json, wished_s: float) -> Generator[Event, Any, Json | None]:
        """Drive there and plug in; a point that is still in use is waited for, as long as patience lasts."""
        arrival_s = self._simulated_s(reservation["start_ms"]) + self._plan.lateness_s
        yield from self._wait(arrival_s - self._desk.environment.now)
        deadline_s = wished_s + self._plan.patience_s + self._plan.stay_s
        charge = self._charge_of(reservation["point_id"])
        action = StartReservation(reservation["id"], self.driver_id, charge.room_wh)
        value = {"reservation_id": reservation["id"], "max_energy_wh": charge.room_wh}
        while not self._desk.closing.triggered:
            outcome = yield from self._ask("start", Request(reservation["point_id"], action), value)
            if outcome.kind == "ok":
                session: Json = outcome.body
                return session
            body = outcome.body if isinstance(outcome.body, dict) else {}
            retry_ms = body.get("free_from_ms") or body.get("start_from_ms")
            if retry_ms is None or self._simulated_s(retry_ms) > deadline_s:
                self._end("refused_at_start" if outcome.kind == "fail" else "lost", error=outcome.error)
                return None
            yield from self._wait(max(1.0, self._simulated_s(retry_ms) - self._desk.environment.now))
        self._end("left", error="closing")
        return None

    def _walk_up(self) -> Generator[Event, Any, None]:
        """Go to a point that looks free now and plug in; try the next one if it is not."""
        plan, desk = self._plan, self._desk
        wished_s = desk.environment.now
        outcome = yield from self._look(wished_s)
        seen = [item["id"] for item in outcome.body["items"]] if outcome.kind == "ok" else []
        for point_id in desk.city.choose(seen, plan.attempts_max, self._rng):
            self._attempts += 1
            charge = self._charge_of(point_id)
            end_ms = self._civil_ms(desk.environment.now + plan.stay_s)
            value = {"driver_id": self.driver_id, "end_ms": end_ms, "max_energy_wh": charge.room_wh}
            action = PlugIn(self.driver_id, end_ms, charge.room_wh)
            started = yield from self._ask("start", Request(point_id, action), value)
            if started.kind == "ok":
                yield from self._charge(started.body, end_ms / _MS, desk.environment.now - wished_s)
                return
            yield desk.environment.timeout(self._think_s())
        self._end("gave_up", attempts=self._attempts)

    def _charge(self, session: Json, end_civil_s: float, waited_s: float) -> Generator[Event, Any, None]:
        """Charge until full, until the driver comes back, or until the run closes; then unplug."""
        desk, environment = self._desk, self._desk.environment
        charge = self._charge_of(session["point_id"])
        plugged_s = environment.now
        leaves_s = max(plugged_s, end_civil_s - self._civil_ms(0) / _MS + self._plan.overstay_s)
        done_s = min(leaves_s, plugged_s + charge.duration_s) if not self._plan.overstay_s else leaves_s
        interval_s = desk.scenario.fleet.meter_every_s
        while environment.now < done_s and not desk.closing.triggered:
            yield from self._wait(min(interval_s, done_s - environment.now))
            if environment.now < done_s and not desk.closing.triggered:
                energy_wh = charge.energy_wh(environment.now - plugged_s)
                reading = {"id": session["id"], "energy_wh": energy_wh}
                request = Request(session["point_id"], Meter(session["id"], energy_wh, self.driver_id))
                metered = yield from self._ask("meter", request, reading)
                if metered.error == "session-over":
                    break
        energy_wh = charge.energy_wh(environment.now - plugged_s)
        request = Request(session["point_id"], Stop(session["id"], energy_wh, self.driver_id))
        outcome = yield from self._ask("stop", request, {"id": session["id"], "energy_wh": energy_wh})
        facts = {"attempts": self._attempts, "waited_s": round(waited_s, 1), "wanted_wh": charge.target_wh}
        if outcome.kind == "ok":
            body = outcome.body
            self._end("served", **facts, energy_wh=body["energy_wh"], cost_minor=body["cost_minor"])
        else:
            self._end("lost", **facts, error=outcome.error)

    def _ask(self, f: str, request: Request, value: Json, *, patient: bool = True) -> Generator[Event, Any, Outcome]:
        """Send a request until it is decided: again with the same key after no answer, and from another node.

        A patient driver also asks again when the owner cannot be reached or is overloaded; others choose another point.
        """
        desk = self._desk
        request = Request(request.point_id, request.action, self._identity.next_key(desk.run_id))
        outcome = Outcome("fail", error="unreachable")
        for attempt in range(desk.scenario.client.retries_max + 1):
            outcome = yield desk.request(self._identity, f, self._node_id, request, value)
            if outcome.needs_another_node:
                self._home += 1
            elif not (patient and outcome.may_be_retried):
                break
            if attempt == desk.scenario.client.retries_max:
                break
            pause_s = max(outcome.retry_after_s, _RETRY_S * 2**attempt * (0.5 + self._rng.random()))
            yield desk.environment.timeout(pause_s * desk.scale)
        return outcome

    def _charge_of(self, point_id: str) -> Charge:
        plan, point = self._plan, self._desk.city.by_id.get(point_id)
        power_w = min(plan.power_w, point.max_power_w) if point is not None else plan.power_w
        return Charge(power_w, plan.capacity_wh, plan.soc, plan.taper_from, plan.wanted_wh)

    def _wait(self, duration_s: float) -> Generator[Event, Any, None]:
        """Wait, but no longer than until the run closes."""
        if duration_s > 0:
            yield self._desk.environment.timeout(duration_s) | self._desk.closing

    def _think_s(self) -> float:
        kind = next(each for each in self._desk.scenario.fleet.classes if each.name == self._plan.class_name)
        return max(0.0, kind.think_s.draw(self._rng))

    def _end(self, fate: str, **facts: Any) -> None:
        self._desk.fate(self._identity, fate, **facts)

    @property
    def _node_id(self) -> str:
        nodes = self._desk.city.node_ids
        return nodes[self._home % len(nodes)]

    def _civil_ms(self, simulated_s: float) -> int:
        return self._desk.start_ms + int(simulated_s * _MS)

    def _simulated_s(self, civil_ms: int) -> float:
        return (civil_ms - self._desk.start_ms) / _MS
