"""Drivers who stand in line in front of points that are taken: who came first plugs in first.

There is one line for all points, and everybody in it wants one of some of them: who leaves a point calls the first who wants
that one. Where all want the same points, that is the queue of queueing theory (first come, first served).
"""

from collections.abc import Collection
from dataclasses import dataclass

from simpy import Environment
from simpy.events import Event


@dataclass(slots=True)
class Place:
    """One driver's place in the line."""

    wanted: Collection[str]
    """The points that would do."""
    turn: Event
    """Happens when the driver is called, with the point's id; to be renewed by ``Line.stay``."""

    @property
    def called_to(self) -> str | None:
        """The point that the driver is called to."""
        return self.turn.value if self.turn.triggered else None


class Line:
    """Who waits, in the order of coming. What vehicles leave is called out; what else becomes free they see by looking."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._vacant: dict[str, None] = {}
        """Points that somebody left when nobody in line wanted them, in that order; nobody has taken them since."""

    def __len__(self) -> int:
        return len(self._places)

    def join(self, environment: Environment, wanted: Collection[str]) -> Place:
        """Stand at the end of the line. Who finds a point that was just left is called to it at once."""
        place = Place(wanted, environment.event())
        self._places.append(place)
        self._call_to_vacant(place)
        return place

    def stay(self, environment: Environment, place: Place) -> None:
        """Wait on, at the same place, after the point that one was called to could not be had."""
        point_id = place.called_to
        assert point_id is not None
        place.turn = environment.event()
        self._vacant.pop(point_id, None)
        self._call_to_vacant(place)

    def leave(self, place: Place, took: str | None) -> None:
        """Leave the line, having plugged in at a point or given up; who gives up a point hands it on to the next."""
        self._places.remove(place)
        called_to = place.called_to
        if called_to is not None and called_to != took:
            self.freed(called_to)

    def freed(self, point_id: str) -> None:
        """Say that a vehicle has left a point."""
        for place in self._places:
            if not place.turn.triggered and point_id in place.wanted:
                place.turn.succeed(point_id)
                return
        self._vacant[point_id] = None

    def taken(self, point_id: str) -> None:
        """Say that a vehicle has plugged in."""
        self._vacant.pop(point_id, None)

    def is_spoken_for(self, point_id: str, place: Place | None = None) -> bool:
        """Whether somebody who came earlier is called to a point, or wants it: nobody jumps the line."""
        for other in self._places:
            if other is place:
                return False
            if other.called_to == point_id or (not other.turn.triggered and point_id in other.wanted):
                return True
        return False

    def _call_to_vacant(self, place: Place) -> None:
        point_id = next((each for each in self._vacant if each in place.wanted), None)
        if point_id is not None:
            del self._vacant[point_id]
            place.turn.succeed(point_id)
