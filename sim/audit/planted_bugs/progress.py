"""Bugs that break P8: after all was mended something never answers again, or stays in doubt."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

PROGRESS: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="one-of-the-waiting-woken",
        promise="P8",
        budget_seeds=50,
        story=(
            "When the journal has room again, only the first of the mailboxes that wait for it is told; the points of the "
            "others never answer again: never-answered."
        ),
        edits=(Edit("nodes.store.journal", "for callback in parked:", "for callback in parked[:1]:"),),
        scenario=("segment_records", "crowds_per_hour"),
    ),
    PlantedBug(
        name="requests-to-a-peer-leak",
        promise="P8",
        budget_seeds=100,
        story=(
            "A request to a peer that ends with an error counts as under way for ever, so that after some of them the node "
            "takes the peer for busy: never-answered."
        ),
        edits=(
            Edit(
                "nodes.peers.under_way",
                "        try:\n            yield\n        finally:\n            self._counts[node_id] -= 1\n",
                "        yield\n        self._counts[node_id] -= 1\n",
            ),
        ),
        scenario=("peer_requests_max",),
    ),
    PlantedBug(
        name="breaker-never-tries",
        promise="P8",
        budget_seeds=20,
        story=(
            "A peer that did not answer for a while is left alone for good: when the pause is over nobody is let through to "
            "try it, so that whoever asks this node for its points never comes to an answer: never-answered."
        ),
        edits=(
            Edit(
                "nodes.peers.breaker",
                "return self.pause_s if self._is_tried else max(0.0, self._try_at_s - now_s)",
                "return max(self.pause_s, self._try_at_s - now_s)",
            ),
        ),
    ),
    PlantedBug(
        name="failed-trial-keeps-its-place",
        promise="P8",
        budget_seeds=20,
        story=(
            "A trial of a peer that fails counts as under way for ever, so that no other is made and the peer stays left "
            "alone when it is back: never-answered."
        ),
        edits=(
            Edit(
                "nodes.peers.breaker",
                "now_s + self._last_pause_s\n        self._is_tried = False\n",
                "now_s + self._last_pause_s\n",
            ),
        ),
    ),
    PlantedBug(
        name="refused-trial-is-no-answer",
        promise="P8",
        budget_seeds=20,
        story=(
            "Only what the owner does for its caller counts as an answer, and no refusal: a trial that is refused ends "
            "neither well nor badly, and no other is ever made: never-answered."
        ),
        edits=(
            Edit(
                "nodes.peers.guarded_peers",
                "        breaker.answered()\n",
                "        if answer.status < 400:\n            breaker.answered()\n",
            ),
        ),
    ),
    PlantedBug(
        name="forged-address-believed",
        promise="P8",
        budget_seeds=100,
        story=(
            "A node's address is taken from gossip also where the operator gave it, so that after a forged birth nobody "
            "finds the node any more: never-answered."
        ),
        edits=(
            Edit(
                "nodes.gossip.view",
                "        if self._hears_addresses and not node.is_configured:\n            node.url = event.data.url\n",
                "        node.url = event.data.url\n",
            ),
        ),
        scenario=("gossip_forge",),
    ),
)
