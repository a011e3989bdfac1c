"""All vehicles of a run: planned beforehand, sent off one by one."""

from collections.abc import Generator, Iterator
from functools import partial
from typing import Any

from simpy.events import AllOf, Event, Process

from sim.engine.randomness import Randomness
from sim.fleet.arrivals import arrival_times, count_vehicles
from sim.fleet.city import City, build_city
from sim.fleet.desk import Desk
from sim.fleet.plan import Plan, draw_plan
from sim.fleet.replay import RecordedSession, check_replay, read_sessions, replay_plans, stations_of
from sim.fleet.vehicle import Vehicle
from sim.scenario.schema import Scenario


class Fleet:
    """The vehicles of a scenario, and the city they drive in. Raises ``DocumentError`` for files it cannot read."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._randomness = Randomness(scenario.seed)
        replay = scenario.fleet.replay
        self._sessions: list[RecordedSession] = [] if replay is None else read_sessions(replay)
        stations = stations_of(self._sessions)
        self.city: City = build_city(scenario.network, scenario.fleet.popularity_zipf_s, self._randomness, stations)
        if replay is not None:
            check_replay(self._sessions, replay, scenario.time, self.city)
        duration_s = scenario.time.duration_s
        self._count = len(self._sessions) or count_vehicles(scenario.fleet, duration_s, self._randomness)
        self.departed = 0
        """Vehicles that are done."""

    @property
    def numbers(self) -> int:
        """How many vehicles the scenario numbers, from 0; not all of them need take part."""
        return self._count

    @property
    def size(self) -> int:
        """How many vehicles take part."""
        only = self._scenario.fleet.only
        return self.numbers if only is None else sum(vehicle < self.numbers for vehicle in only)

    def start(self, desk: Desk) -> Event:
        """Send off every vehicle at its time. The event happens when all are done."""
        return desk.environment.process(self._send_off(desk))

    def _plans(self) -> Iterator[Plan]:
        """Yield the plans of those that take part. Each is drawn by its vehicle's number: who else there is changes nothing."""
        scenario = self._scenario
        only = None if scenario.fleet.only is None else frozenset(scenario.fleet.only)
        if scenario.fleet.replay is not None:
            plans = replay_plans(self._sessions, scenario.fleet.replay, self.city, scenario.time.start)
            taking_part = (plan for plan in plans if only is None or plan.vehicle in only)
            yield from sorted(taking_part, key=lambda plan: (plan.arrival_s, plan.vehicle))
            return
        for arrival_s, vehicle in arrival_times(scenario.fleet, scenario.time.duration_s, self._randomness):
            if only is None or vehicle in only:
                yield draw_plan(scenario.fleet, self.city, self._randomness, vehicle, arrival_s)

    def _send_off(self, desk: Desk) -> Generator[Event, Any, None]:
        environment = desk.environment
        under_way: dict[int, Process] = {}
        for plan in self._plans():
            if plan.arrival_s > environment.now:
                yield environment.timeout(plan.arrival_s - environment.now)
            if desk.closing.triggered:
                break
            process = environment.process(Vehicle(plan, desk).life())
            under_way[plan.vehicle] = process
            assert process.callbacks is not None
            process.callbacks.append(partial(self._depart, under_way, plan.vehicle))
        yield AllOf(environment, list(under_way.values()))

    def _depart(self, under_way: dict[int, Process], vehicle: int, _: Event) -> None:
        under_way.pop(vehicle, None)
        self.departed += 1
