"""A failing scenario, made as small as it can be: fewer vehicles, faults and settings, and an earlier end."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import TypeVar

import orjson

from sim.explore import simpler
from sim.explore.ddmin import ddmin
from sim.history import Json

TRIES_MAX = 300
"""Scenarios that a shrinking tries, each a fraction of a second to a few seconds."""
_SHARES = (0.125, 0.25, 0.5, 0.75, 0.9)
"""Of a time, that are tried in its place."""
_SHORTEST_S = 1.0

T = TypeVar("T")
Oracle = Callable[[Sequence[Json]], int | None]
"""Given scenarios, says which is the first that still fails in the same way; None: none of them does."""


class OutOfTries(Exception):
    """As many scenarios were tried as may be, or for as long as may be. An ``Oracle`` may raise it."""


class Shrinker:
    """Makes a scenario smaller as long as an oracle says that it still fails. Deterministic, if the oracle is."""

    def __init__(self, data: Json, oracle: Oracle, tries_max: int = TRIES_MAX) -> None:
        self.smallest = data
        self.tries = 0
        self._oracle = oracle
        self._tries_max = tries_max
        self._seen = {_fingerprint(data)}

    def shrink(self, suspects: Callable[[], Sequence[Sequence[int]]] = tuple) -> Json:
        """Return the smallest scenario found.

        ``suspects`` says, whenever it is asked, which groups of vehicles may suffice for the last that failed.
        """
        try:
            self._first_that_fails(simpler.guesses(self.smallest))
            self._try_vehicles(suspects())
            for before in self._until_nothing_changes():
                self._leave_out(simpler.faults_of(before), simpler.with_faults)
                self._leave_out(simpler.settings_of(before), simpler.with_settings)
                self._try_vehicles(suspects())
                self._leave_out(simpler.vehicles_of(self.smallest), simpler.with_vehicles)
                self._end_earlier()
        except OutOfTries:
            pass
        return self.smallest

    def _until_nothing_changes(self) -> Iterator[Json]:
        before: Json | None = None
        while before is not self.smallest:
            before = self.smallest
            yield before

    def _try_vehicles(self, groups: Sequence[Sequence[int]]) -> None:
        """Try groups alone; then with whatever is aimed at requests and commits hitting more of the few there are."""
        fewer = [sorted(group) for group in groups if len(group) < len(simpler.vehicles_of(self.smallest))]
        if self._first_that_fails([simpler.with_vehicles(self.smallest, group) for group in fewer]) is None:
            louder = simpler.louder(self.smallest)
            self._first_that_fails([simpler.with_vehicles(each, group) for group in fewer for each in louder])

    def _leave_out(self, items: list[T], with_items: Callable[[Json, list[T]], Json]) -> None:
        """Keep as few of the items as it takes; ``with_items`` puts some of them in the place of all."""
        start = self.smallest
        ddmin(items, lambda lists: self._first_that_fails([with_items(start, kept) for kept in lists]))

    def _end_earlier(self) -> None:
        """End the run earlier, and give vehicles less time after that."""
        if (self.smallest.get("fleet") or {}).get("replay") is None:
            self._shorten(lambda data: float(data["time"]["duration_s"]), simpler.with_end)
        self._first_that_fails([simpler.with_drain(self.smallest, 0)])
        self._shorten(lambda data: float(data["time"].get("drain_s", 3_600)), simpler.with_drain)

    def _shorten(self, time_of: Callable[[Json], float], with_time: Callable[[Json, float], Json]) -> None:
        while (now_s := time_of(self.smallest)) > _SHORTEST_S:
            times_s = [float(round(now_s * share)) for share in _SHARES]
            shorter = [with_time(self.smallest, each) for each in times_s if _SHORTEST_S <= each < now_s - _SHORTEST_S]
            if self._first_that_fails(shorter) is None:
                return

    def _first_that_fails(self, candidates: Sequence[Json]) -> int | None:
        """Ask for those that were not tried before; remember the first that fails as the smallest."""
        fresh = [(place, each) for place, each in enumerate(candidates) if _fingerprint(each) not in self._seen]
        left = self._tries_max - self.tries
        asked = fresh[:left]
        found = self._oracle([each for _, each in asked]) if asked else None
        tried = asked if found is None else asked[: found + 1]
        self.tries += len(tried)
        self._seen.update(_fingerprint(each) for _, each in tried)
        if found is not None:
            place, self.smallest = asked[found]
            return place
        if len(fresh) > left:
            raise OutOfTries
        return None


def _fingerprint(data: Json) -> bytes:
    return blake2b(orjson.dumps(data, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
