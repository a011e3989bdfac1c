"""How much what a peer says of this node itself counts, before this node stops serving because of it.

Anybody may forge gossip, and one forged birth can make a stranger a peer. So one peer is enough only where operators gave
both addresses, this node's to the peer and the peer's to this node; else two must agree.
"""

from nodes.gossip.node_view import NodeView

WEIGHT_NEEDED = 2


def weight(peer: NodeView, vouched: bool) -> int:
    """Return what a peer's word weighs. ``vouched``: it speaks of what it met where its operator said this node is."""
    return WEIGHT_NEEDED if peer.is_configured and vouched else 1
