"""Members without a network: several nodes' beliefs, and a clock that the test moves."""

from dataclasses import replace

from nodes.config import Limits
from nodes.gossip.node_view import NodeView
from nodes.membership.members import Members, Now
from nodes.tidings import Claim, NodeState

LIMITS = Limits()


class Believer:
    """One node's beliefs."""

    def __init__(self, node_id: str, epoch: int = 1, limits: Limits = LIMITS) -> None:
        self.id = node_id
        self.limits = limits
        self.nodes: dict[str, NodeView] = {}
        self.doubted: list[str] = []
        self.changes: list[tuple[str, NodeState]] = []
        self.now = Now(100.0, 1_000_000)
        self.members = Members(
            Claim(node_id, NodeState.ALIVE, epoch, 0, f"http://{node_id}:9000"),
            self.nodes,
            self.know,
            limits,
            on_change=lambda node: self.changes.append((node.node_id, node.state)),
            on_doubt=self.doubted.append,
        )

    def know(self, node_id: str) -> NodeView | None:
        return self.nodes.setdefault(node_id, NodeView(node_id))

    def wait(self, seconds: float) -> None:
        self.now = Now(self.now.s + seconds, self.now.ms + int(seconds * 1000))
        self.members.bury(self.now)

    def state(self, node_id: str) -> NodeState:
        return self.members.state(node_id)

    def order(self, node_id: str) -> tuple[int, int, int]:
        node = self.nodes[node_id]
        return Claim(node_id, node.state, node.epoch, node.incarnation).order

    def tell(self, other: "Believer") -> None:
        """Tell another node all that this one believes, as a ping or an answer does."""
        other.members.meet(self.members.claim, other.now, answered=True)
        for claim in self.members.roster.news((other.id,), self.id, self.limits.news_max):
            other.members.hear(claim, self.id, other.now)

    def talk(self, other: "Believer") -> None:
        """Ping: tell the other one, and hear its answer."""
        self.tell(other)
        other.tell(self)

    def suspect(self, node_id: str) -> None:
        self.members.fail(node_id, 0, self.now)


def claim(node_id: str, state: NodeState = NodeState.ALIVE, *, epoch: int = 1, incarnation: int = 0) -> Claim:
    return Claim(node_id, state, epoch, incarnation, f"http://{node_id}:9000")


def restarted(believer: Believer) -> Believer:
    """Return the same node, a start later: it knows nothing but its epoch."""
    return Believer(believer.id, replace(believer.members.claim).epoch + 1, believer.limits)
