"""What is believed of every node: a state machine without a clock, a task or a message of its own.

::

    UNKNOWN -> ALIVE <-> SUSPECT -> DEAD        ALIVE again by a higher epoch or incarnation
                  any -> LEFT                   it said farewell
           DEAD, LEFT -> REMOVED                an operator removed it

Beliefs are claims, and the highest claim wins (``nodes.tidings``). Only a node itself, met directly, brings its epoch and
incarnation into the world: gossip, which anybody may forge, can have it asked at once, and suspected, no more.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from nodes.config import Limits
from nodes.errors import StaleEpoch
from nodes.gossip.node_view import NodeView
from nodes.gossip.reason import Reason, ReasonCode
from nodes.membership.roster import Roster
from nodes.membership.suspicion import confirmations_wanted, suspicion_s
from nodes.membership.watch import Watch
from nodes.tidings import Claim, NodeState


class Now(NamedTuple):
    """Process time in seconds, for waits; civil time in milliseconds, for people."""

    s: float
    ms: int


class Members:
    """The beliefs of one node. ``on_change`` hears of every node whose state changed, ``on_doubt`` of whom to ask at once."""

    def __init__(
        self,
        self_claim: Claim,
        nodes: Mapping[str, NodeView],
        know: Callable[[str], NodeView | None],
        limits: Limits,
        *,
        on_change: Callable[[NodeView], None],
        on_doubt: Callable[[str], None],
    ) -> None:
        """``know`` returns what is believed of a node, new or known; None when there is no room for a new one."""
        self.claim = self_claim
        """This node's word on itself."""
        self.roster = Roster()
        self.roster.put(self_claim)
        self._nodes = nodes
        self._know = know
        self._limits = limits
        self._on_change = on_change
        self._on_doubt = on_doubt
        self._watches: dict[str, Watch] = {}

    def watch(self, node_id: str) -> Watch:
        """Return what is noted of a peer."""
        watch = self._watches.get(node_id)
        if watch is None:
            watch = self._watches[node_id] = Watch()
        return watch

    def state(self, node_id: str) -> NodeState:
        """Return what is believed of a node."""
        node = self._nodes.get(node_id)
        return NodeState.UNKNOWN if node is None else node.state

    def met(self, node_id: str) -> int:
        """Return the highest epoch at which a node was met; 0: it never was."""
        node = self._nodes.get(node_id)
        return 0 if node is None else node.met_epoch

    def check_sender(self, node_id: str, epoch: int, now: Now) -> None:
        """Take note that a peer hands a request on. Raises ``StaleEpoch`` when it was met at a higher epoch already."""
        node = self._nodes.get(node_id)
        if node is None:
            return
        if epoch < node.met_epoch:
            raise StaleEpoch(node_id, epoch, node.met_epoch, vouched=node.met_as_given)
        self.watch(node_id).heard_s = now.s
        if epoch > node.met_epoch:
            self._on_doubt(node_id)

    def meet(self, claim: Claim, now: Now, *, answered: bool, as_given: bool = False) -> bool:
        """Take a peer's word on itself, told directly. Returns whether the peer is known at that epoch.

        A new epoch, or a new peer, is only believed when it ``answered``, at the address where it says it is: anybody
        may ask in another's name. ``as_given``: that address is the one that the operator gave. Raises ``StaleEpoch`` when
        it was met at a higher epoch already.
        """
        if claim.node == self.claim.node or claim.state not in (NodeState.ALIVE, NodeState.LEFT):
            return False
        met = self.met(claim.node)
        if claim.epoch < met:
            raise StaleEpoch(claim.node, claim.epoch, met, vouched=self._nodes[claim.node].met_as_given)
        if not answered and (met == 0 or claim.epoch > met):
            return False
        node = self._know(claim.node)
        if node is None:
            return False
        watch = self.watch(claim.node)
        node.met_as_given = as_given or (node.met_as_given and claim.epoch == met)
        node.met_epoch, watch.heard_s = claim.epoch, now.s
        if answered:
            watch.answered(now.s)
        self._take(claim, Reason(ReasonCode.FAREWELL if claim.state is NodeState.LEFT else ReasonCode.MET), now)
        return True

    def hear(self, claim: Claim, teller: str, now: Now) -> None:
        """Take what a peer says of another node, or of this one."""
        if claim.node == self.claim.node:
            if claim.state is not NodeState.ALIVE and claim.epoch == self.claim.epoch:
                self._refute(claim.incarnation, teller)
            return
        if claim.node == teller or claim.state in (NodeState.UNKNOWN, NodeState.FORKED):
            return
        node = self._know(claim.node)
        if node is None:
            return
        before = node.state
        if self._take(claim, Reason(ReasonCode.TOLD, by=teller), now):
            if node.state is NodeState.SUSPECT or before is NodeState.UNKNOWN:
                self._on_doubt(node.node_id)
        elif node.state is claim.state is NodeState.SUSPECT and _order(node) == claim.order:
            self._confirm(node, teller)

    def fail(self, node_id: str, indirect: int, now: Now) -> None:
        """Take note that a node did not answer, nor was reached by ``indirect`` others."""
        node = self._nodes.get(node_id)
        if node is None:
            return
        watch = self.watch(node_id)
        watch.probes_failed += 1
        watch.indirect_failed += indirect
        reason = _unanswered(watch)
        if node.state is NodeState.ALIVE:
            self._become(node, NodeState.SUSPECT, reason, now)
        elif node.state in (NodeState.SUSPECT, NodeState.UNKNOWN):
            node.reason = reason

    def lose(self, node_id: str, epoch: int, now: Now) -> None:
        """Take the broker's word that the node's connection ended: a hint, for a client may hang, or reconnect."""
        node = self._nodes.get(node_id)
        if node is not None and node.state is NodeState.ALIVE and node.epoch == epoch:
            self._become(node, NodeState.SUSPECT, Reason(ReasonCode.BROKER_LOST), now)
        self._on_doubt(node_id)

    def leave(self, node_id: str, epoch: int, now: Now) -> None:
        """Take a farewell that came by gossip."""
        node = self._nodes.get(node_id)
        if node is None or node.epoch != epoch or node.state in (NodeState.UNKNOWN, NodeState.REMOVED):
            return
        if node.state is not NodeState.LEFT:
            self._become(node, NodeState.LEFT, Reason(ReasonCode.FAREWELL), now)

    def remove(self, node_id: str, now: Now) -> bool:
        """Remove a node that is not there. Returns whether it was removed: not if it may be alive."""
        node = self._nodes[node_id]
        if node.state in (NodeState.ALIVE, NodeState.SUSPECT):
            return False
        self._become(node, NodeState.REMOVED, Reason(ReasonCode.REMOVED), now)
        return True

    def depart(self) -> None:
        """Say of this node that it has left; nothing that is said of it is refuted any more."""
        self._state_oneself(replace(self.claim, state=NodeState.LEFT))

    def bury(self, now: Now) -> None:
        """Give up those who were suspected for long enough."""
        for node in list(self._nodes.values()):
            if node.state is NodeState.SUSPECT:
                watch = self.watch(node.node_id)
                if now.s >= watch.suspected_s + suspicion_s(self.size, len(watch.accusers), self._limits):
                    self._become(node, NodeState.DEAD, _unanswered(watch), now)

    @property
    def size(self) -> int:
        """How many nodes may be there, this one included."""
        there = (NodeState.ALIVE, NodeState.SUSPECT)
        return 1 + sum(1 for node in self._nodes.values() if node.state in there)

    def _take(self, claim: Claim, reason: Reason, now: Now) -> bool:
        """Believe a claim if it is higher than what is believed. Returns whether it is."""
        node = self._nodes[claim.node]
        if claim.url is not None and not node.is_configured and claim.epoch >= node.epoch:
            node.url = claim.url
        if claim.order <= _order(node):
            return False
        node.epoch, node.incarnation = claim.epoch, claim.incarnation
        self._become(node, claim.state, reason, now)
        return True

    def _become(self, node: NodeView, state: NodeState, reason: Reason, now: Now) -> None:
        before, node.state = node.state, state
        self.roster.put(_claim(node))
        if state is NodeState.SUSPECT:
            watch = self.watch(node.node_id)
            watch.suspected_s, watch.accusers = now.s, {}
        if state is not before:
            node.since_ms, node.reason = now.ms, reason
            self._on_change(node)

    def _confirm(self, node: NodeView, accuser: str) -> None:
        accusers = self.watch(node.node_id).accusers
        if len(accusers) < confirmations_wanted(self.size, self._limits):
            accusers[accuser] = None

    def _refute(self, incarnation: int, teller: str) -> None:
        """Answer what is said of this node, by a higher incarnation, and see that the one who said it hears of it."""
        if incarnation >= self.claim.incarnation and self.claim.state is NodeState.ALIVE:
            self._state_oneself(replace(self.claim, incarnation=incarnation + 1))
            self._on_doubt(teller)

    def _state_oneself(self, claim: Claim) -> None:
        self.claim = claim
        self.roster.put(claim)


def _claim(node: NodeView) -> Claim:
    return Claim(node.node_id, node.state, node.epoch, node.incarnation, node.url)


def _order(node: NodeView) -> tuple[int, int, int]:
    return _claim(node).order


def _unanswered(watch: Watch) -> Reason:
    """Say how often it was asked in vain."""
    if not watch.probes_failed:
        return Reason(ReasonCode.UNREACHED)
    return Reason(ReasonCode.UNANSWERED, probes=watch.probes_failed, indirect=watch.indirect_failed)
