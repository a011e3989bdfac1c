"""The removal of a node that has died or left: an operator's act, which a node that comes back undoes by being there."""

import orjson

from nodes.node import Node
from nodes.problems import NODE_ALIVE, UNKNOWN_NODE, problem
from nodes.records import Answer
from nodes.tidings import NodeState


async def remove_node(node: Node, node_id: str) -> Answer:
    """Remove a node from the network's view, and what the broker retains of it. Raises ``NotServing``.

    The other nodes hear of it as they do of all that is believed. What the broker was not reached for is found there by
    whoever comes new, who then asks in vain.
    """
    node.standing.check()
    if node_id == node.id:
        return problem(NODE_ALIVE, f"{node_id} is the node that you ask", node=node_id)
    known = node.view.nodes.get(node_id)
    if known is None or known.state is NodeState.REMOVED:
        return problem(UNKNOWN_NODE, f"{node.id} has never heard of a node {node_id}", node=node_id)
    points = [view.data.id for view in node.view.points_of(node_id)]
    if not node.membership.remove(node_id):
        detail = f"{node_id} is {known.state}: only a node that has died or left is removed"
        return problem(NODE_ALIVE, detail, node=node_id, state=known.state)
    cleared = node.gossiper is not None and await node.gossiper.clear(node_id, points)
    removed = {"id": node_id, "state": known.state, "points": len(points), "cleared": cleared}
    return Answer(200, orjson.dumps(removed))
