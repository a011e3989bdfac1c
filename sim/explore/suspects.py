"""Groups of vehicles that may suffice for a failure: a guess that spares the shrinker most of its tries."""

from collections.abc import Iterable
from pathlib import Path

from sim.explore.cut_history import readable_lines
from sim.explore.outcome import SeedOutcome, Signature
from sim.history import Json

_LAST_LINES = 60
"""Before a mistake."""


def suspects(outcome: SeedOutcome, signature: Signature, history: Path) -> list[list[int]]:
    """Return groups, the smallest first: who is named by the violation, who used its point, who used its node."""
    lines = readable_lines(history)
    broken = next((each for each in outcome.violations if (each.promise, each.check) == signature), None)
    if broken is None:
        groups = [_vehicles(lines[-_LAST_LINES:])]
    else:
        point = broken.point or ""
        groups = [
            _vehicles(lines[index] for index in broken.history if index < len(lines)),
            _vehicles(line for line in lines if line.get("point") == point),
            _vehicles(line for line in lines if line.get("point", "").partition(".")[0] == point.partition(".")[0]),
        ]
    return [list(each) for each in dict.fromkeys(tuple(group) for group in groups if group)]


def _vehicles(lines: Iterable[Json]) -> list[int]:
    return sorted({line["vehicle"] for line in lines if line.get("vehicle", -1) >= 0})
