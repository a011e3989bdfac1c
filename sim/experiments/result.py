"""What one replication came to."""

from dataclasses import dataclass, field
from typing import Any

from sim.statistics.histogram import Histogram


@dataclass(frozen=True, slots=True)
class Result:
    """One replication, played and audited."""

    key: str
    seed: int
    verdict: str
    """``PASS``, ``FAIL`` or ``INVALID``, as its report says; ``MISTAKE``: the code that ran stopped itself."""
    explanation: str
    trace_hash: str | None
    scenario_hash: str
    figures: dict[str, float | None]
    histograms: dict[str, Histogram]
    from_s: float
    settled: bool
    cpu_s: float
    has_report: bool = False
    report: bytes = field(default=b"", repr=False, compare=False)
    """The page, on its way from a worker; on disk it is a file of its own."""

    @property
    def failed(self) -> bool:
        """Whether something was found that should not be."""
        return self.verdict in ("FAIL", "MISTAKE")

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data, without the page."""
        members = {name: getattr(self, name) for name in _PLAIN}
        return members | {"histograms": {name: each.to_json() for name, each in self.histograms.items()}}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Result":
        """Read the same. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for what is none."""
        histograms = {str(name): Histogram.from_json(each) for name, each in data["histograms"].items()}
        plain = {name: data[name] for name in _PLAIN}
        if not isinstance(plain["figures"], dict) or not isinstance(plain["seed"], int):
            raise TypeError("expected figures and a seed")
        return cls(**plain, histograms=histograms)


_PLAIN = (
    "key", "seed", "verdict", "explanation", "trace_hash", "scenario_hash", "figures", "from_s", "settled", "cpu_s",
    "has_report",
)  # fmt: skip
assert {*_PLAIN, "histograms", "report"} == set(Result.__dataclass_fields__)
