"""Bugs that break P10: something grows without its bound, or who is turned away is not told when to come again."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

BOUNDS: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="mailbox-unbounded",
        promise="P10",
        budget_seeds=50,
        story="A point's mailbox takes every request, however many wait in it: the gauge of mailboxes is over its bound.",
        edits=(Edit("nodes.actors.mailbox", "if len(self._messages) >= self._capacity:", "if self._capacity < 0:"),),
        scenario=("mailbox_capacity",),
    ),
    PlantedBug(
        name="answers-leave-with-their-keys",
        promise="P10",
        budget_seeds=20,
        story=(
            "A kept answer leaves memory when its key expires, however many there are by then: the gauge of answers in "
            "memory is over its bound."
        ),
        edits=(
            Edit(
                "nodes.actors.answer_book",
                "            if not self._is_durable(recent[oldest].segment):\n",
                "            if not self._is_durable(recent[oldest].segment) or self.is_valid(recent[oldest].kept, now_ms):\n",
            ),
        ),
        scenario=("answers_recent", "segment_records"),
    ),
    PlantedBug(
        name="keys-known-unbounded",
        promise="P10",
        budget_seeds=50,
        story="The hash of every key is kept, however many there are: the gauge of keys known is over its bound.",
        edits=(Edit("nodes.actors.answer_book", "if self.keys_known > self._known_max:", "if self._known_max < 0:"),),
        scenario=("keys_known",),
    ),
    PlantedBug(
        name="retry-after-missing",
        promise="P10",
        budget_seeds=20,
        story="Who is turned away because a point, a node or an owner is too busy or away is not told when to ask again.",
        edits=(
            Edit(
                "nodes.problems",
                "return problem(_ERRORS[type(error)], str(error), retry_after_s=retry_after_s)",
                "return problem(_ERRORS[type(error)], str(error))",
            ),
        ),
    ),
    PlantedBug(
        name="retry-after-rounded-down",
        promise="P10",
        budget_seeds=20,
        story=(
            "Who asks for a peer that is left alone is told the whole seconds of the pause that is left, which in its last "
            "second is none: retry-after."
        ),
        edits=(Edit("nodes.peers.guarded_peers", "retry_after_s=max(1, ceil(wait_s))", "retry_after_s=int(wait_s)"),),
    ),
)
