"""A driver on a journey: plans a trip of several stops, all or none, and makes it, gives it back, or stays away."""

from collections.abc import Generator
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
        wished_ms = itinerary.stops[0].start_ms
        trip = yield from self._book(itinerary)
        if trip is None:
            driver.end("gave_up", attempts=driver.attempts)
        elif plan.cancels:
            yield from self._give_back(trip)
        elif not plan.shows_up:
            driver.end("no_show", attempts=driver.attempts)
        else:
            yield from self._travel(trip, driver.simulated_s(wished_ms))

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

    def _give_back(self, trip: Json) -> Generator[Event, Any, None]:
        """Think better of it some time before the start."""
        driver = self._driver
        yield from self._wait_until_some_time_before(trip["stops"][0])
        request = Request(trip["id"], CancelTrip(trip["id"], driver.id), driver.new_key())
        value = {"id": trip["id"], "driver_id": driver.id}
        outcome = yield from driver.ask("cancel_trip", request, value)
        for _ in range(_LOOKS_MAX):
            if not outcome.is_under_way:
                break
            yield driver.desk.environment.timeout(max(outcome.retry_after_s, _LOOK_S[0]) * driver.desk.scale)
            outcome = yield from driver.ask("cancel_trip", request, value)
        driver.end("canceled" if outcome.kind == "ok" else "lost", error=outcome.error)

    def _travel(self, trip: Json, wished_s: float) -> Generator[Event, Any, None]:
        """Go from stop to stop and charge at each; one that is not to be had is driven past."""
        driver, rng, kind = self._driver, self._rng, self._driver.kind
        stops: list[Json] = list(trip["stops"])
        if rng.random() < kind.trip_give_back_share:
            yield from self._give_stop_back(stops.pop(rng.randrange(len(stops))))
        bills: list[Json] = []
        waited_s, wanted_wh, outcome = 0.0, 0, Outcome("fail", error="nothing-left")
        for stop in stops:
            if rng.random() < kind.no_show_share:
                continue
            outcome = yield from self._stay.arrive(stop, self._until_s(stop))
            if outcome.kind != "ok":
                continue
            waited_s = waited_s if bills else driver.now_s - wished_s
            outcome = yield from self._stay.charge(outcome.body, stop["end_ms"] / _MS)
            if outcome.kind == "ok":
                wanted_wh += self._stay.charge_of(stop["point_id"]).target_wh
                bills.append(outcome.body)
        facts = {"attempts": driver.attempts, "stops": len(trip["stops"]), "stops_served": len(bills)}
        if not bills:
            driver.end(_fate_without_charge(outcome), **facts, error=outcome.error)
            return
        energy_wh, cost_minor = (sum(bill[name] for bill in bills) for name in ("energy_wh", "cost_minor"))
        driver.end(
            "served",
            **facts,
            waited_s=round(waited_s, 1),
            wanted_wh=wanted_wh,
            energy_wh=energy_wh,
            cost_minor=cost_minor,
        )

    def _give_stop_back(self, stop: Json) -> Generator[Event, Any, None]:
        """Do without one stop: the others stand."""
        driver = self._driver
        yield from self._wait_until_some_time_before(stop)
        request = Request(stop["point_id"], Cancel(stop["id"], driver.id), driver.new_key())
        yield from driver.ask("cancel", request, {"id": stop["id"]})

    def _wait_until_some_time_before(self, stop: Json) -> Generator[Event, Any, None]:
        left_s = max(0.0, self._driver.simulated_s(stop["start_ms"]) - self._driver.now_s)
        yield from self._driver.wait(self._rng.random() * left_s)

    def _until_s(self, stop: Json) -> float:
        """Return how long the driver waits for a point that is still in use: not beyond half of the window."""
        return self._driver.simulated_s((stop["start_ms"] + stop["end_ms"]) // 2)


def _fate_without_charge(outcome: Outcome) -> str:
    if outcome is CLOSING:
        return "left"
    if outcome.error == "nothing-left":
        return "no_show"
    return "refused_at_start" if outcome.kind == "fail" else "lost"


def _asked(stop: StopWish) -> Json:
    window: Json = {"start_ms": stop.start_ms, "end_ms": stop.end_ms}
    if stop.near is None:
        return window | ({"point_id": stop.points[0]} if len(stop.points) == 1 else {"any_of": list(stop.points)})
    near = stop.near
    return window | {"near": {"lat": near.lat, "lon": near.lon, "radius_m": near.radius_m}}
