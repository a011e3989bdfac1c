"""Which machine answers at an address: names lead to another one when their node has moved, and not for all at once."""

from random import Random
from typing import Generic, TypeVar

H = TypeVar("H")
_OUTDATED_SHARE = 0.5
"""Of the look-ups of a name that was changed: how many still find what it meant before, because somebody keeps it."""


class Addresses(Generic[H]):
    """URLs and what answers there."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._now: dict[str, H] = {}
        self._before: dict[str, H] = {}

    def lead(self, url: str, host: H) -> None:
        """Let an address lead there; for some look-ups, until it is ``forgotten``, to where it led before."""
        before = self._now.get(url)
        if before is not None:
            self._before[url] = before
        self._now[url] = host

    def forget(self, url: str, host: H) -> None:
        """Let no look-up of an address find that host any more, if another one has its place."""
        if self._before.get(url) is host:
            del self._before[url]

    def find(self, url: str) -> H | None:
        """Return what answers at an address; None: nothing does."""
        before = self._before.get(url)
        if before is not None and self._rng.random() < _OUTDATED_SHARE:
            return before
        return self._now.get(url)
