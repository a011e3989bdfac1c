"""The highest values of what a node promises to bound (P10)."""

from typing import Any

from nodes.node import Node

Json = dict[str, Any]


class Gauges:
    """Looks at a node now and then and keeps the highest values of its life."""

    def __init__(self, node: Node) -> None:
        limits = node.config.limits
        self._node = node
        self._bounds = {
            "mailbox_depth": limits.mailbox_capacity,
            "requests_in_flight": limits.requests_max,
            "journal_depth": 2 * (limits.segment_records + _SEGMENT_SLACK),
            "answers_in_memory": limits.answers_recent + 2 * (limits.segment_records + _SEGMENT_SLACK),
            "points": limits.points_max,
            "view_points": limits.view_points_max,
            "view_nodes": limits.peers_max,
            "keys_known": limits.keys_known,
            "gossip_backlog": limits.gossip_backlog_points,
            "trips_under_way": limits.trips_max,
        }
        self._highest = dict.fromkeys(self._bounds, 0)

    def look(self, point_id: str | None = None) -> None:
        """Look at the node, and at the mailbox of the point that something is on its way to."""
        node, highest = self._node, self._highest
        server = node.server
        actor = None if point_id is None else server.actors.get(point_id)
        now = (
            0 if actor is None else len(actor.mailbox),
            server.in_flight,
            server.journal.depth,
            len(server.answers),
            len(server.actors),
            len(node.view.points),
            len(node.view.nodes),
            server.answers.keys_known,
            0 if node.gossiper is None else node.gossiper.backlog,
            len(node.trips.coordinator),
        )
        for name, value in zip(highest, now, strict=True):
            if value > highest[name]:
                highest[name] = value

    def told(self) -> list[Json]:
        """Return ``{name, value, bound}`` of each."""
        self.look()
        return [{"name": name, "value": value, "bound": self._bounds[name]} for name, value in self._highest.items()]


_SEGMENT_SLACK = 8
"""Records that one command may add to a segment that was not yet full: its events and its answer."""
