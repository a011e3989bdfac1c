"""Ranges of seeds as people write them."""

import re

from sim.explore.errors import BadSeeds

SEEDS_MAX = 10_000_000
"""In one exploration: a year of it on one core. More is a slip of the pen."""
_SEED_MAX = 2**63 - 1
_RANGE = re.compile(r"([0-9]{1,19})(?:\.\.([0-9]{1,19}))?")


def parse_seeds(text: str) -> range:
    """Return the seeds of ``A..B``, both included, or of a single ``N``. Raises ``BadSeeds``, in one line."""
    shown = text if len(text) <= 60 and text.isprintable() else ascii(text)[:60]
    found = _RANGE.fullmatch(text)
    if found is None:
        raise BadSeeds(f"--seeds {shown}: expected A..B with whole numbers from 0 on, such as 1..200, or a single one")
    first, last = int(found[1]), int(found[2] or found[1])
    if max(first, last) > _SEED_MAX:
        raise BadSeeds(f"--seeds {shown}: expected numbers up to {_SEED_MAX}")
    if last < first:
        raise BadSeeds(f"--seeds {shown}: runs backwards; did you mean {last}..{first}?")
    if last - first >= SEEDS_MAX:
        raise BadSeeds(f"--seeds {shown}: expected at most {SEEDS_MAX:,} seeds, found {last - first + 1:,}")
    return range(first, last + 1)
