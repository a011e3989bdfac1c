"""Crowds: many drivers who want the same point in the same moment, as when a concert is over: the same window of it, or
one window after the other.

Whoever gets it gives it back soon, so that crowds take nothing away from the vehicles; what they are for is the moment:
full mailboxes, refusals of what is on its way to the disk, cancellations that meet reservations.
"""

from collections.abc import Generator
from random import Random
from typing import Any

from simpy.events import AllOf, Event

from nodes.domain.commands import Cancel, Reserve
from nodes.request import Request
from sim.fleet.desk import Desk, Identity, Outcome

_FIRST_PROCESS = -2_000_000
"""Processes of crowds count down from here; none asks twice, so that none is renewed into another's number."""
_SPREADS_S = (0.0, 0.002, 0.05)
"""Within how long a crowd asks."""
_AHEAD_S = (60.0, 900.0)
_KEPT_S = (0.0, 3.0)
"""How long who got the window thinks about it."""
_MS = 1000


class Crowds:
    """Crowds of ``size`` drivers, ``per_hour`` on average, until ``until_s``, as a SimPy process: ``gather``."""

    def __init__(self, desk: Desk, rng: Random, *, per_hour: float, size: int, until_s: float) -> None:
        self._desk = desk
        self._rng = rng
        self._per_hour = per_hour
        self._size = size
        self._until_s = until_s
        self._process = _FIRST_PROCESS
        self._crowds = 0

    def gather(self) -> Generator[Event, Any, None]:
        """Come together now and then."""
        environment = self._desk.environment
        while self._per_hour > 0:
            yield environment.timeout(self._rng.expovariate(self._per_hour / 3600))
            if environment.now >= self._until_s:
                return
            yield from self._crowd()

    def _crowd(self) -> Generator[Event, Any, None]:
        rng, desk = self._rng, self._desk
        self._crowds += 1
        terms = desk.scenario.network.terms.terms()
        length_s = max(terms.min_window_s, min(terms.max_window_s, rng.randint(60, 600)))
        start_ms = desk.civil_ms() + int(rng.uniform(*_AHEAD_S) * _MS)
        point_id, spread_s = desk.city.favourite(rng).id, rng.choice(_SPREADS_S)
        step_ms = rng.choice((0, length_s * _MS))
        drivers = []
        for number in range(self._size):
            name = f"crowd-{self._crowds}-{number}"
            from_ms = start_ms + number * step_ms
            wish = Reserve(name, from_ms, from_ms + length_s * _MS)
            nodes = [rng.choice(desk.city.node_ids) for _ in range(2)]
            waits_s = rng.uniform(0, spread_s), rng.uniform(*_KEPT_S)
            drivers.append(desk.environment.process(self._driver(point_id, wish, nodes, waits_s)))
        yield AllOf(desk.environment, drivers)

    def _driver(
        self, point_id: str, wish: Reserve, nodes: list[str], waits_s: tuple[float, float]
    ) -> Generator[Event, Any, None]:
        desk, key = self._desk, f"{self._desk.run_id}-{wish.driver_id}"
        yield desk.environment.timeout(waits_s[0])
        asked = {"driver_id": wish.driver_id, "start_ms": wish.start_ms, "end_ms": wish.end_ms}
        request = Request(point_id, wish, f"{key}-reserve")
        outcome: Outcome = yield desk.request(self._somebody(), "reserve", nodes[0], request, asked)
        if outcome.kind != "ok":
            return
        yield desk.environment.timeout(waits_s[1])
        identifier = outcome.body["id"]
        request = Request(point_id, Cancel(identifier, wish.driver_id), f"{key}-cancel")
        yield desk.request(self._somebody(), "cancel", nodes[1], request, {"id": identifier})

    def _somebody(self) -> Identity:
        self._process -= 1
        return Identity(-1, "crowd", self._process)
