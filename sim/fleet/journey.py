"""A driver on a journey: plans a trip of several stops, all or none, and makes it, gives it back, or stays away."""

from collections.abc import Generator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from simpy.events import Event

from nodes.domain.commands import Cancel
from nodes.request import CancelTrip, PlanTrip, ReadTrip, Request, StopWish, coordinator_of
from sim.fleet.desk import Outcome
from sim.fleet.driver import Driver
from sim.fleet.itinerary import Itinerary
from sim.fleet.stay import CLOSING, Stay
from sim.history import Json

_LOOKS_MAX = 12
"""How often a driver looks whether a trip is decided by now; a node takes 10 s for it at the most."""
_LOOK_S = (1.0, 8.0)
"""First and longest pause between two looks, in wall-clock seconds; doubled each time."""
_AT_HOME_SHARE = 0.7
"""Of those who give a trip back, how many do so before it begins; the others do when they have been at its first stop."""
_MS = 1000


class Journey:
    """What a vehicle does that makes a journey, as a part of its process."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._rng: Random = driver.desk.randomness.stream("journey", driver.plan.vehicle)
        self._stay = Stay(driver)

    def make(self) -> Generator[Event, Any, None]:
        """Plan the trip; then do what this driver does with it."""
        driver, plan = self._driver, self._driver.plan
        itinerary = Itinerary(driver, self._rng)
        wished_s = driver.simulated_s(itinerary.stops[0].start_ms)
        trip = yield from self._book(itinerary)
        if trip is None:
            wanted_wh = self._wanted_wh * len(itinerary.stops)
            driver.end("gave_up", attempts=driver.attempts, wanted_wh=wanted_wh)
        elif plan.cancels and self._rng.random() < _AT_HOME_SHARE:
            yield from self._wait_until_some_time_before(trip["stops"][0])
            outcome = yield from self._give_back(trip)
            driver.end("canceled" if outcome.kind == "ok" else "lost", error=outcome.error)
        elif not plan.shows_up:
            driver.end("no_show", attempts=driver.attempts)
        else:
            yield from self._travel(trip, wished_s)

    def _book(self, itinerary: Itinerary) -> Generator[Event, Any, Json | None]:
        """Ask for the trip until it is confirmed, or attempts or patience are used up."""
        driver = self._driver
        while driver.attempts < driver.plan.attempts_max and not driver.desk.closing.triggered:
            if not itinerary.set_out():
                return None
            outcome = yield from self._plan(itinerary.stops)
            if outcome.kind == "ok" and outcome.body["status"] == "CONFIRMED":
                trip: Json = outcome.body
                return trip
            itinerary.change(outcome.body if isinstance(outcome.body, dict) else {})
            yield from driver.think()
        return None

    def _plan(self, stops: tuple[StopWish, ...]) -> Generator[Event, Any, Outcome]:
        """Ask for these stops, and wait for the decision."""
        driver = self._driver
        driver.attempts += 1
        coordinator = coordinator_of(stops) or self._rng.choice(driver.desk.city.node_ids)
        request = Request(coordinator, PlanTrip(driver.id, stops), driver.new_key())
        value = {"driver_id": driver.id, "coordinator": coordinator, "stops": [_asked(stop) for stop in stops]}
        outcome = yield from driver.ask("trip", request, value, patient=False)
        if not outcome.is_under_way:
            return outcome
        return (yield from self._look(outcome.body["id"]))

    def _look(self, trip_id: str) -> Generator[Event, Any, Outcome]:
        """Look at a trip until it is decided, some times at the most."""
        driver, pause_s = self._driver, _LOOK_S[0]
        outcome = Outcome("info", error="not-decided")
        for _ in range(_LOOKS_MAX):
            yield driver.desk.environment.timeout(pause_s * driver.desk.scale)
            pause_s = min(2 * pause_s, _LOOK_S[1])
            outcome = yield from driver.ask("read", Request(trip_id, ReadTrip(trip_id)), {"what": "trip"})
            if outcome.kind == "ok" and outcome.body["status"] != "PENDING":
                break
            if outcome.error == "unknown-trip":  # its coordinator forgot what was not decided: that is its decision
                break
        return outcome

    def _give_back(self, trip: Json) -> Generator[Event, Any, Outcome]:
        """Give the trip back, as far as its terms allow."""
        driver = self._driver
        request = Request(trip["id"], CancelTrip(trip["id"], driver.id), driver.new_key())
        value = {"id": trip["id"], "driver_id": driver.id}
        outcome = yield from driver.ask("cancel_trip", request, value)
        for _ in range(_LOOKS_MAX):
            if not outcome.is_under_way:
                break
            yield driver.desk.environment.timeout(max(outcome.retry_after_s, _LOOK_S[0]) * driver.desk.scale)
            outcome = yield from driver.ask("cancel_trip", request, value)
        return outcome

    def _travel(self, trip: Json, wished_s: float) -> Generator[Event, Any, None]:
        """Go from stop to stop and charge at each; who cancels turns around after the first."""
        driver, rng = self._driver, self._rng
        stops: list[Json] = list(trip["stops"])
        if rng.random() < driver.kind.trip_give_back_share:
            yield from self._give_stop_back(stops.pop(rng.randrange(len(stops))))
        visits = _Visits()
        for stop in stops[:1] if driver.plan.cancels else stops:
            if rng.random() >= driver.kind.no_show_share:
                yield from self._visit(stop, wished_s, visits)
        if driver.plan.cancels:
            yield from self._give_back(trip)
        driver.end(visits.fate, attempts=driver.attempts, stops=len(trip["stops"]), **visits.facts)

    def _visit(self, stop: Json, wished_s: float, visits: "_Visits") -> Generator[Event, Any, None]:
        """Charge at one stop; if it is not to be had, drive past."""
        until_s = self._driver.simulated_s((stop["start_ms"] + stop["end_ms"]) // 2)
        visits.wanted_wh += self._wanted_wh
        visits.last = yield from self._stay.arrive(stop, until_s)
        if visits.last.kind != "ok":
            return
        if not visits.bills:
            visits.waited_s = self._driver.now_s - wished_s
        visits.last = yield from self._stay.charge(visits.last.body, stop["end_ms"] / _MS)
        if visits.last.kind == "ok":
            visits.bills.append(visits.last.body)

    @property
    def _wanted_wh(self) -> int:
        """What the driver would take along at one stop, given a charger and time."""
        return self._stay.charge_of("").target_wh

    def _give_stop_back(self, stop: Json) -> Generator[Event, Any, None]:
        """Do without one stop: the others stand."""
        driver = self._driver
        yield from self._wait_until_some_time_before(stop)
        request = Request(stop["point_id"], Cancel(stop["id"], driver.id), driver.new_key())
        yield from driver.ask("cancel", request, {"id": stop["id"]})

    def _wait_until_some_time_before(self, stop: Json) -> Generator[Event, Any, None]:
        left_s = max(0.0, self._driver.simulated_s(stop["start_ms"]) - self._driver.now_s)
        yield from self._driver.wait(self._rng.random() * left_s)


@dataclass(slots=True)
class _Visits:
    """What came of the stops so far."""

    bills: list[Json] = field(default_factory=list)
    waited_s: float = 0.0
    """Of the first stop at which the driver charged."""
    wanted_wh: int = 0
    """At all stops that the driver came to, also where there was nothing to be had."""
    last: Outcome | None = None
    """Of the last thing that was asked at a stop; None: the driver was at none."""

    @property
    def fate(self) -> str:
        """What the vehicle came to."""
        if self.bills:
            return "served"
        if self.last is None:
            return "no_show"
        if self.last is CLOSING:
            return "left"
        return "refused_at_start" if self.last.kind == "fail" else "lost"

    @property
    def facts(self) -> Json:
        """What the history keeps of it."""
        if not self.bills:
            error = "" if self.last is None else self.last.error
            return {"stops_served": 0, "error": error, "wanted_wh": self.wanted_wh}
        energy_wh, cost_minor = (sum(bill[name] for bill in self.bills) for name in ("energy_wh", "cost_minor"))
        sums = {"wanted_wh": self.wanted_wh, "energy_wh": energy_wh, "cost_minor": cost_minor}
        return {"stops_served": len(self.bills), "waited_s": round(self.waited_s, 1), **sums}


def _asked(stop: StopWish) -> Json:
    window: Json = {"start_ms": stop.start_ms, "end_ms": stop.end_ms}
    if stop.near is None:
        return window | ({"point_id": stop.points[0]} if len(stop.points) == 1 else {"any_of": list(stop.points)})
    near = stop.near
    return window | {"near": {"lat": near.lat, "lon": near.lon, "radius_m": near.radius_m}}
