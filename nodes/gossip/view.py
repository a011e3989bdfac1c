"""What this node believes of other nodes and their points. A hint for people and vehicles, never a decision.

Of every point only newer versions are believed, so that nothing repeated, reordered or old takes the view back.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nodes.config import Limits
from nodes.domain.ids import owner_of
from nodes.gossip.fingerprint import PointsHash
from nodes.gossip.messages import Availability, Birth, Death, Digest, Event
from nodes.gossip.node_view import NodeView
from nodes.gossip.reading import lasting, read_message
from nodes.gossip.topics import Kind, Topic
from nodes.ports import Message
from nodes.records import Witness
from nodes.tidings import NodeState


@dataclass(slots=True)
class PointView:
    """What is believed of a point."""

    witness: Witness
    data: Availability
    heard: int = 0
    """When it was heard, counted as ``View.serial``."""


class View:
    """The view, and the counts of what was heard and why it was not believed."""

    def __init__(self, node_id: str, cluster: str, limits: Limits, *, hears_addresses: bool = True) -> None:
        """``hears_addresses``: whether a birth says where its node is (``NodeConfig``)."""
        self.points: dict[str, PointView] = {}
        self.nodes: dict[str, NodeView] = {}
        self.counts: Counter[str] = Counter()
        """By outcome: ``news``, ``repeated``, ``own``, ``stale``, ``cleared``, and why dropped: ``unknown-topic``, ``oversized``,
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
        self._hears_addresses = hears_addresses
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
        if node is None or node.shown[0] is not NodeState.ALIVE or node.doubted:
            return True
        return node.digest is not None and node.digest != self._hash_of(node_id).text

    def needs_word(self, node: NodeView) -> bool:
        """Whether a node is to be asked itself: something is missing or wrong here, or it has gone on for long.

        Also about an epoch that it has not told of itself: as long as a forged one stands, its digests count as old.
        """
        epoch, ver = node.attested
        return (
            node.is_missing
            or node.doubted > 0
            or node.forked is not None
            or max(node.epoch, node.born_epoch) > epoch
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

    def know(self, node_id: str) -> NodeView | None:
        """Return what is believed of a node, new or known; None when there is no room for a new one."""
        return self._node(node_id)

    def note_digest(self, node_id: str, told: Witness, points_hash: str, now_ms: int) -> None:
        """Take in how far a node says it is (epoch and ``ver``), and the fingerprint of its points' versions."""
        node = self._node(node_id)
        if node is not None:
            self._take_digest(node, told, points_hash)
            if told[0] < node.attested[0] or told[1] < node.attested[1]:
                node.is_missing = True  # it was further when it was asked: its past speaks, or an old copy of it runs
            self._note_lag(node, now_ms)
            if self.needs_word(node):
                self.on_sign(node_id, False)

    def forget_node(self, node_id: str) -> None:
        """Forget all points of a node that was removed."""
        for point_id in [point_id for point_id in self.points if owner_of(point_id) == node_id]:
            self.forget(point_id)
        node = self.nodes.get(node_id)
        if node is not None:
            node.digest, node.synced, node.is_missing, node.behind_ms, node.points = None, None, False, 0, 0

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
        outcome = self._believe(topic, event, node)
        if outcome in ("news", "repeated"):
            node.heard_ms = now_ms
            self._note_lag(node, now_ms)
        if self.needs_word(node):
            self.on_sign(node.node_id, topic.kind is Kind.BIRTH and outcome == "news")
        return outcome, ((topic, event) if outcome == "news" else None)

    def _believe(self, topic: Topic, event: Event[Any], node: NodeView) -> str:
        if event.epoch < node.met_epoch:
            return "stale"  # a past process of it speaks, or did
        match topic.kind:
            case Kind.AVAILABILITY:
                return self._believe_availability(event, node)
            case Kind.BIRTH:
                return self._believe_birth(event, node)
            case Kind.DEATH:
                return self._believe_death(event, node)
            case Kind.DIGEST:
                return self._believe_digest(event, node)
        return "stale" if event.epoch < node.born_epoch else "news"

    def _believe_availability(self, event: Event[Availability], node: NodeView) -> str:
        if node.state is NodeState.REMOVED and event.epoch <= node.epoch:
            return "stale"
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

    def _believe_birth(self, event: Event[Birth], node: NodeView) -> str:
        born, known = (event.epoch, event.data.life), (node.born_epoch, node.life)
        if born < known or (born == known and node.is_over):
            return "stale"
        if born == known:
            return "repeated"
        if event.epoch > node.ver_epoch:
            node.ver_epoch, node.ver, node.digest = event.epoch, event.ver, None
            node.is_missing = True
        if self._hears_addresses and not node.is_configured:
            node.url = event.data.url
        node.points, node.is_over = event.data.points, False
        node.born_epoch, node.life = born
        self.serial = node.heard = self.serial + 1
        return "news"

    def _believe_death(self, event: Event[Death], node: NodeView) -> str:
        died, known = (event.epoch, event.data.life), (node.born_epoch, node.life)
        if died < known:
            return "stale"
        if died == known and node.is_over:
            return "repeated"
        node.born_epoch, node.life = died
        node.is_over = True
        self.serial = node.heard = self.serial + 1
        return "news"

    def _believe_digest(self, event: Event[Digest], node: NodeView) -> str:
        return self._take_digest(node, (event.epoch, event.ver), event.data.points_hash)

    def _take_digest(self, node: NodeView, told: Witness, points_hash: str) -> str:
        known = (node.ver_epoch, node.ver)
        if told < known or told[0] < max(node.born_epoch, node.met_epoch):
            return "stale"
        is_known = told == known and points_hash == node.digest
        node.ver_epoch, node.ver, node.digest = *told, points_hash
        self.compare(node)
        if is_known:
            return "repeated"
        self.serial = node.heard = self.serial + 1
        return "news"

    def _note_lag(self, node: NodeView, now_ms: int) -> None:
        if node.digest is None or not node.is_missing:
            node.behind_ms = 0
        elif not node.behind_ms:
            node.behind_ms = now_ms

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
