"""Bugs that break P7: nodes do not come to know who is there, or who is not."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_MEMBERS, _PROBER, _TIDINGS = "nodes.membership.members", "nodes.membership.prober", "nodes.tidings"

MEMBERSHIP: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="suspicion-never-refuted",
        promise="P7",
        budget_seeds=60,
        story=(
            "A node refutes only what is said of an incarnation above its own, and never what is said of the one it has, so "
            "that whoever suspects it does so for good: members-differ."
        ),
        edits=(
            Edit(
                _MEMBERS,
                "if incarnation >= self.claim.incarnation and",
                "if incarnation > self.claim.incarnation and",
            ),
        ),
        scenario=("pause", "partition"),
    ),
    PlantedBug(
        name="old-epochs-death-believed",
        promise="P7",
        budget_seeds=100,
        story=(
            "Which of two claims is believed is decided by incarnation and not by epoch first, so that a node that was "
            "started anew, and counts its incarnations anew, stays as dead as it was: members-differ."
        ),
        edits=(
            Edit(
                _TIDINGS,
                "return self.epoch, self.incarnation, _RANKS[self.state]",
                "return self.incarnation, _RANKS[self.state], self.epoch",
            ),
        ),
        scenario=("crash", "pause"),
    ),
    PlantedBug(
        name="dead-never-asked-again",
        promise="P7",
        budget_seeds=200,
        story=(
            "Who is dead is not asked any more, since it is dead; after a partition, in which both sides buried each other, "
            "nobody asks anybody: members-differ."
        ),
        edits=(
            Edit(
                _PROBER,
                "(NodeState.UNKNOWN, NodeState.ALIVE, NodeState.SUSPECT, NodeState.DEAD)",
                "(NodeState.UNKNOWN, NodeState.ALIVE, NodeState.SUSPECT)",
            ),
            Edit(
                _PROBER,
                "or node.state is NodeState.REMOVED:",
                "or node.state not in _ASKED_IN_TURN:",
            ),
        ),
        scenario=("partition",),
    ),
    PlantedBug(
        name="first-epoch-kept",
        promise="P7",
        budget_seeds=60,
        story=(
            "A node that is alive already stays as it was when it is met again, so that one which was started anew before "
            "anybody missed it is believed to run in its past epoch: members-differ."
        ),
        edits=(
            Edit(
                _MEMBERS,
                "        if claim.order <= _order(node):\n",
                "        if node.state is claim.state or claim.order <= _order(node):\n",
            ),
        ),
        scenario=("crash",),
    ),
    PlantedBug(
        name="nobody-suspected",
        promise="P7",
        budget_seeds=100,
        story=(
            "Because bad links made nodes come and go, a probe that is not answered is only counted, and a last will only has "
            "its node asked; so that the others go on to vouch for what a node last said which is gone: dead-vouched-for."
        ),
        edits=(
            Edit(
                _MEMBERS,
                "            self._become(node, NodeState.SUSPECT, reason, now)\n",
                "            node.reason = reason\n",
            ),
            Edit(
                _MEMBERS,
                "            self._become(node, NodeState.SUSPECT, Reason(ReasonCode.BROKER_LOST), now)\n",
                "            node.reason = Reason(ReasonCode.BROKER_LOST)\n",
            ),
        ),
        scenario=("crash",),
    ),
)
