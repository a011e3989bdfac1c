"""Half-open intervals ``[from, until)`` of whole milliseconds."""

from collections.abc import Iterable

Interval = tuple[int, int]


def clipped(intervals: Iterable[Interval], bounds: Interval) -> list[Interval]:
    """Return what lies within the bounds; what is empty is left out."""
    low, high = bounds
    cut = ((max(low, begin), min(high, end)) for begin, end in intervals)
    return [(begin, end) for begin, end in cut if begin < end]


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return what any of them covers, as intervals in rising order that do not touch."""
    merged: list[Interval] = []
    for begin, end in sorted(intervals):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def overlaps(intervals: Iterable[Interval]) -> list[Interval]:
    """Return what two or more of them cover."""
    found: list[Interval] = []
    covered_until: int | None = None
    for begin, end in sorted(intervals):
        if covered_until is not None and begin < covered_until:
            found.append((begin, min(end, covered_until)))
        covered_until = end if covered_until is None else max(covered_until, end)
    return union(found)


def length(intervals: Iterable[Interval]) -> int:
    """Return how long they are together."""
    return sum(end - begin for begin, end in intervals)


def on_grid(intervals: Iterable[Interval], origin: int, step: int) -> list[Interval]:
    """Return them in steps from the origin, rounded; what rounds to nothing is left out."""
    steps = (((begin - origin + step // 2) // step, (end - origin + step // 2) // step) for begin, end in intervals)
    return [(begin, end) for begin, end in steps if begin < end]


def covering_grid(intervals: Iterable[Interval], origin: int, step: int) -> list[Interval]:
    """Return all steps from the origin that they touch: nothing is too short to be seen."""
    return union(((begin - origin) // step, -((origin - end) // step)) for begin, end in intervals)
