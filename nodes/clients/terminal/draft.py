"""A trip that is being put together: stops in order of time, and what was said of them."""

from dataclasses import dataclass

from nodes.clients.errors import Problem
from nodes.clients.network import StopWish, new_key

STOPS_MAX = 20
"""A node takes no more."""


@dataclass(slots=True)
class Draft:
    """Stops in order of time. ``key`` is that of the wish: it is kept while the stops are as they are."""

    stops: tuple[StopWish, ...] = ()
    key: str = ""
    failed: int | None = None
    """The stop that could not be had when it was asked last."""
    offer: tuple[int, int] | None = None
    """The window that was offered for it."""

    def add(self, stop: StopWish) -> int:
        """Put a stop where its time is; return its number, from 0."""
        self._become(tuple(sorted((*self.stops, stop), key=lambda each: each.start_ms)))
        return self.stops.index(stop)

    def remove(self, number: int) -> None:
        """Take a stop out."""
        self._become(self.stops[:number] + self.stops[number + 1 :])

    def clear(self) -> None:
        """Take all out."""
        self._become(())

    def ask(self) -> str:
        """Return the key to ask under: the one before, if nothing was decided under it."""
        self.key = self.key or new_key()
        return self.key

    def refused(self, problem: Problem) -> None:
        """Take note of a refusal: what is asked next is another wish."""
        self.key, self.failed, self.offer = "", problem.stop, problem.alternative

    def take_offer(self) -> bool:
        """Move the stop that failed to the window that was offered, and later stops with it, as far as they must."""
        if self.offer is None or self.failed is None or self.failed >= len(self.stops):
            return False
        stops = list(self.stops)
        stops[self.failed] = stops[self.failed].moved(*self.offer)
        for number in range(self.failed + 1, len(stops)):
            late_ms = stops[number - 1].end_ms - stops[number].start_ms
            if late_ms > 0:
                stops[number] = stops[number].moved(stops[number].start_ms + late_ms, stops[number].end_ms + late_ms)
        self._become(tuple(stops))
        return True

    def _become(self, stops: tuple[StopWish, ...]) -> None:
        self.stops, self.key, self.failed, self.offer = stops, "", None, None
