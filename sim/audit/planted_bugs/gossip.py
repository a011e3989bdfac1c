"""Bugs that break P7: a view goes back, or never gets to where the owner is."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_VIEW, _GOSSIPER, _DATABASE = "nodes.gossip.view", "nodes.gossip.gossiper", "nodes.store.database"
_ANTI_ENTROPY, _CORRECTION = "nodes.gossip.anti_entropy", "nodes.gossip.correction"
_NOTHING_MISSING = Edit(
    _VIEW,
    "node.is_missing = node.digest is None or node.digest != self._hash_of(node.node_id).text",
    "node.is_missing = node.digest is None",
)

GOSSIP: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="older-view-believed",
        promise="P7",
        budget_seeds=300,
        story=(
            "What is heard of a point is believed unless it is exactly what is known, also when it is older, so that a "
            "repeated or late message takes the view back."
        ),
        edits=(Edit(_VIEW, "            if order[0] <= order[1]:\n", "            if order[0] == order[1]:\n"),),
        scenario=("gossip_repeat", "reorder"),
    ),
    PlantedBug(
        name="latest-by-clock-wins",
        promise="P7",
        budget_seeds=20,
        story=(
            "Of two things heard of a point the one with the later time is believed, instead of the one with the higher "
            "version; after the owner's clock went back, the view stands still and in the end is not the owner's."
        ),
        edits=(
            Edit(
                _VIEW,
                "order = (*witness, event.data.as_of_ms), (*known.witness, known.data.as_of_ms)",
                "order = (event.data.as_of_ms, *witness), (known.data.as_of_ms, *known.witness)",
            ),
        ),
        scenario=("clock_jump",),
    ),
    PlantedBug(
        name="nothing-told-anew",
        promise="P7",
        budget_seeds=100,
        story=(
            "A node that comes back to the broker tells only of what changes from then on, and others do not ask for what "
            "is missing: what was lost on the way, or with the broker, stays unknown and the view stale."
        ),
        edits=(
            Edit(
                _GOSSIPER,
                "        self._note_all()\n        self._wake.set()\n",
                "        self._wake.set()\n",
            ),
            _NOTHING_MISSING,
        ),
        scenario=("crash", "broker_crash"),
    ),
    PlantedBug(
        name="epoch-not-raised",
        promise="P7",
        budget_seeds=20,
        story=(
            "A start does not raise the epoch, so that what is said of the life before is said of this one, and nobody can "
            "tell them apart: epoch-reused."
        ),
        edits=(
            Edit(_DATABASE, "values(epoch=row.epoch + 1, started_ms", "values(epoch=max(row.epoch, 1), started_ms"),
            Edit(_DATABASE, "return row.epoch + 1, row.ver", "return max(row.epoch, 1), row.ver"),
        ),
        scenario=("crash",),
    ),
    PlantedBug(
        name="gap-not-noticed",
        promise="P7",
        budget_seeds=100,
        story=(
            "A digest that does not agree with what is believed of a node's points makes nobody ask for what is missing, so "
            "that what gossip lost stays lost until the point changes again: view-late."
        ),
        edits=(_NOTHING_MISSING,),
        scenario=("gossip_loss",),
    ),
    PlantedBug(
        name="first-page-only",
        promise="P7",
        budget_seeds=200,
        story=(
            "Of what is missing only the first page is asked for, of the journal as of a snapshot; who lacks more than fits "
            "on it asks for the same again and again: view-late."
        ),
        edits=(
            Edit(
                _ANTI_ENTROPY,
                "            if after is None:\n                return\n            asked = question(self._view, node)\n",
                "            if after is None or after != node.synced[1]:\n                return\n"
                "            asked = question(self._view, node)\n",
            ),
            Edit(
                _ANTI_ENTROPY,
                "            if page.next_after is None:\n",
                "            if page.next_after is None or not after:\n",
            ),
        ),
        scenario=("gossip_loss", "pull_items"),
    ),
    PlantedBug(
        name="lies-stay",
        promise="P7",
        budget_seeds=100,
        story=(
            "What an owner says of its point when it is asked is believed only if it is newer than what was heard, as gossip "
            "is; a version that somebody made up stays for good: view-late."
        ),
        edits=(
            Edit(
                _CORRECTION,
                '            view.counts["refuted"] += 1\n        if not view.put(',
                "            continue\n        if not view.put(",
            ),
        ),
        scenario=("gossip_forge",),
    ),
    PlantedBug(
        name="false-digest-stays",
        promise="P7",
        budget_seeds=100,
        story=(
            "A node's own word on how far it has come is not held against the digest that somebody made up in its name: "
            "the view agrees with the owner, and calls itself stale for good."
        ),
        edits=(
            Edit(
                _CORRECTION,
                "    node.ver_epoch, node.ver, node.digest = word.epoch, word.head_ver, word.points_hash\n",
                "",
            ),
        ),
        scenario=("gossip_forge",),
    ),
    PlantedBug(
        name="old-backup-served",
        promise="P2",
        budget_seeds=200,
        story=(
            "A node that starts compares only epochs with what others have seen of it; every start raises the epoch, so that "
            "an old backup of the same one passes, and what is acknowledged on it is lost with it: event-lost."
        ),
        edits=(Edit("nodes.gossip.past", "(word.epoch > epoch or word.ver > ver)", "word.epoch > epoch"),),
        scenario=("restore",),
    ),
    PlantedBug(
        name="forged-epoch-stands",
        promise="P7",
        budget_seeds=100,
        story=(
            "Somebody forges a node's death in an epoch to come, and nobody asks the node itself whether it is so: all that "
            "it says from then on counts as old, and its points are called stale for good."
        ),
        edits=(Edit(_VIEW, "max(node.epoch, node.born_epoch) > epoch", "node.epoch > epoch"),),
        scenario=("gossip_forge",),
    ),
)
