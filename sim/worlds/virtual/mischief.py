"""The laboratory's side of ``nodes.buggify``: some places misbehave, now and then."""

from collections import Counter
from collections.abc import Sequence
from random import Random

_FIRES = 0.25
"""Of the times that an active place is come by; as in FoundationDB's simulation."""


class Mischief:
    """The ``Buggify`` port. ``places`` are the active ones; none is, once ``is_over``."""

    def __init__(self, places: Sequence[str], rng: Random) -> None:
        self.counts: Counter[str] = Counter()
        self.is_over = False
        self._places = frozenset(places)
        self._rng = rng

    def __call__(self, place: str) -> bool:
        """See ``Buggify``."""
        if self.is_over or place not in self._places or self._rng.random() >= _FIRES:
            return False
        self.counts[place] += 1
        return True
