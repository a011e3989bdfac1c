"""How full the bounded things of each node came to be, and how fast views agreed in the end; as the run says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.measure.percentiles import percentile


@dataclass(frozen=True, slots=True)
class Gauge:
    """Something that has a bound."""

    node: str
    name: str
    highest: int
    """Of all its lives."""
    bound: int


@dataclass(slots=True)
class Gauges:
    """Collects them, line by line."""

    _found: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def add(self, node: str, told: Sequence[Mapping[str, Any]]) -> None:
        """Take what one life of a node tells."""
        for each in told:
            highest, _ = self._found.get((node, each["name"]), (0, 0))
            self._found[node, each["name"]] = max(highest, int(each["value"])), int(each["bound"])

    def all(self) -> list[Gauge]:
        """Return them, by node, in the order in which they were told."""
        found = [Gauge(node, name, *both) for (node, name), both in self._found.items()]
        return sorted(found, key=lambda gauge: gauge.node)


@dataclass(frozen=True, slots=True)
class ProcessUse:
    """What a process of a local run had used in its last life when the run ended."""

    name: str
    """A node's id, ``broker``, or ``vehicles``: the load generator."""
    cpu_s: float
    rss_peak_bytes: int


@dataclass(frozen=True, slots=True)
class Agreed:
    """When the views agreed with their owners, after the network was left alone at the end of a run."""

    views: int
    late: int
    """That did not in time."""
    within_ms: int | None
    """What they had: two rounds of anti-entropy. None, like ``p50_ms``, of a local run."""
    p50_ms: float | None
    max_ms: float | None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Agreed":
        """Return what the run's line says."""
        after_ms = sorted(value["after_ms"])
        late = len(value.get("late", ()))
        p50_ms, max_ms = (percentile(after_ms, 0.5), after_ms[-1]) if after_ms else (None, None)
        return cls(len(after_ms) + late, late, int(value["within_ms"]), p50_ms, max_ms)

    @classmethod
    def of_calm(cls, value: Mapping[str, Any]) -> "Agreed":
        """Return the same of a local run, which says only when all agreed."""
        agreed_ms, late = value["agreed_ms"], len(value.get("late") or ())
        return cls(int(value["views"]), late, None, None, None if late else agreed_ms)
