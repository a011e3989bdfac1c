"""The smallest part of a list that still fails (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing
Input, IEEE TSE 28(2), 2002).
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")

FirstThatFails = Callable[[Sequence[list[T]]], int | None]
"""Given lists, the place of the first that still fails; None: none of them does."""


def ddmin(items: Sequence[T], first_that_fails: FirstThatFails[T]) -> list[T]:
    """Return a part of ``items`` that still fails and from which no single one can be left out, order kept.

    ``items`` itself is taken to fail. The empty list is asked for first.
    """
    kept = list(items)
    if not kept or first_that_fails([[]]) == 0:
        return []
    parts = 2
    while len(kept) > 1:
        chunks = _chunks(kept, parts)
        without = [[item for other in chunks if other is not chunk for item in other] for chunk in chunks]
        candidates = chunks + (without if parts > 2 else [])
        place = first_that_fails(candidates)
        if place is None:
            if parts >= len(kept):
                break
            parts = min(len(kept), 2 * parts)
        else:
            parts = 2 if place < len(chunks) else max(2, parts - 1)
            kept = candidates[place]
    return kept


def _chunks(items: list[T], parts: int) -> list[list[T]]:
    bounds = [len(items) * part // parts for part in range(parts + 1)]
    return [items[start:end] for start, end in pairwise(bounds)]
