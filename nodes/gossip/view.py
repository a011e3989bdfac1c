"""What this node believes of other nodes and their points. A hint for people and vehicles, never a decision.

Of every point only newer versions are believed, so that nothing repeated, reordered or old takes the view back.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError

from nodes.config import Limits
from nodes.domain.ids import owner_of
from nodes.gossip.fingerprint import PointsHash
from nodes.gossip.messages import Availability, Birth, Charging, Death, Digest, Event, Reservations
from nodes.gossip.topics import Kind, Topic, parse_topic
from nodes.ports import Message
from nodes.records import Witness


class NodeState(StrEnum):
    """Whether a node is believed to be there."""

    ALIVE = "ALIVE"
    DEAD = "DEAD"
    UNKNOWN = "UNKNOWN"
    """It was never heard of itself: its address is configured, or a point of it was seen."""


@dataclass(slots=True)
class NodeView:
    """What is believed of a node."""

    node_id: str
    state: NodeState = NodeState.UNKNOWN
    epoch: int = 0
    life: int = 0
    """Which of the node's connections to the broker this is about, within the epoch."""
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
    heard_ms: int = 0
    reason: str = ""


@dataclass(slots=True)
class PointView:
    """What is believed of a point."""

    witness: Witness
    data: Availability


_MODELS: dict[Kind, type[Event[Any]]] = {
    Kind.AVAILABILITY: Event[Availability],
    Kind.RESERVATION: Event[Reservations],
    Kind.CHARGING: Event[Charging],
    Kind.BIRTH: Event[Birth],
    Kind.DEATH: Event[Death],
    Kind.DIGEST: Event[Digest],
}


class View:
    """The view, and the counts of what was heard and why it was not believed."""

    def __init__(self, node_id: str, cluster: str, limits: Limits) -> None:
        self.points: dict[str, PointView] = {}
        self.nodes: dict[str, NodeView] = {}
        self.counts: Counter[str] = Counter()
        """By outcome: ``news``, ``repeated``, ``own``, ``stale``, and why dropped: ``unknown-topic``, ``oversized``,
        ``malformed``, ``forged``, ``over-limit``."""
        self._node_id = node_id
        self._cluster = cluster
        self._limits = limits
        self._hashes: dict[str, PointsHash] = {}

    def hear(self, message: Message, own: Witness, now_ms: int) -> "tuple[Topic, Event[Any]] | None":
        """Take in a message. Returns it when it is news (of another node), None when not.

        ``own`` is this node's epoch and ``ver``: who claims more of this node than it has done itself is lying.
        """
        outcome, news = self._hear(message, own, now_ms)
        self.counts[outcome] += 1
        return news

    def is_stale(self, node_id: str) -> bool:
        """Whether the view of a node's points is known to be behind, or the node is not known to be there."""
        node = self.nodes.get(node_id)
        if node is None or node.state is not NodeState.ALIVE:
            return True
        return node.digest is not None and node.digest != self._hash_of(node_id).text

    def configure(self, node_id: str, url: str) -> None:
        """Learn a node's address from the operator. It stands, whatever is heard."""
        node = self._node(node_id)
        if node is not None:
            node.url, node.is_configured = url, True

    def points_of(self, node_id: str) -> Iterator[PointView]:
        """Yield what is believed of a node's points."""
        return (view for point_id, view in self.points.items() if owner_of(point_id) == node_id)

    def _hear(self, message: Message, own: Witness, now_ms: int) -> "tuple[str, tuple[Topic, Event[Any]] | None]":
        if len(message.payload) > self._limits.gossip_bytes_max:
            return "oversized", None
        read = _read(message.topic, self._cluster, message.payload)
        if isinstance(read, str):
            return read, None
        topic, event = read
        if event.node == self._node_id:
            return ("own" if (event.epoch, event.ver) <= own else "forged"), None
        node = self._node(event.node)
        if node is None:
            return "over-limit", None
        outcome = self._believe(topic, event, node, now_ms)
        if outcome in ("news", "repeated"):
            node.heard_ms = now_ms
        return outcome, ((topic, event) if outcome == "news" else None)

    def _believe(self, topic: Topic, event: Event[Any], node: NodeView, now_ms: int) -> str:
        match topic.kind:
            case Kind.AVAILABILITY:
                return self._believe_availability(event)
            case Kind.BIRTH:
                return self._believe_birth(event, node, now_ms)
            case Kind.DEATH:
                return self._believe_death(event, node, now_ms)
            case Kind.DIGEST:
                return self._believe_digest(event, node)
        return "stale" if event.epoch < node.epoch else "news"

    def _believe_availability(self, event: Event[Availability]) -> str:
        point_id, witness = event.data.id, (event.epoch, event.pointseq)
        known = self.points.get(point_id)
        if known is None and len(self.points) >= self._limits.view_points_max:
            return "over-limit"
        if known is not None:
            order = (*witness, event.data.as_of_ms), (*known.witness, known.data.as_of_ms)
            if order[0] <= order[1]:
                return "repeated" if order[0] == order[1] else "stale"
        self.points[point_id] = PointView(witness, event.data)
        self._hash_of(event.node).set(point_id, event.pointseq)
        return "news"

    def _believe_birth(self, event: Event[Birth], node: NodeView, now_ms: int) -> str:
        born, known = (event.epoch, event.data.life), (node.epoch, node.life)
        if born < known or (born == known and node.state is NodeState.DEAD):
            return "stale"
        if born == known and node.state is NodeState.ALIVE:
            return "repeated"
        if node.state is not NodeState.ALIVE or event.epoch > node.epoch:
            node.since_ms, node.reason = now_ms, "birth"
        if event.epoch > node.ver_epoch:
            node.ver_epoch, node.ver, node.digest = event.epoch, event.ver, None
        if not node.is_configured:
            node.url = event.data.url
        node.state, node.points = NodeState.ALIVE, event.data.points
        node.epoch, node.life = born
        return "news"

    def _believe_death(self, event: Event[Death], node: NodeView, now_ms: int) -> str:
        died, known = (event.epoch, event.data.life), (node.epoch, node.life)
        if died < known:
            return "stale"
        if died == known and node.state is NodeState.DEAD:
            return "repeated"
        node.state, node.since_ms, node.reason = NodeState.DEAD, now_ms, event.data.reason or "death"
        node.epoch, node.life = died
        return "news"

    def _believe_digest(self, event: Event[Digest], node: NodeView) -> str:
        told, known = (event.epoch, event.ver), (node.ver_epoch, node.ver)
        if told < known or event.epoch < node.epoch:
            return "stale"
        if told == known and event.data.points_hash == node.digest:
            return "repeated"
        node.ver_epoch, node.ver, node.digest = *told, event.data.points_hash
        return "news"

    def _node(self, node_id: str) -> NodeView | None:
        node = self.nodes.get(node_id)
        if node is None and len(self.nodes) < self._limits.peers_max:
            node = self.nodes[node_id] = NodeView(node_id)
        return node

    def _hash_of(self, node_id: str) -> PointsHash:
        return self._hashes.setdefault(node_id, PointsHash())


@lru_cache(maxsize=64)
def _read(topic_text: str, cluster: str, payload: bytes) -> tuple[Topic, Event[Any]] | str:
    """Return what a message says, or why it is dropped.

    A broker may deliver a message more than once, and a laboratory delivers one to many nodes of a process.
    """
    topic = parse_topic(topic_text, cluster)
    if topic is None:
        return "unknown-topic"
    try:
        event = _MODELS[topic.kind].model_validate_json(payload)
    except ValidationError:
        return "malformed"
    return (topic, event) if _is_consistent(topic, event) else "forged"


def _is_consistent(topic: Topic, event: Event[Any]) -> bool:
    """Whether the message speaks of what its topic says, and for its own node only."""
    data: BaseModel = event.data
    if isinstance(data, Availability) and data.id != topic.subject:
        return False
    return (
        event.subject == topic.subject
        and event.node == owner_of(topic.subject)
        and event.source == f"/nodes/{event.node}"
    )
