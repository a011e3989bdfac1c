"""Fair turns: A B, B A, A B … so that whatever else the machine does meets both alike. Only ratios leave this file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median over rounds of one figure divided by another of the same round, with its extremes."""

    name: str
    median: float
    low: float
    high: float
    rounds: int

    def __str__(self) -> str:
        return f"{self.name}: {self.median:.3g} ({self.low:.3g} .. {self.high:.3g}, {self.rounds} rounds)"


def interleave(measures: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Call every measure once a round, the order reversed in every second round, and give their outcomes in order."""
    outcomes: dict[str, list[T]] = {name: [] for name in measures}
    for turn in range(rounds):
        names = list(measures)
        for name in names if turn % 2 == 0 else reversed(names):
            outcomes[name].append(measures[name]())
    return outcomes


def ratio(name: str, numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
    """Divide round by round."""
    quotients = [a / b for a, b in zip(numerators, denominators, strict=True)]
    return Ratio(name, median(quotients), min(quotients), max(quotients), len(quotients))


def compare(a: Callable[[], float], b: Callable[[], float], rounds: int = 5, name: str = "A / B") -> Ratio:
    """Measure ``a`` and ``b`` in turns and give the ratio a/b."""
    outcomes = interleave({"a": a, "b": b}, rounds)
    return ratio(name, outcomes["a"], outcomes["b"])
