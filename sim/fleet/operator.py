"""The operator: changes a price, takes a point out of service for a while, reports a fault and clears it.

One act after the other, through any node. What was begun is ended, however long it takes to be heard: a point left out
of service would look like one that is stuck.
"""

from collections.abc import Generator
from random import Random
from typing import Any

from simpy.events import Event

from nodes.domain.commands import ChangePoint, ClearFault, ReportFault
from nodes.request import Request
from sim.fleet.desk import Desk, Identity, Outcome
from sim.history import Json

_FIRST_PROCESS = -5_000_000
"""Processes of the operator count down from here; none asks twice, so that none is renewed into another's number."""
_KINDS = ("price", "maintenance", "fault")
_PRICES_MINOR = (50, 500)
_OUT_S = (5.0, 300.0)
"""How long a point is out of service."""
_PAUSE_S = (0.5, 10.0)
"""Between two tries; doubled each time, within these bounds."""
_PATIENCE_S = 600.0
"""How long it goes on asking when there are no faults any more; whoever still refuses then does so for good."""
_ORDERS: dict[str, tuple[ChangePoint | ClearFault, Json]] = {
    "maintenance": (ChangePoint(maintenance=False), {"maintenance": False}),
    "fault": (ClearFault(), {"fault": ""}),
}
"""By kind of act, what ends it."""


class Operator:
    """Acts ``per_hour`` times, on average, until ``until_s``, as a SimPy process: ``operate``; then ``put_in_order``."""

    def __init__(self, desk: Desk, rng: Random, *, per_hour: float, until_s: float) -> None:
        self._desk = desk
        self._rng = rng
        self._per_hour = per_hour
        self._until_s = until_s
        self._process = _FIRST_PROCESS
        self._serial = 0
        self._touched: dict[tuple[str, str], None] = {}
        """Points that were out of service, and by which kind of act."""

    def operate(self) -> Generator[Event, Any, None]:
        """Act now and then; when it is over every act has been ended, if anybody could be reached."""
        environment = self._desk.environment
        while self._per_hour > 0:
            yield environment.timeout(self._rng.expovariate(self._per_hour / 3600))
            if environment.now >= self._until_s:
                return
            yield from self._act(self._desk.city.favourite(self._rng).id, self._rng.choice(_KINDS))

    def put_in_order(self) -> Generator[Event, Any, None]:
        """Say once more of every point that was out of service that it is not: a late copy may have undone that."""
        for point_id, kind in self._touched:
            yield from self._ask(point_id, *_ORDERS[kind])

    def _act(self, point_id: str, kind: str) -> Generator[Event, Any, None]:
        if kind == "price":
            price_minor = self._rng.randint(*_PRICES_MINOR)
            asked = {"price_per_kwh_minor": price_minor}
            yield from self._ask(point_id, ChangePoint(price_per_kwh_minor=price_minor), asked)
            return
        self._touched[point_id, kind] = None
        if kind == "maintenance":
            yield from self._ask(point_id, ChangePoint(maintenance=True), {"maintenance": True})
        else:
            fault = f"fault {self._serial}"
            yield from self._ask(point_id, ReportFault(fault), {"fault": fault})
        left_s = max(0.0, self._until_s - self._desk.environment.now)
        yield self._desk.environment.timeout(min(left_s, self._rng.uniform(*_OUT_S)))
        yield from self._ask(point_id, *_ORDERS[kind])

    def _ask(
        self, point_id: str, action: ChangePoint | ReportFault | ClearFault, asked: Json
    ) -> Generator[Event, Any, None]:
        """Send a request, under one key and through one node after the other, until it is decided or there is no hope."""
        desk, rng, pause_s = self._desk, self._rng, _PAUSE_S[0]
        self._serial += 1
        request = Request(point_id, action, f"{desk.run_id}-operator-{self._serial}")
        given_up_s = max(self._until_s, desk.environment.now) + _PATIENCE_S
        while desk.environment.now < given_up_s:
            self._process -= 1
            somebody = Identity(-1, "operator", self._process)
            outcome: Outcome = yield desk.request(somebody, "operate", rng.choice(desk.city.node_ids), request, asked)
            if not outcome.may_be_retried:
                return
            yield desk.environment.timeout(max(outcome.retry_after_s, pause_s) * desk.scale)
            pause_s = min(2 * pause_s, _PAUSE_S[1])
