"""The nodes that a node knows, as JSON: itself, and what it believes of the others, and why."""

from nodes.gossip.node_view import NodeView
from nodes.gossip.reason import Reason, ReasonCode
from nodes.node import Node
from nodes.representation import Json
from nodes.tidings import NodeState


def known_nodes(node: Node) -> list[Json]:
    """Return the node itself first, then the others in order of id. Who was removed is not there."""
    others = [view for _, view in sorted(node.view.nodes.items()) if view.state is not NodeState.REMOVED]
    return [_self_json(node), *(_node_json(node, view) for view in others)]


def _self_json(node: Node) -> Json:
    server, claim, count = node.server, node.membership.members.claim, len(node.server.points())
    return {
        "id": node.id,
        "self": True,
        "state": claim.state if node.forked is None else NodeState.FORKED,
        "epoch": claim.epoch,
        "incarnation": claim.incarnation,
        "url": node.url,
        "points": count,
        "points_seen": count,
        "ver": server.journal.durable_ver,
        "since_ms": node.started_ms,
        "heard_ms": node.clock.now_ms(),
        "stale": False,
        "lag": {"events": 0, "since_ms": None},
        **_own_reason(node).told(),
    }


def _node_json(node: Node, view: NodeView) -> Json:
    state, reason = view.shown
    return {
        "id": view.node_id,
        "self": False,
        "state": state,
        "epoch": view.epoch,
        "incarnation": view.incarnation,
        "url": view.url,
        "points": view.points,
        "points_seen": sum(1 for _ in node.view.points_of(view.node_id)),
        "ver": view.ver,
        "since_ms": view.since_ms,
        "heard_ms": view.heard_ms,
        "stale": not node.catalogue.connected or node.view.is_stale(view.node_id),
        "lag": _lag(view),
        **reason.told(),
    }


def _own_reason(node: Node) -> Reason:
    return Reason(ReasonCode.SELF) if node.forked is None else Reason(ReasonCode.OLD_HISTORY, detail=node.forked)


def _lag(view: NodeView) -> Json:
    """Say how many events the view of a node's points is behind, as far as the node has said, and since when it is."""
    if not view.behind_ms:
        return {"events": 0, "since_ms": None}
    return {"events": max(1, view.ver - (view.synced or (0, 0))[1]), "since_ms": view.behind_ms}
