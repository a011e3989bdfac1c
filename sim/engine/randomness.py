"""Randomness keyed by identity: who draws, and what for; never by the order of the calls.

Adding a vehicle changes no other vehicle, and one draw more in one place changes nothing in another.
"""

from random import Random


class Randomness:
    """Gives a generator of its own to everybody who asks."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def stream(self, name: str, identity: int | str = "") -> Random:
        """Return the generator of that name and identity. Asked again, it begins anew."""
        return Random(f"{self.seed}/{name}/{identity}")  # noqa: S311 - a simulation wants to repeat
