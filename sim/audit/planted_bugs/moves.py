"""Bugs that show when a node has moved to another machine, and its old process lives on: nobody fences it off."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_MEMBERS, _MEMBERSHIP, _VIEW = "nodes.membership.members", "nodes.membership.membership", "nodes.gossip.view"

MOVES: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="past-answers",
        promise="P2",
        budget_seeds=100,
        story=(
            "A node does not look at which epoch of it is meant; under a name that still leads there for some, the old process "
            "of one that has moved takes what is meant for the new one, and what it acknowledges is lost: reservation-lost."
        ),
        edits=(
            Edit(
                _MEMBERSHIP,
                "        if request.met_epoch is not None and request.met_epoch > claim.epoch:\n",
                "        if request.met_epoch is not None and request.met_epoch > claim.epoch + 9:\n",
            ),
        ),
        scenario=("move",),
    ),
    PlantedBug(
        name="first-address-kept",
        promise="P7",
        budget_seeds=20,
        story=(
            "Where a node was found first it is looked for ever after, since gossip might lie; who has moved is dead to all "
            "who were there before: members-differ."
        ),
        edits=(
            Edit(
                _MEMBERS,
                "        if claim.url is not None and not node.is_configured and claim.epoch >= node.epoch:\n",
                "        if claim.url is not None and node.url is None:\n",
            ),
            Edit(
                _VIEW,
                "        if self._hears_addresses and not node.is_configured:\n            node.url = event.data.url\n",
                "        if node.url is None:\n            node.url = event.data.url\n",
            ),
        ),
        scenario=("move",),
    ),
    PlantedBug(
        name="sequence-before-epoch",
        promise="P7",
        budget_seeds=300,
        story=(
            "Of two versions of a point the one with more events is believed, since the sequence goes on through restarts; the "
            "old process of a node that has moved counts on too, and takes the views back: view-went-back."
        ),
        edits=(
            Edit(
                _VIEW,
                "order = (*witness, event.data.as_of_ms), (*known.witness, known.data.as_of_ms)",
                "order = (witness[1], witness[0], event.data.as_of_ms), (*known.witness[::-1], known.data.as_of_ms)",
            ),
            Edit(_VIEW, "        if event.epoch < node.met_epoch:\n", "        if event.epoch < 0:\n"),
        ),
        scenario=("move",),
    ),
)
