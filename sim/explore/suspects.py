"""Groups of vehicles that may suffice for a failure: a guess that spares the shrinker most of its tries."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sim.explore.cut_history import readable_lines
from sim.explore.outcome import Broken, Mistake
from sim.history import Json

_LAST_LINES = 60
"""Before a mistake."""


def suspected(violations: list[Broken], history: Path) -> list[Broken]:
    """Return the violations with groups of vehicles, the smallest first: who is named, who used the point, or the node."""
    lines = readable_lines(history) if violations else []
    return [replace(each, suspects=_groups(each, lines)) for each in violations]


def suspected_of_mistake(mistake: Mistake, history: Path) -> Mistake:
    """Return the mistake with the vehicles that asked for something just before."""
    return replace(mistake, suspects=[group for group in [_vehicles(readable_lines(history)[-_LAST_LINES:])] if group])


def _groups(broken: Broken, lines: list[Json]) -> list[list[int]]:
    point = broken.point or ""
    owner = point.partition(".")[0]
    groups = [
        _vehicles(lines[index] for index in broken.history if index < len(lines)),
        _vehicles(line for line in lines if line.get("point") == point),
        _vehicles(line for line in lines if line.get("point", "").partition(".")[0] == owner),
    ]
    return [list(each) for each in dict.fromkeys(tuple(group) for group in groups if group)]


def _vehicles(lines: Iterable[Json]) -> list[int]:
    return sorted({line["vehicle"] for line in lines if line.get("vehicle", -1) >= 0})
