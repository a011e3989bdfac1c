"""Chance keyed by what it is about: one message more changes the luck of no other message."""

from hashlib import blake2b
from random import Random


class Chance:
    """Random numbers by label. The same seed and label give the same numbers."""

    def __init__(self, seed: int, name: str) -> None:
        self._key = f"{seed}/{name}".encode()[:64]
        self._rng = Random(0)  # noqa: S311 - a simulation wants to repeat

    def number(self, label: str) -> int:
        """Return a number from [0, 2**64) for that label: enough for one or two cheap decisions."""
        return int.from_bytes(blake2b(label.encode(), digest_size=8, key=self._key).digest(), "big")

    def of(self, label: str) -> Random:
        """Return the generator for that label. It is valid until the next call."""
        self._rng.seed(self.number(label))
        return self._rng
