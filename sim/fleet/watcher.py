"""Whoever only looks: asks nodes what they believe of others' points, and for the very points that somebody is changing."""

from collections.abc import Generator
from random import Random
from typing import Any

from simpy.events import Event

from nodes.request import ReadPoint, Request
from sim.fleet.desk import Desk, Identity

_VIEWS_PROCESS = -1_000_000
_POINTS_PROCESS = -2_000_000
"""Where the processes of the two that ask begin: far from each other, and from those who ask when all is over."""


class Watcher:
    """Changes nothing. What it is told is in the history, for the audit."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def watch_views(self, rng: Random, per_hour: float) -> Generator[Event, Any, None]:
        """Ask now and then what a node believes of another's point."""
        desk, nodes = self._desk, self._desk.city.node_ids
        if per_hour <= 0 or len(nodes) < 2:
            return
        reader = Identity(-1, "watcher", _VIEWS_PROCESS)
        while not desk.closing.triggered:
            yield desk.environment.timeout(rng.expovariate(per_hour / 3600)) | desk.closing
            point_id = rng.choice(desk.city.points).id
            others = [node for node in nodes if node != point_id.partition(".")[0]]
            yield desk.bridge.event_of(desk.view(reader, rng.choice(others), point_id))

    def watch_points(self, rng: Random, per_hour: float) -> Generator[Event, Any, None]:
        """Ask any node, now and then, for the point itself that somebody wants to change in this moment.

        Such a question meets the change while it is on its way to disk; one at any other time would tell what has
        long been there.
        """
        desk, nodes = self._desk, self._desk.city.node_ids
        reader = Identity(-1, "watcher", _POINTS_PROCESS)
        while per_hour > 0 and not desk.closing.triggered:
            yield desk.environment.timeout(rng.expovariate(per_hour / 3600)) | desk.closing
            change = desk.next_change()
            yield change | desk.closing
            if desk.closing.triggered:
                return
            assert change.value is not None, "a change is one of a point"
            read = Request(change.value, ReadPoint())
            yield desk.bridge.event_of(desk.ask(reader, "read", rng.choice(nodes), read, {"what": "point"}))
