"""What this node believes of other nodes and their points. A hint for people and vehicles, never a decision.

Of every point only newer versions are believed, so that nothing repeated, reordered or old takes the view back.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nodes.config import Limits
from nodes.domain.ids import owner_of
from nodes.gossip.fingerprint import PointsHash
from nodes.gossip.messages import Availability, Birth, Death, Digest, Event
from nodes.gossip.reading import lasting, read_message
from nodes.gossip.topics import Kind, Topic
from nodes.ports import Message
from nodes.records import Witness


class NodeState(StrEnum):
    """Whether a node is believed to be there."""

    ALIVE = "ALIVE"
    DEAD = "DEAD"
    FORKED = "FORKED"
    """It runs on an old copy of its history (a backup, or an old process): what it says now is not built on."""
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


@dataclass(slots=True)
class PointView:
    """What is believed of a point."""

    witness: Witness
    data: Availability
    heard: int = 0
    """When it was heard, counted as ``View.serial``."""


class View:
    """The view, and the counts of what was heard and why it was not believed."""

    def __init__(self, node_id: str, cluster: str, limits: Limits) -> None:
        self.points: dict[str, PointView] = {}
        self.nodes: dict[str, NodeView] = {}
        self.counts: Counter[str] = Counter()
        """By outcome: ``news``, ``repeated``, ``own``, ``stale``, and why dropped: ``unknown-topic``, ``oversized``,
        ``malformed``, ``forged``, ``contradicted``, ``over-limit``. What was ``refuted`` had been believed, until its
        owner was asked."""
        self.serial = 0
        """Counts what was believed: what was heard before somebody was asked is told from what was heard since."""
        self.forgotten = 0
        """Points that their owner turned out not to have."""
        self.on_sign: Callable[[str, bool], None] = lambda _node_id, _is_born: None
        """Hears of which node something seems to be missing or wrong here, and whether it was just born."""
        self.on_claim: Callable[[], None] = lambda: None
        """Hears that somebody claims to know more of this node than it has done itself."""
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
        if node is None or node.state is not NodeState.ALIVE or node.doubted:
            return True
        return node.digest is not None and node.digest != self._hash_of(node_id).text

    def needs_word(self, node: NodeView) -> bool:
        """Whether a node is to be asked itself: something is missing or wrong here, or it has gone on for long."""
        epoch, ver = node.attested
        return (
            node.is_missing
            or node.doubted > 0
            or node.state is not NodeState.ALIVE
            or node.epoch > epoch
            or node.ver - ver >= self._limits.attest_events
        )

    def compare(self, node: NodeView) -> None:
        """Find out whether the view of a node's points agrees with its last digest."""
        node.is_missing = node.digest is None or node.digest != self._hash_of(node.node_id).text
        if not node.is_missing:
            node.synced = (node.ver_epoch, node.ver)

    def put(self, point_id: str, witness: Witness, data: Availability) -> bool:
        """Believe this of a point, whatever was believed before. Returns whether there is room for it."""
        if point_id not in self.points and len(self.points) >= self._limits.view_points_max:
            return False
        self.serial += 1
        self.points[point_id] = PointView(witness, data, self.serial)
        self._hash_of(owner_of(point_id)).set(point_id, witness)
        return True

    def forget(self, point_id: str) -> None:
        """Believe that there is no such point."""
        del self.points[point_id]
        self._hash_of(owner_of(point_id)).discard(point_id)
        self.forgotten += 1

    def expect_epoch(self, node_id: str, epoch: int) -> None:
        """Take note that a node answered in an epoch that may not have been heard of yet."""
        node = self.nodes.get(node_id)
        if node is not None and epoch > max(node.epoch, node.ver_epoch):
            node.is_missing = True
            self.on_sign(node_id, False)

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
        read = read_message(message.topic, self._cluster, message.payload)
        if isinstance(read, str):
            return read, None
        topic, event = read
        if event.node == self._node_id:
            if event.epoch <= own[0] and event.ver <= own[1]:
                return "own", None
            self.on_claim()
            return "forged", None
        node = self._node(event.node)
        if node is None:
            return "over-limit", None
        outcome = self._believe(topic, event, node, now_ms)
        if outcome in ("news", "repeated"):
            node.heard_ms = now_ms
        if self.needs_word(node):
            self.on_sign(node.node_id, topic.kind is Kind.BIRTH and outcome == "news")
        return outcome, ((topic, event) if outcome == "news" else None)

    def _believe(self, topic: Topic, event: Event[Any], node: NodeView, now_ms: int) -> str:
        match topic.kind:
            case Kind.AVAILABILITY:
                return self._believe_availability(event, node)
            case Kind.BIRTH:
                return self._believe_birth(event, node, now_ms)
            case Kind.DEATH:
                return self._believe_death(event, node, now_ms)
            case Kind.DIGEST:
                return self._believe_digest(event, node)
        return "stale" if event.epoch < node.epoch else "news"

    def _believe_availability(self, event: Event[Availability], node: NodeView) -> str:
        point_id, witness = event.data.id, (event.epoch, event.pointseq)
        known = self.points.get(point_id)
        if known is not None:
            if witness == known.witness and lasting(event.data) != lasting(known.data):
                node.doubted = self.serial = self.serial + 1
                return "contradicted"
            order = (*witness, event.data.as_of_ms), (*known.witness, known.data.as_of_ms)
            if order[0] <= order[1]:
                return "repeated" if order[0] == order[1] else "stale"
        if not self.put(point_id, witness, event.data):
            return "over-limit"
        if node.is_missing and node.digest is not None:
            self.compare(node)
        return "news"

    def _believe_birth(self, event: Event[Birth], node: NodeView, now_ms: int) -> str:
        born, known = (event.epoch, event.data.life), (node.epoch, node.life)
        if born < known or (born == known and node.state is NodeState.DEAD):
            return "stale"
        if born == known and node.state is NodeState.ALIVE:
            return "repeated"
        is_forked = node.state is NodeState.FORKED
        if not is_forked and (node.state is not NodeState.ALIVE or event.epoch > node.epoch):
            node.since_ms, node.reason = now_ms, "birth"
        if event.epoch > node.ver_epoch:
            node.ver_epoch, node.ver, node.digest = event.epoch, event.ver, None
            node.is_missing = True
        if not node.is_configured:
            node.url = event.data.url
        node.state = NodeState.FORKED if is_forked else NodeState.ALIVE
        node.points = event.data.points
        node.epoch, node.life = born
        self.serial = node.heard = self.serial + 1
        return "news"

    def _believe_death(self, event: Event[Death], node: NodeView, now_ms: int) -> str:
        died, known = (event.epoch, event.data.life), (node.epoch, node.life)
        if died < known:
            return "stale"
        if died == known and node.state in (NodeState.DEAD, NodeState.FORKED):
            return "repeated"
        if node.state is not NodeState.FORKED:
            node.state, node.since_ms, node.reason = NodeState.DEAD, now_ms, event.data.reason or "death"
        node.epoch, node.life = died
        self.serial = node.heard = self.serial + 1
        return "news"

    def _believe_digest(self, event: Event[Digest], node: NodeView) -> str:
        told, known = (event.epoch, event.ver), (node.ver_epoch, node.ver)
        if told < known or event.epoch < node.epoch:
            return "stale"
        is_known = told == known and event.data.points_hash == node.digest
        node.ver_epoch, node.ver, node.digest = *told, event.data.points_hash
        self.compare(node)
        if is_known:
            return "repeated"
        self.serial = node.heard = self.serial + 1
        return "news"

    def _node(self, node_id: str) -> NodeView | None:
        node = self.nodes.get(node_id)
        if node is None and len(self.nodes) < self._limits.peers_max:
            node = self.nodes[node_id] = NodeView(node_id)
        return node

    def _hash_of(self, node_id: str) -> PointsHash:
        found = self._hashes.get(node_id)
        if found is None:
            found = self._hashes[node_id] = PointsHash()
        return found
