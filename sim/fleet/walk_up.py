"""Coming without a reservation: to a point that looks free, or in line until one is."""

from collections.abc import Generator
from typing import Any

from simpy.events import Event

from nodes.domain.commands import PlugIn
from nodes.request import Request
from sim.fleet.desk import Outcome
from sim.fleet.driver import Driver
from sim.fleet.line import Place
from sim.fleet.stay import CLOSING, Stay

_LOOK_AGAIN_S = 300.0
"""How often who stands in line looks around: a point may become free without anybody leaving it (a no-show, a repair)."""


class WalkUp:
    """How a driver without a reservation comes to a point, as parts of the vehicle's process."""

    def __init__(self, driver: Driver, stay: Stay) -> None:
        self._driver = driver
        self._stay = stay
        self.end_ms = 0
        """Until when the point that was last asked for is wanted."""

    def plug_in(self) -> Generator[Event, Any, Outcome | None]:
        """Plug in somewhere. The outcome has the session; None: gave up; ``CLOSING``: the run closed meanwhile."""
        driver, until_s = self._driver, self._driver.now_s + self._driver.plan.patience_s
        seen = yield from self._look(driver.now_s)
        for point_id in driver.desk.city.choose(seen, driver.plan.attempts_max, driver.rng):
            started = yield from self._try(point_id)
            if started.kind == "ok":
                return started
            yield from driver.think()
        return (yield from self._stand_in_line(until_s)) if driver.plan.queues else None

    def _look(self, start_s: float | None, place: Place | None = None) -> Generator[Event, Any, list[str]]:
        """Return the points around; those that look free and that nobody in line was before, if ``start_s`` is given."""
        outcome = yield from self._driver.look(start_s)
        seen = [item["id"] for item in outcome.body["items"]] if outcome.kind == "ok" else []
        line = self._driver.desk.line
        return seen if start_s is None else [each for each in seen if not line.is_spoken_for(each, place)]

    def _try(self, point_id: str) -> Generator[Event, Any, Outcome]:
        driver = self._driver
        driver.attempts += 1
        room_wh = self._stay.charge_of(point_id).room_wh
        self.end_ms = driver.civil_ms(driver.now_s + driver.plan.stay_s)
        value = {"driver_id": driver.id, "end_ms": self.end_ms, "max_energy_wh": room_wh}
        request = Request(point_id, PlugIn(driver.id, self.end_ms, room_wh), driver.new_key())
        started = yield from driver.ask("start", request, value)
        if started.kind == "ok":
            driver.desk.line.taken(point_id)
        return started

    def _stand_in_line(self, until_s: float) -> Generator[Event, Any, Outcome | None]:
        """Wait until called to a point, or until one is seen that nobody else waits for."""
        driver, line = self._driver, self._driver.desk.line
        wanted = yield from self._look(None)
        if not wanted:
            return None
        place = line.join(driver.desk.environment, frozenset(wanted))
        took: str | None = None
        try:
            while not driver.desk.closing.triggered:
                point_id = yield from self._turn(place, until_s)
                if point_id is not None:
                    started = yield from self._try(point_id)
                    if started.kind == "ok":
                        took = point_id
                        return started
                    if place.called_to == point_id:
                        line.stay(driver.desk.environment, place)
                if driver.now_s >= until_s or driver.attempts >= driver.plan.attempts_max:
                    return None
            return CLOSING
        finally:
            line.leave(place, took)

    def _turn(self, place: Place, until_s: float) -> Generator[Event, Any, str | None]:
        """Wait, but not for long: return the point that is to be tried, if there is one."""
        driver, environment = self._driver, self._driver.desk.environment
        wait_s = min(_LOOK_AGAIN_S, max(0.0, until_s - driver.now_s))
        yield place.turn | environment.timeout(wait_s) | driver.desk.closing
        if place.called_to is None and driver.now_s < until_s and not driver.desk.closing.triggered:
            seen = yield from self._look(driver.now_s, place)
            free = [each for each in seen if each in place.wanted]
            if place.called_to is None:
                return free[0] if free else None
        return place.called_to
