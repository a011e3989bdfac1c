"""What clients are told of nodes, for the documentation: it is encoded in ``nodes.node_list`` and ``nodes.removal``."""

from pydantic import Field

from nodes.api.answers import AnswerModel
from nodes.api.fields import Millis, NodeId
from nodes.gossip.reason import ReasonCode
from nodes.tidings import NodeState


class LagAnswer(AnswerModel):
    """How far a view is behind what the node itself has said of its points."""

    events: int = Field(description="0: not at all")
    since_ms: Millis | None = Field(description="since when that is known")


class ReasonValues(AnswerModel):
    """What belongs to a reason; null: nothing does."""

    by: NodeId | None = Field(description="who says so")
    probes: int | None = Field(description="how often it was asked in vain")
    indirect: int | None = Field(description="how often others were, on this node's behalf")


class NodeAnswer(AnswerModel):
    """A node as this node sees it."""

    id: NodeId
    self: bool = Field(description="whether it is the one that answers")
    state: NodeState
    epoch: int
    incarnation: int = Field(description="how often it has said, within the epoch, that it lives after all")
    url: str | None
    points: int = Field(description="how many points it owns")
    points_seen: int = Field(description="how many of them are in this node's view")
    ver: int = Field(description="how far its journal goes, as far as this node has heard")
    since_ms: Millis = Field(description="since when it is in that state, by this node's clock; 0: always")
    heard_ms: Millis
    stale: bool
    lag: LagAnswer
    reason: str = Field(description="why, in English", examples=["no answer to 3 probes, 2 indirect"])
    reason_code: ReasonCode = Field(description="why, for programs", examples=["UNANSWERED"])
    reason_values: ReasonValues


class RemovedAnswer(AnswerModel):
    """A node that was removed."""

    id: NodeId
    state: NodeState
    points: int = Field(description="how many of its points this node knew")
    cleared: bool = Field(
        description=(
            "whether this node has heard from the broker, within 2 s, that it retains nothing of it any more; false with one"
            " that was not reached, and with one whose access list lets nodes speak for themselves only"
        )
    )


class NodeList(AnswerModel):
    """All nodes this node has heard of, itself first."""

    items: list[NodeAnswer]
