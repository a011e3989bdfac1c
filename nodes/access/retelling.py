"""A broker that is told later than the node which points there are drops what the node says of a new one, and says nothing."""

from nodes.node import Node

PAUSE_S = 2.0
"""Longer than it takes until a keeper has asked and the broker has read its list anew, a second and a half; a new point is
told again after once or twice as long. Who hears nothing until then asks the node after five (``anti_entropy_ms``)."""


async def tell_new_points_again(node: Node) -> None:
    """Have everything that is known of each new point told once more. Never returns."""
    assert node.gossiper is not None
    known: set[str] = set()
    while True:
        points = node.server.points()
        recent = []
        if len(points) != len(known):
            recent = [point.id for point in points if point.id not in known and point.epoch == node.server.epoch]
            known = {point.id for point in points}
        await node.clock.sleep_s(PAUSE_S)
        for point_id in recent:
            node.gossiper.on_time(point_id)
