"""What a driver intends: drawn once, from the vehicle's own random stream."""

import math
from dataclasses import dataclass

from sim.engine.randomness import Randomness
from sim.fleet.city import City, Place, place_in
from sim.scenario.distribution import TRIP_STOPS_MAX
from sim.scenario.schema import Fleet
from sim.scenario.vehicle_class import VehicleClass


@dataclass(frozen=True, slots=True)
class Plan:
    """What one vehicle will try to do. Times in civil seconds, ``arrival_s`` after the scenario's start."""

    vehicle: int
    class_name: str
    arrival_s: float
    """When the driver decides to charge."""
    home: int
    """Which node the driver's app talks to first, as an index."""
    place: Place
    lead_s: float
    stay_s: float
    patience_s: float
    attempts_max: int
    walks_up: bool
    shows_up: bool
    cancels: bool
    insists: bool
    """Wants the favourite point and no other."""
    lateness_s: float
    overstay_s: float
    """How long after the window the driver comes back; 0: in time."""
    capacity_wh: float
    power_w: float
    soc: float
    taper_from: float
    wanted_wh: float = math.inf
    station: str | None = None
    """The point to use, of a replayed session."""
    trip_stops: int = 0
    """Stops of the journey that the driver plans; 0: wants one charge and no journey."""
    queues: bool = False
    """Who comes without a reservation and finds every point taken stands in line."""


def draw_plan(fleet: Fleet, city: City, randomness: Randomness, vehicle: int, arrival_s: float) -> Plan:
    """Draw a vehicle's plan."""
    rng = randomness.stream("plan", vehicle)
    kind: VehicleClass = rng.choices(fleet.classes, [each.share for each in fleet.classes])[0]
    stay_s = max(1.0, kind.stay_s.draw(rng))
    return Plan(
        vehicle=vehicle,
        class_name=kind.name,
        arrival_s=arrival_s,
        home=rng.randrange(len(city.node_ids)),
        place=place_in(city.area, rng),
        lead_s=max(0.0, kind.lead_s.draw(rng)),
        stay_s=stay_s,
        patience_s=max(0.0, kind.patience_s.draw(rng)),
        attempts_max=kind.attempts_max,
        walks_up=rng.random() < kind.walk_up_share,
        shows_up=rng.random() >= kind.no_show_share,
        cancels=rng.random() < kind.cancel_share,
        insists=rng.random() < kind.insists_share,
        lateness_s=kind.lateness_s.draw(rng),
        overstay_s=rng.uniform(0, stay_s) if rng.random() < kind.overstay_share else 0.0,
        capacity_wh=max(1_000.0, kind.battery.capacity_wh.draw(rng)),
        power_w=max(1_000.0, kind.battery.max_power_w.draw(rng)),
        soc=min(0.99, max(0.0, kind.battery.soc_at_arrival.draw(rng))),
        taper_from=kind.battery.taper_from,
        trip_stops=_trip_stops(kind, randomness, vehicle),
        queues=kind.queue_share > 0 and randomness.stream("queue", vehicle).random() < kind.queue_share,
    )


def _trip_stops(kind: VehicleClass, randomness: Randomness, vehicle: int) -> int:
    """Draw from a stream of its own, so that drivers of a class without journeys stay as they are."""
    if kind.trip_share == 0:
        return 0
    rng = randomness.stream("trip", vehicle)
    if rng.random() >= kind.trip_share:
        return 0
    return min(TRIP_STOPS_MAX, max(1, round(kind.trip_stops.draw(rng))))
