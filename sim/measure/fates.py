"""What became of the vehicles, by class."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.measure.percentiles import percentile

SERVED = "served"
GAVE_UP = "gave_up"
NO_SHOW = "no_show"
GOT_ONE = (SERVED, "canceled", NO_SHOW)
_ATTEMPTS_MAX = 50
"""More than that are counted as that many."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """From the wished start to plugging in, of vehicles that were served; below zero: they came early."""

    p50_s: float
    p90_s: float
    max_s: float


@dataclass(frozen=True, slots=True)
class ClassFates:
    """One class of vehicles."""

    name: str
    vehicles: int
    """That came to something; vehicles still under way at the end are not among them."""
    fates: dict[str, int]
    """How many were ``served``, ``gave_up`` and so on; the most frequent first."""
    attempts_mean: float | None
    """Reservations or points tried, of vehicles that say so."""
    waiting: Waiting | None
    wanted_wh: int
    """What the served vehicles wanted."""
    energy_wh: int
    """What they got."""
    cost_minor: int
    """What they paid, in the currency's minor unit."""
    unserved_wh: int = 0
    """What the vehicles wanted that found no charger."""
    attempts: dict[int, int] = field(default_factory=dict)
    """How many vehicles tried so many reservations or points, of those that say so."""
    gave_up: dict[int, int] = field(default_factory=dict)
    """The same of those of them that gave up."""

    @property
    def served(self) -> int:
        """How many charged."""
        return self.fates.get(SERVED, 0)

    @property
    def unserved(self) -> int:
        """How many wanted to charge and did not."""
        return self.vehicles - self.got_one

    @property
    def got_one(self) -> int:
        """How many got a charger: they charged, or gave it back, or did not come."""
        return sum(self.fates.get(fate, 0) for fate in GOT_ONE)


@dataclass(slots=True)
class _Sums:
    fates: Counter[str] = field(default_factory=Counter)
    waited_s: "array[float]" = field(default_factory=lambda: array("d"))
    attempts: int = 0
    attempted: int = 0
    tried: Counter[int] = field(default_factory=Counter)
    tried_in_vain: Counter[int] = field(default_factory=Counter)
    unserved_wh: float = 0
    wanted_wh: float = 0
    energy_wh: int = 0
    cost_minor: int = 0


class Fates:
    """Adds up what vehicles come to, line by line."""

    def __init__(self) -> None:
        self._classes: defaultdict[str, _Sums] = defaultdict(_Sums)

    def add(self, class_name: str, value: Mapping[str, Any]) -> None:
        """Add one vehicle."""
        sums = self._classes[class_name]
        sums.fates[str(value["fate"])] += 1
        if "attempts" in value:
            sums.attempts += value["attempts"]
            sums.attempted += 1
            number = min(_ATTEMPTS_MAX, value["attempts"])
            sums.tried[number] += 1
            if value["fate"] == GAVE_UP:
                sums.tried_in_vain[number] += 1
        if value["fate"] == SERVED:
            sums.waited_s.append(value["waited_s"])
            sums.wanted_wh += value.get("wanted_wh", 0)
            sums.energy_wh += value["energy_wh"]
            sums.cost_minor += value["cost_minor"]
        else:
            sums.unserved_wh += value.get("wanted_wh", 0)

    def waited_s(self) -> list[float]:
        """Return how long served vehicles waited, rising."""
        return sorted(waited_s for sums in self._classes.values() for waited_s in sums.waited_s)

    def by_class(self) -> list[ClassFates]:
        """Return what became of each class, the largest first."""
        found = [_class_fates(name, sums) for name, sums in self._classes.items()]
        return sorted(found, key=lambda each: (-each.vehicles, each.name))


def _class_fates(name: str, sums: _Sums) -> ClassFates:
    waited_s = sorted(sums.waited_s)
    waiting = Waiting(percentile(waited_s, 0.5), percentile(waited_s, 0.9), waited_s[-1]) if waited_s else None
    return ClassFates(
        name=name,
        vehicles=sums.fates.total(),
        fates=dict(sorted(sums.fates.items(), key=lambda item: (-item[1], item[0]))),
        attempts_mean=sums.attempts / sums.attempted if sums.attempted else None,
        waiting=waiting,
        wanted_wh=round(sums.wanted_wh),
        energy_wh=sums.energy_wh,
        cost_minor=sums.cost_minor,
        unserved_wh=round(sums.unserved_wh),
        attempts=dict(sorted(sums.tried.items())),
        gave_up=dict(sorted(sums.tried_in_vain.items())),
    )
