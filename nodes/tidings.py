"""What nodes tell each other of themselves and of others when one asks another whether it is there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter

from nodes.domain.ids import NODE_ID_PATTERN

NEWS_MAX = 64
"""Claims that are read from one message."""
_Count = Annotated[int, Field(ge=0, le=2**53 - 1, strict=True)]
_NodeId = Annotated[str, Field(pattern=NODE_ID_PATTERN)]
_Url = Annotated[str, Field(max_length=300, pattern=r"^https?://[!-~]+$")]


class NodeState(StrEnum):
    """Whether a node is believed to be there."""

    UNKNOWN = "UNKNOWN"
    """Nobody has met it yet: its address is configured or was gossiped, or a point of it was seen."""
    ALIVE = "ALIVE"
    FORKED = "FORKED"
    """What a node finds out for itself, and takes nobody else's word on: it runs on an old copy of its history (a backup, or an old process): what it says now is not built on."""
    SUSPECT = "SUSPECT"
    """It does not answer, or the broker lost it. It has some time to say that it lives."""
    DEAD = "DEAD"
    """That time is over. It is still asked now and then."""
    LEFT = "LEFT"
    """It said farewell."""
    REMOVED = "REMOVED"
    """An operator removed it after it had died or left: it is listed no more, until it comes back."""


_RANKS = {state: rank for rank, state in enumerate(NodeState)}


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says of a node: its state, of which epoch and incarnation.

    Of two claims the one with the higher ``order`` is believed, whatever order they come in. A node answers what is said
    of it with a higher incarnation, which only itself may raise (SWIM, Das, Gupta and Motivala 2002, section 4.2).
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    node: _NodeId
    state: NodeState
    epoch: _Count
    incarnation: _Count
    url: _Url | None = None
    """Where it is reached."""

    @property
    def order(self) -> tuple[int, int, int]:
        """What decides between two claims: epoch, incarnation, and then the worse news."""
        return self.epoch, self.incarnation, _RANKS[self.state]


@dataclass(frozen=True, slots=True)
class Tidings:
    """A node's word on itself, and news of others: a bounded number, none if both know the same."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    sender: Claim
    points: _Count
    """How many points it owns."""
    ver: _Count
    """How far its journal goes, on disk."""
    points_hash: Annotated[str, Field(max_length=64)] | None
    """The fingerprint of its points' versions; None while news of them is on its way anyhow."""
    members_hash: Annotated[str, Field(max_length=64)]
    """The fingerprint of what it believes of all nodes: who believes the same needs no news."""
    met: _Count
    """The highest epoch at which it has met, itself, the node that it speaks to; 0: never."""
    news: Annotated[tuple[Claim, ...], Field(max_length=NEWS_MAX)] = ()
    reached: bool | None = None
    """In an answer: whether the node in question was reached, if one was."""
    vouched: bool = False
    """Whether it met the node that it speaks to at the address that the operator gave."""


TIDINGS: TypeAdapter[Tidings] = TypeAdapter(Tidings)
"""Reads and writes tidings as JSON."""
