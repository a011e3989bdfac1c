"""Sums over seeds."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sim.explore.outcome import SeedOutcome
from sim.measure.percentiles import percentile


@dataclass(slots=True)
class Tally:
    """What an exploration came to so far."""

    seeds: int = 0
    failed: list[int] = field(default_factory=list)
    """Seeds that broke a promise or ended by a mistake, rising."""
    virtual_s: float = 0.0
    cpu_s: float = 0.0
    audit_cpu_s: float = 0.0
    figures: Counter[str] = field(default_factory=Counter)
    agreed_ms: Counter[int] = field(default_factory=Counter)
    """How many views agreed with their owners after so many ms, when nothing was broken or asked any more."""

    def add(self, outcome: SeedOutcome) -> None:
        """Count a seed."""
        self.seeds += 1
        if outcome.failed:
            self.failed = sorted([*self.failed, outcome.seed])
        self.virtual_s += outcome.virtual_s
        self.cpu_s += outcome.cpu_s
        self.audit_cpu_s += outcome.audit_cpu_s
        self.figures.update(outcome.figures)
        self.agreed_ms.update(outcome.agreed_ms)

    @property
    def times_the_clock(self) -> float:
        """Virtual seconds per CPU-second, the audit's included."""
        return self.virtual_s / self.cpu_s if self.cpu_s else 0.0

    @property
    def times_the_clock_without_audit(self) -> float:
        """Virtual seconds per CPU-second of playing alone."""
        played_s = self.cpu_s - self.audit_cpu_s
        return self.virtual_s / played_s if played_s > 0 else 0.0

    @property
    def convergence_ms(self) -> dict[str, int]:
        """After how long views agreed: their number, median, 99th percentile and the last; empty without any."""
        ordered = sorted(self.agreed_ms.elements())
        if not ordered:
            return {}
        shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
        return {"views": len(ordered)} | {name: int(percentile(ordered, share)) for name, share in shares.items()}

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "seeds": self.seeds,
            "failed_seeds": self.failed,
            "virtual_s": round(self.virtual_s, 3),
            "cpu_s": round(self.cpu_s, 3),
            "audit_cpu_s": round(self.audit_cpu_s, 3),
            "times_the_clock": round(self.times_the_clock, 1),
            "times_the_clock_without_audit": round(self.times_the_clock_without_audit, 1),
            "convergence_ms": self.convergence_ms,
            "figures": dict(sorted(self.figures.items())),
        }
