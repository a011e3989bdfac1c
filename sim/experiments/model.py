"""What a sweep came to, as ``sweep.json`` holds it (``docs/experiments.md``)."""

from dataclasses import dataclass
from typing import Any

SCHEMA_VERSION = 2
"""Raised when a member changes its meaning or goes."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval; None: there is too little to tell."""

    value: float
    low: float | None
    high: float | None
    half_width: float | None
    count: int
    """Replications that it is made of."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One replication."""

    seed: int
    verdict: str
    explanation: str
    trace_hash: str | None
    from_s: float
    """The warm-up that was left out."""
    settled: bool
    report: str | None
    """Its page, relative to the sweep's folder; None: it was not kept."""
    command: str
    """Plays it again, with a folder and a page of its own."""
    figures: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class CellRow:
    """One cell of the grid."""

    number: int
    settings: dict[str, Any]
    label: str
    scenario_hash: str
    verdicts: dict[str, int]
    settled: int
    """Replications that found a steady state (all of them, where nobody looked for one)."""
    precise: bool | None
    """Whether the intervals are as narrow as was asked; None: nobody asked."""
    lost: list[str]
    """Why replications could not be played."""
    estimates: dict[str, Interval]
    against: int | None
    """The cell that ``differences`` are from: the one before, on the first axis. None: there is none."""
    differences: dict[str, Interval]
    """This cell minus that one, replications of the same seed paired."""
    runs: list[RunRow]


@dataclass(frozen=True, slots=True)
class AxisRow:
    """A setting that varies."""

    path: str
    values: list[Any]


@dataclass(frozen=True, slots=True)
class SweepReport:
    """A sweep."""

    schema_version: int
    name: str
    description: str
    scenario: str
    scenario_hash: str
    """Of the first cell."""
    command: str
    started: str
    """RFC 3339."""
    versions: dict[str, str]
    engine: str
    confidence: float
    warm_up: float | str
    replications: int
    until_half_width: float | None
    replications_max: int
    measures: list[str]
    axes: list[AxisRow]
    verdict: str
    """``PASS``, ``FAIL``, ``INVALID``, or ``ERROR``: some replications could not be played."""
    explanation: str
    cpu_s: float
    """Of all replications, those reused too."""
    cells: list[CellRow]

    @property
    def runs(self) -> int:
        """How many replications there are."""
        return sum(len(cell.runs) for cell in self.cells)
