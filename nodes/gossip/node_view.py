"""What is believed of another node."""

from dataclasses import dataclass

from nodes.gossip.reason import Reason, ReasonCode
from nodes.records import Witness
from nodes.tidings import NodeState

_NEVER_MET = Reason(ReasonCode.NEVER_MET)


@dataclass(slots=True)
class NodeView:
    """What is believed of a node."""

    node_id: str
    state: NodeState = NodeState.UNKNOWN
    epoch: int = 0
    incarnation: int = 0
    """How often it has said, within the epoch, that it lives after all."""
    born_epoch: int = 0
    """The epoch of the last birth or death that was heard of it: gossip, which anybody may forge."""
    life: int = 0
    """Which of the node's connections to the broker that was about, within that epoch."""
    is_over: bool = False
    """Whether that connection has ended."""
    url: str | None = None
    is_configured: bool = False
    """Whether the operator gave the URL. Then gossip, which anybody may forge, does not lead requests elsewhere."""
    points: int = 0
    since_ms: int = 0
    """Civil time of the last change of state, by this node's clock."""
    ver: int = 0
    """How far its journal went when it was last heard of."""
    ver_epoch: int = 0
    """The epoch in which it went that far; its digest may be heard before its birth."""
    digest: str | None = None
    """What it last said the hash of its points' versions is."""
    behind_ms: int = 0
    """Civil time since when the view of its points is known to be behind; 0: it is not."""
    heard_ms: int = 0
    reason: Reason = _NEVER_MET
    forked: str | None = None
    """Why nothing it says is built on, though it may be there: it runs on an old copy of its history. None: it does not."""
    met_epoch: int = 0
    """The highest epoch at which it told of itself directly, as a peer that asked or answered."""
    met_as_given: bool = False
    """Whether that was at the address that the operator gave."""
    attested: Witness = (0, 0)
    """The highest epoch and ``ver`` that it told of itself when it was asked: no hearsay."""
    synced: Witness | None = None
    """The epoch and ``ver`` up to which nothing of it seems to be missing here; None: nothing is known to be complete."""
    is_missing: bool = False
    """Whether its last digest said of other versions than there are here, and none has agreed since."""
    doubted: int = 0
    """When something of it contradicted itself, counted as ``View.serial``; 0: nothing does."""
    heard: int = 0
    """When it was last heard of itself, counted as ``View.serial``."""

    @property
    def shown(self) -> tuple[NodeState, Reason]:
        """What people are told: its state, and why it is believed."""
        if self.forked is not None and self.state in (NodeState.UNKNOWN, NodeState.ALIVE, NodeState.SUSPECT):
            return NodeState.FORKED, Reason(ReasonCode.OLD_HISTORY, detail=self.forked)
        return self.state, self.reason
