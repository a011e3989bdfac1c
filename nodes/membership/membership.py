"""Membership, put together: what this node tells and hears, by asking and by gossip, and what follows from it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nodes.config import Limits
from nodes.errors import NotServing, Superseded
from nodes.gossip.messages import Event
from nodes.gossip.node_view import NodeView
from nodes.gossip.topics import Kind, Topic
from nodes.gossip.trust import WEIGHT_NEEDED, weight
from nodes.gossip.view import View
from nodes.membership.members import Members, Now
from nodes.membership.prober import Prober
from nodes.ports import Clock, Peers
from nodes.records import Answer
from nodes.request import Ping, Request
from nodes.standing import Standing
from nodes.tidings import TIDINGS, Claim, NodeState, Tidings

FAREWELL = "left"
"""The reason that a death gives when it is a farewell, and no last will."""

_log = logging.getLogger(__name__)


class Membership:
    """Who is there. Needs no broker; with one it hears sooner."""

    def __init__(
        self,
        claim: Claim,
        view: View,
        clock: Clock,
        peers: Peers,
        limits: Limits,
        standing: Standing,
        *,
        state_of_points: Callable[[], tuple[int, int, str | None]],
        on_change: Callable[[NodeView], None],
        on_removed: Callable[[], None],
    ) -> None:
        """``state_of_points`` returns how many points this node owns, how far its journal goes, and the fingerprint of
        the points, if it is to be told. ``on_removed`` hears that somebody removed this node, who lives.
        """
        self._view = view
        self._clock = clock
        self._limits = limits
        self._standing = standing
        self._state_of_points = state_of_points
        self._on_change = on_change
        self._on_removed = on_removed
        self._testimony: dict[str, int] = {}
        """Peers that have met this node at a higher epoch, and what their word weighs."""
        self.members = Members(claim, view.nodes, view.know, limits, on_change=self._changed, on_doubt=self._doubt)
        self.prober = Prober(self.members, view.nodes, clock, peers, limits, write=self.write, read=self.read)

    async def answer(self, ping: Ping) -> Answer:
        """Answer a peer that asks whether this node is there, or reaches another. Raises ``StaleEpoch``."""
        self.read(ping.tidings, None)
        sender = ping.tidings.sender.node
        if ping.reach is None:
            return Answer(200, TIDINGS.dump_json(self.write(sender, None)))
        reached = await self.prober.reach(ping.reach)
        return Answer(200, TIDINGS.dump_json(replace(self.write(sender, ping.reach), reached=reached)))

    def write(self, to: str, about: str | None) -> Tidings:
        """Return what to tell a peer, which is asked about another node or not."""
        members = self.members
        watch = members.watch(to) if to in self._view.nodes else None
        news: tuple[Claim, ...] = ()
        if watch is None or watch.members_hash != members.roster.text:
            first = (to,) if about is None else (to, about)
            news = members.roster.news(first, members.claim.node, self._limits.news_max)
        points, ver, points_hash = self._state_of_points()
        known = self._view.nodes.get(to)
        vouched = known is not None and known.met_as_given
        met, claim, roster = members.met(to), members.claim, members.roster.text
        return Tidings(claim, points, ver, points_hash, roster, met, news, vouched=vouched)

    def read(self, tidings: Tidings, answered_at: str | None) -> None:
        """Take in what a peer tells: one that asks, or that answered at an address. Raises ``StaleEpoch`` when it comes
        from the peer's past, ``NotServing`` when a peer that answered knows this process to be the past.

        Whoever asks may not be who it says it is: what is new about it counts when it has answered.
        """
        members, sender, now = self.members, tidings.sender, self._now()
        if answered_at is not None and tidings.met > members.claim.epoch:
            raise self.supersede(sender.node, answered_at, tidings.met, tidings.vouched)
        known = self._view.nodes.get(sender.node)
        as_given = known is not None and known.is_configured and known.url == answered_at
        if not members.meet(sender, now, answered=answered_at is not None, as_given=as_given):
            self.prober.verify(sender)
            return
        if tidings.met > members.claim.epoch:
            self.prober.doubt(sender.node)
        self._take_in(tidings, now)

    def _take_in(self, tidings: Tidings, now: Now) -> None:
        """Believe what a peer that was met tells of others, and of its points."""
        members, sender = self.members, tidings.sender
        members.watch(sender.node).members_hash = tidings.members_hash
        for claim in tidings.news:
            members.hear(claim, sender.node, now)
            if claim.node == members.claim.node and claim.state is NodeState.REMOVED:
                self._on_removed()
        node = self._view.nodes[sender.node]
        node.points, node.heard_ms = tidings.points, now.ms
        if tidings.points_hash is not None:
            self._view.note_digest(sender.node, (sender.epoch, tidings.ver), tidings.points_hash, now.ms)

    def hear(self, topic: Topic, event: Event[Any]) -> None:
        """Take in news that came by gossip: hints, that have a node asked at once."""
        node = self._view.nodes.get(event.node)
        if node is None:
            return
        now = self._now()
        match topic.kind:
            case Kind.DEATH if event.data.reason == FAREWELL:
                self.members.leave(event.node, event.epoch, now)
            case Kind.DEATH:
                self.members.lose(event.node, event.epoch, now)
            case Kind.BIRTH if event.epoch > node.epoch or node.state is not NodeState.ALIVE:
                self.prober.doubt(event.node)
            case _ if event.epoch >= node.epoch:
                self.members.watch(event.node).heard_s = now.s

    def check_sender(self, node_id: str, request: Request) -> None:
        """Look at who hands a request on. Raises ``StaleEpoch`` when it was met at a higher epoch already, ``Superseded``
        when it has met this node at a higher one: it wants that process, and is asked whether there is one.
        """
        claim = self.members.claim
        if request.from_epoch is not None:
            self.members.check_sender(node_id, request.from_epoch, self._now())
        if request.met_epoch is not None and request.met_epoch > claim.epoch:
            self.prober.doubt(node_id)
            raise Superseded(claim.node, claim.epoch, request.met_epoch)

    def can_ask(self, node_id: str) -> bool:
        """Whether it is known where that node is: one that is promised something must be asked in the end what became of it."""
        node = self._view.nodes.get(node_id)
        return node_id == self.members.claim.node or (node is not None and node.url is not None)

    @property
    def epoch(self) -> int:
        """See ``Fence``."""
        return self.members.claim.epoch

    def met(self, node_id: str) -> int:
        """See ``Fence``."""
        return self.members.met(node_id)

    def supersede(self, peer: str, url: str, epoch: int, vouched: bool) -> NotServing:
        """See ``Fence``. The node stops serving as soon as that weighs enough (``nodes.gossip.trust``). Until then all others are asked."""
        error = Superseded(self.members.claim.node, self.members.claim.epoch, epoch)
        node = self._view.nodes.get(peer)
        if node is not None and node.url == url and peer not in self._testimony:
            self._testimony[peer] = weight(node, vouched)
            if sum(self._testimony.values()) >= WEIGHT_NEEDED:
                self._standing.refuse(error)
            for other in list(self._view.nodes):
                self._doubt(other)
        return error

    def remove(self, node_id: str) -> bool:
        """Remove a node that is not there; tell whether that was done. Its peers hear of it with the next tidings."""
        return self.members.remove(node_id, self._now())

    def _doubt(self, node_id: str) -> None:
        self.prober.doubt(node_id)

    def _changed(self, node: NodeView) -> None:
        _log.info("%s is %s: %s", node.node_id, node.state, node.reason)
        if node.state is NodeState.REMOVED:
            self._view.forget_node(node.node_id)
        self._on_change(node)

    def _now(self) -> Now:
        return Now(self._clock.monotonic_s(), self._clock.now_ms())
