"""One vehicle: it looks, reserves, drives, plugs in, charges, leaves; or gives up on the way."""

from collections.abc import Generator
from typing import Any

from simpy.events import Event

from nodes.domain.commands import Cancel, Reserve
from nodes.request import Request
from sim.fleet.desk import Desk, Outcome
from sim.fleet.driver import Driver
from sim.fleet.journey import Journey
from sim.fleet.plan import Plan
from sim.fleet.stay import CLOSING, Stay
from sim.fleet.walk_up import WalkUp
from sim.history import Json

_MS = 1000


class Vehicle:
    """What one vehicle does, as a SimPy process: ``environment.process(vehicle.life())``."""

    def __init__(self, plan: Plan, desk: Desk) -> None:
        self._plan = plan
        self._desk = desk
        self._driver = Driver(plan, desk)
        self._stay = Stay(self._driver)

    def life(self) -> Generator[Event, Any, None]:
        """Live."""
        plan, driver = self._plan, self._driver
        if plan.trip_stops:
            yield from Journey(driver).make()
            return
        wished_s = driver.now_s + plan.lead_s
        if plan.walks_up:
            yield from self._walk_up()
            return
        reservation = yield from self._find_reservation(wished_s)
        if reservation is None:
            driver.end("gave_up", attempts=driver.attempts, wanted_wh=self._wanted_wh)
            return
        if plan.cancels:
            yield from self._cancel(reservation)
            return
        if not plan.shows_up:
            driver.end("no_show", attempts=driver.attempts)
            return
        yield from self._use(reservation, wished_s)

    def _find_reservation(self, wished_s: float) -> Generator[Event, Any, Json | None]:
        """Look and try until something is reserved, or attempts, patience or candidates are used up."""
        plan, driver = self._plan, self._driver
        candidates: list[str] = []
        again: tuple[str, float] | None = None
        while driver.attempts < plan.attempts_max and not self._desk.closing.triggered:
            start_s = max(wished_s, driver.now_s)
            if start_s > wished_s + plan.patience_s:
                return None
            if again is not None:
                point_id, start_s = again
            else:
                if not candidates:
                    candidates = yield from self._candidates(start_s)
                if not candidates:
                    return None
                point_id, start_s = candidates.pop(0), max(start_s, driver.now_s)
            outcome = yield from self._reserve(point_id, start_s)
            if outcome.kind == "ok":
                body: Json = outcome.body
                return body
            again = self._second_chance(point_id, outcome, wished_s)
            if again is None and plan.station is None:
                yield from driver.think()
        return None

    def _candidates(self, start_s: float) -> Generator[Event, Any, list[str]]:
        """Return the points to try, the most wanted first: those that look free, or else any."""
        plan, city, rng = self._plan, self._desk.city, self._driver.rng
        if plan.station is not None:
            return [plan.station]
        if plan.insists:
            return [city.favourite(rng).id]
        outcome = yield from self._driver.look(start_s)
        seen = [item["id"] for item in outcome.body["items"]] if outcome.kind == "ok" else []
        if not seen:
            return [city.favourite(rng).id]
        return city.choose(seen, self._desk.scenario.fleet.candidates, rng)

    def _reserve(self, point_id: str, start_s: float) -> Generator[Event, Any, Outcome]:
        driver = self._driver
        driver.attempts += 1
        start_ms = driver.civil_ms(start_s)
        end_ms = start_ms + int(self._plan.stay_s * _MS)
        value = {"driver_id": driver.id, "start_ms": start_ms, "end_ms": end_ms}
        request = Request(point_id, Reserve(driver.id, start_ms, end_ms), driver.new_key())
        return (yield from driver.ask("reserve", request, value, patient=False))

    def _second_chance(self, point_id: str, outcome: Outcome, wished_s: float) -> tuple[str, float] | None:
        """Return the same point later, if it says when it is free, that is soon enough, and the driver feels like it."""
        plan, driver = self._plan, self._driver
        next_ms = outcome.body.get("next_free_start_ms") if isinstance(outcome.body, dict) else None
        if next_ms is None:
            return None
        next_s = driver.simulated_s(next_ms)
        if next_s > wished_s + plan.patience_s or not (plan.insists or driver.rng.random() < 0.5):
            return None
        return point_id, next_s

    def _cancel(self, reservation: Json) -> Generator[Event, Any, None]:
        """Think better of it some time before the start."""
        driver = self._driver
        wait_s = max(0.0, driver.simulated_s(reservation["start_ms"]) - driver.now_s)
        yield from driver.wait(driver.rng.random() * wait_s)
        action = Cancel(reservation["id"], driver.id)
        request = Request(reservation["point_id"], action, driver.new_key())
        outcome = yield from driver.ask("cancel", request, {"id": reservation["id"]})
        driver.end("canceled" if outcome.kind == "ok" else "lost", error=outcome.error)

    def _use(self, reservation: Json, wished_s: float) -> Generator[Event, Any, None]:
        """Come, as long as patience lasts, and charge."""
        plan, driver = self._plan, self._driver
        started = yield from self._stay.arrive(reservation, wished_s + plan.patience_s + plan.stay_s)
        if started.kind == "ok":
            waited_s = driver.now_s - wished_s
            yield from self._charge(started.body, reservation["end_ms"] / _MS, waited_s)
        elif started is CLOSING:
            driver.end("left", error=started.error)
        else:
            fate = "refused_at_start" if started.kind == "fail" else "lost"
            driver.end(fate, error=started.error, wanted_wh=self._wanted_wh)

    def _walk_up(self) -> Generator[Event, Any, None]:
        """Come without a reservation, and charge."""
        driver, walk_up = self._driver, WalkUp(self._driver, self._stay)
        wished_s = driver.now_s
        started = yield from walk_up.plug_in()
        if started is None:
            driver.end("gave_up", attempts=driver.attempts, wanted_wh=self._wanted_wh)
        elif started is CLOSING:
            driver.end("left", error=started.error)
        else:
            yield from self._charge(started.body, walk_up.end_ms / _MS, driver.now_s - wished_s)

    @property
    def _wanted_wh(self) -> int:
        """What the driver would have left with, given a charger and time."""
        return self._stay.charge_of("").target_wh

    def _charge(self, session: Json, end_civil_s: float, waited_s: float) -> Generator[Event, Any, None]:
        driver = self._driver
        target_wh = self._stay.charge_of(session["point_id"]).target_wh
        outcome = yield from self._stay.charge(session, end_civil_s)
        facts = {"attempts": driver.attempts, "waited_s": round(waited_s, 1), "wanted_wh": target_wh}
        if outcome.kind == "ok":
            body = outcome.body
            driver.end("served", **facts, energy_wh=body["energy_wh"], cost_minor=body["cost_minor"])
        else:
            driver.end("lost", **facts, error=outcome.error)
