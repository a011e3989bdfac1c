"""What became of the vehicles, by class."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.measure.percentiles import percentile

SERVED = "served"


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

    @property
    def served(self) -> int:
        """How many charged."""
        return self.fates.get(SERVED, 0)


@dataclass(slots=True)
class _Sums:
    fates: Counter[str] = field(default_factory=Counter)
    waited_s: "array[float]" = field(default_factory=lambda: array("d"))
    attempts: int = 0
    attempted: int = 0
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
        if value["fate"] == SERVED:
            sums.waited_s.append(value["waited_s"])
            sums.wanted_wh += value.get("wanted_wh", 0)
            sums.energy_wh += value["energy_wh"]
            sums.cost_minor += value["cost_minor"]

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
    )
