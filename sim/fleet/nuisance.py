"""Nuisances: drivers who ask what a well-behaved client never would.

They reserve from now on, use a key twice, cancel what is another's, act on what they saw long ago, and look at what they
have got. Whatever they get they give back, as far as the terms allow.
"""

from collections.abc import Callable, Generator
from random import Random
from typing import Any

from simpy.events import Event

from nodes.domain.commands import Cancel, Reserve, ReserveNow, StartReservation
from nodes.records import Witness
from nodes.request import ReadCalendar, ReadReservation, Request
from sim.fleet.desk import Desk, Identity, Outcome

_FIRST_PROCESS = -4_000_000
"""Processes of nuisances count down from here; none asks twice, so that none is renewed into another's number."""
_AHEAD_S = (60.0, 2_700.0)
_LONGER_S = 120
"""Windows are as short as the terms allow, or longer by this at the most."""
_PAUSE_S = (0.0, 2.0)
"""Between two requests."""
_WINDOWS_MAX = 100
"""Windows asked for of a calendar."""
_MS = 1000

_Steps = Generator[Event, Any, None]
_Asking = Generator[Event, Any, Outcome]


class Nuisance:
    """``per_hour`` visits on average, until ``until_s``, as a SimPy process: ``come``."""

    def __init__(self, desk: Desk, rng: Random, *, per_hour: float, until_s: float) -> None:
        self._desk = desk
        self._rng = rng
        self._per_hour = per_hour
        self._until_s = until_s
        self._process = _FIRST_PROCESS
        self._visits = 0
        self._point_id = ""
        self._keys = 0

    def come(self) -> _Steps:
        """Come now and then, each time to one popular point, with one of the tricks."""
        tricks: tuple[Callable[[], _Steps], ...] = (
            self._reserve_now,
            self._use_a_key_twice,
            self._cancel_anothers,
            self._act_on_old_news,
        )
        while self._per_hour > 0:
            yield self._desk.environment.timeout(self._rng.expovariate(self._per_hour / 3600))
            if self._desk.environment.now >= self._until_s:
                return
            self._visits += 1
            self._point_id = self._desk.city.favourite(self._rng).id
            yield from self._rng.choice(tricks)()

    def _reserve_now(self) -> _Steps:
        """Take the point from now on, as ``POST /reservar`` does; and somebody else tries to plug in there."""
        duration_s = self._length_s()
        value = {"driver_id": self._driver, "duration_s": duration_s}
        outcome = yield from self._command("reserve", ReserveNow(self._driver, duration_s), value)
        if outcome.kind == "ok":
            yield from self._look_at(outcome)
            value = {"reservation_id": outcome.body["id"], "driver_id": self._trespasser}
            yield from self._command("start", StartReservation(outcome.body["id"], self._trespasser), value)
            yield from self._give_back(outcome)

    def _use_a_key_twice(self) -> _Steps:
        """Reserve, and then another window under the same key: no new request, and not the old one either."""
        key = self._next_key()
        outcome = yield from self._reserve(self._window(), key=key)
        if outcome.kind != "ok":
            return
        start_ms, end_ms = self._window()
        yield from self._reserve((start_ms + _MS, end_ms + _MS), key=key)
        yield from self._give_back(outcome)

    def _cancel_anothers(self) -> _Steps:
        """Cancel what somebody else has just reserved; it must still be there for whoever has it."""
        outcome = yield from self._reserve(self._window())
        if outcome.kind != "ok":
            return
        identifier, trespasser = outcome.body["id"], self._trespasser
        value = {"id": identifier, "driver_id": trespasser}
        yield from self._command("cancel", Cancel(identifier, trespasser), value)
        yield from self._look_at(outcome)
        yield from self._give_back(outcome)

    def _act_on_old_news(self) -> _Steps:
        """Reserve only if the point is still as it was when it was seen: long ago, or just now."""
        outcome = yield from self._reserve(self._window())
        if outcome.kind != "ok":
            return
        back = yield from self._give_back(outcome)
        seen = self._rng.choice((outcome.witness, back.witness))
        if back.kind != "ok" or seen is None:
            return
        again = yield from self._reserve(self._window(), if_match=seen)
        if again.kind == "ok":
            yield from self._give_back(again)

    def _look_at(self, outcome: Outcome) -> _Steps:
        """Read the reservation and what the calendar says of its window."""
        body = outcome.body
        reading = {"what": "reservation", "id": body["id"]}
        yield from self._ask("read", Request(self._point_id, ReadReservation(body["id"])), reading)
        span = {"from_ms": body["start_ms"], "until_ms": body["end_ms"], "limit": _WINDOWS_MAX}
        yield from self._ask("read", Request(self._point_id, ReadCalendar(**span)), {"what": "calendar", **span})

    def _reserve(self, window: tuple[int, int], *, key: str | None = None, if_match: Witness | None = None) -> _Asking:
        value: dict[str, Any] = {"driver_id": self._driver, "start_ms": window[0], "end_ms": window[1]}
        value |= {} if if_match is None else {"if_match": list(if_match)}
        return (yield from self._command("reserve", Reserve(self._driver, *window), value, key, if_match))

    def _give_back(self, outcome: Outcome) -> _Asking:
        identifier = outcome.body["id"]
        return (yield from self._command("cancel", Cancel(identifier, self._driver), {"id": identifier}))

    def _command(
        self,
        f: str,
        action: Reserve | ReserveNow | Cancel | StartReservation,
        value: dict[str, Any],
        key: str | None = None,
        if_match: Witness | None = None,
    ) -> _Asking:
        request = Request(self._point_id, action, key or self._next_key(), if_match)
        return (yield from self._ask(f, request, value))

    def _ask(self, f: str, request: Request, value: dict[str, Any]) -> _Asking:
        """Ask any node, once, after a little while."""
        desk = self._desk
        yield desk.environment.timeout(self._rng.uniform(*_PAUSE_S))
        self._process -= 1
        caller = Identity(-1, "nuisance", self._process)
        outcome: Outcome = yield desk.request(caller, f, self._rng.choice(desk.city.node_ids), request, value)
        return outcome

    def _window(self) -> tuple[int, int]:
        start_ms = self._desk.civil_ms() + int(self._rng.uniform(*_AHEAD_S) * _MS)
        return start_ms, start_ms + self._length_s() * _MS

    def _length_s(self) -> int:
        terms = self._desk.scenario.network.terms.terms()
        return min(terms.max_window_s, terms.min_window_s + self._rng.randint(0, _LONGER_S))

    @property
    def _driver(self) -> str:
        return f"nuisance-{self._visits}"

    @property
    def _trespasser(self) -> str:
        return f"{self._driver}-trespasser"

    def _next_key(self) -> str:
        self._keys += 1
        return f"{self._desk.run_id}-{self._driver}-{self._keys}"
