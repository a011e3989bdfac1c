"""Garbage collection during a run: rarely, because nearly everything that a run makes is freed without it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (100_000, 50, 100)
"""Allocations between two collections of the youngest; live nodes do the same (``nodes.serving``)."""


@contextmanager
def few_collections() -> Iterator[None]:
    """While inside, collect rarely."""
    before = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
