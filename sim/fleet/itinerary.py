"""Which stops a driver wants: points of several companies, one window after the other, with time to drive between."""

from dataclasses import replace
from random import Random
from typing import Any

from nodes.domain.ids import owner_of
from nodes.request import Nearby, StopWish
from sim.fleet.city import place_in
from sim.fleet.driver import Driver
from sim.scenario.vehicle_class import VehicleClass

_ANY_OF = (2, 3)
_LATER_SHARE = 0.6
"""Of refusals that name the next free window, after how many the driver takes it, and no other point."""
_MS = 1000


class Itinerary:
    """The stops that one driver would like to have, as they are after all the refusals so far."""

    def __init__(self, driver: Driver, rng: Random) -> None:
        self._driver = driver
        self._rng = rng
        self._kind: VehicleClass = driver.kind
        self.stops: tuple[StopWish, ...] = ()
        start_s = driver.now_s + driver.plan.lead_s
        for at in range(driver.plan.trip_stops):
            stay_s = driver.plan.stay_s if at == 0 else max(1.0, self._kind.stay_s.draw(rng))
            self.stops += (self._stop(at, driver.civil_ms(start_s), driver.civil_ms(start_s + stay_s)),)
            start_s += stay_s + max(0.0, self._kind.trip_drive_s.draw(rng))
        self._latest_ms = self.stops[0].start_ms + int(driver.plan.patience_s * _MS)

    def set_out(self) -> bool:
        """Move what would begin in the past; whether that is still soon enough for the driver."""
        now_ms = self._driver.civil_ms(self._driver.now_s)
        if self.stops[0].start_ms < now_ms:
            self._begin_not_before(0, now_ms)
        return self.stops[0].start_ms <= self._latest_ms

    def change(self, problem: dict[str, Any]) -> None:
        """Change what a refusal is about: that stop to the next free window that it is told, or to another point.

        A refusal that names no stop changes nothing: the same is asked for again.
        """
        at, next_ms = problem.get("stop", problem.get("failed_stop")), problem.get("next_free_start_ms")
        if type(at) is not int or not 0 <= at < len(self.stops):
            return
        stop, plan = self.stops[at], self._driver.plan
        would_wait = plan.insists or self._rng.random() < _LATER_SHARE
        if would_wait and isinstance(next_ms, int) and 0 <= next_ms - stop.start_ms <= plan.patience_s * _MS:
            self._begin_not_before(at, next_ms)
        else:
            self._replace(at, self._stop(at, stop.start_ms, stop.end_ms))

    def _begin_not_before(self, at: int, start_ms: int) -> None:
        """Move a stop, and those after it as far as it takes for each to begin after the one before."""
        for number in range(at, len(self.stops)):
            stop = self.stops[number]
            later_ms = max(0, start_ms - stop.start_ms)
            self._replace(number, replace(stop, start_ms=stop.start_ms + later_ms, end_ms=stop.end_ms + later_ms))
            start_ms = stop.end_ms + later_ms

    def _replace(self, at: int, stop: StopWish) -> None:
        self.stops = (*self.stops[:at], stop, *self.stops[at + 1 :])

    def _stop(self, at: int, start_ms: int, end_ms: int) -> StopWish:
        """Draw where a stop is to be: near a place, at a point, or at one of some points."""
        rng, kind, city, fleet = self._rng, self._kind, self._driver.desk.city, self._driver.desk.scenario.fleet
        if rng.random() < kind.trip_near_share:
            place = place_in(city.area, rng)
            return StopWish(start_ms, end_ms, (), Nearby(place.lat, place.lon, fleet.look_radius_m))
        wanted = rng.choice(_ANY_OF) if rng.random() < kind.trip_any_of_share else 1
        node_id = rng.choice(self._other_nodes(self.stops[at - 1] if at else None))
        first = city.choose([point.id for point in city.points if owner_of(point.id) == node_id], 1, rng)
        others = city.choose([point.id for point in city.points if point.id not in first], wanted - 1, rng)
        return StopWish(start_ms, end_ms, (*first, *others))

    def _other_nodes(self, before: StopWish | None) -> list[str]:
        """Return the companies at which the stop before is not, if there are others."""
        owners = list(dict.fromkeys(owner_of(point.id) for point in self._driver.desk.city.points))
        last = [] if before is None else [owner_of(point_id) for point_id in before.points[:1]]
        return [owner for owner in owners if owner not in last] or owners
