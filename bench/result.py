"""What a benchmark is told and what it tells: options, a table, ratios, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.interleave import Ratio

Row = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how hard. Many short turns: a shared machine's speed drifts by a third within a minute."""

    rounds: int = 9
    duration_s: float = 1.5
    warmup_s: float = 0.5
    connections: int = 32
    points: int = 50
    patience: int = 2  # how often a turn that other programs disturbed is taken again
    sizes: Sequence[int] = (1_000, 10_000, 100_000)  # vehicles
    nodes: Sequence[int] = (3, 10, 25, 50)


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark's outcome. ``notes`` say what was left out and why."""

    title: str
    rows: Sequence[Row]
    ratios: Sequence[Ratio] = ()
    notes: Sequence[str] = field(default_factory=tuple)
