"""Bugs that break P4: a request that is asked again has another effect, or gets another answer."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_BOOK, _ACTOR, _JOURNAL = "nodes.actors.answer_book", "nodes.actors.point_actor", "nodes.store.journal"
_NEXT_SEGMENT = "            self._open = _Segment(segment.number + 1)\n"
_ANSWERS_LATER = """\
            if segment.batch.events:
                self._open.batch.answers, segment.batch.answers = segment.batch.answers, []
"""

KEYS: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="retry-forgotten",
        promise="P4",
        budget_seeds=20,
        story=(
            "No answer is remembered under its key, neither in memory nor in the store, so that a retry is refused the "
            "window that the first attempt has got: refused-and-done, two-answers."
        ),
        edits=(
            Edit(_BOOK, "entry = self._recent.get(key)", "entry = None"),
            Edit(_BOOK, "return now_ms < self._blind_until_ms or hashed in", "return False and hashed in"),
        ),
    ),
    PlantedBug(
        name="only-successes-kept",
        promise="P4",
        budget_seeds=20,
        story=(
            "A refusal is not kept under its key, so that a copy of the request that comes later is decided anew, and may do "
            "what its driver was refused: answer-lost, refused-and-done."
        ),
        edits=(
            Edit(
                _ACTOR,
                "        segment = self.segment\n        if request.key is not None:\n",
                "        segment = self.segment\n        if request.key is not None and answer.status < 400:\n",
            ),
        ),
    ),
    PlantedBug(
        name="fingerprint-ignored",
        promise="P4",
        budget_seeds=50,
        story=(
            "A used key is answered with what was kept under it, also when it comes with another request, whose caller "
            "then believes to have what was never reserved: reused-key-accepted."
        ),
        edits=(
            Edit("nodes.actors.outcome", "    if kept.fingerprint == fingerprint:\n", "    if kept is not None:\n"),
        ),
        scenario=("nuisance_per_hour",),
    ),
    PlantedBug(
        name="forwarded-key-lost",
        promise="P4",
        budget_seeds=20,
        story=(
            "A request that is handed on to the point's owner goes without its key, so that nothing is there under the "
            "key that was acknowledged: not-one-effect."
        ),
        edits=(
            Edit(
                "nodes.node",
                "self.peers.ask(owner, known.url, request, ",
                "self.peers.ask(owner, known.url, Request(request.point_id, request.action, None, request.if_match), ",
            ),
        ),
    ),
    PlantedBug(
        name="keys-not-recovered",
        promise="P4",
        budget_seeds=20,
        story=(
            "After a start no key counts as used, so that a retry across a crash is taken for a new request: "
            "refused-and-done, two-answers."
        ),
        edits=(
            Edit(
                "nodes.actors.server",
                "self.answers.recover(recovered.keys, now_ms)",
                "self.answers.recover((), now_ms)",
            ),
        ),
        scenario=("crash",),
    ),
    PlantedBug(
        name="answer-kept-apart",
        promise="P4",
        budget_seeds=20,
        story=(
            "Answers are kept in the batch after the one with their events; a crash between the two leaves an effect "
            "without its key, and the retry is refused: refused-and-done."
        ),
        edits=(Edit(_JOURNAL, _NEXT_SEGMENT, _NEXT_SEGMENT + _ANSWERS_LATER),),
        scenario=("crash_at_commit_share",),
    ),
    PlantedBug(
        name="batch-in-two-transactions",
        promise="P4",
        budget_seeds=50,
        story=(
            "The store writes a batch's answers in a transaction of their own; a log that is torn between the two leaves an "
            "effect without its key, and the retry is refused: refused-and-done. Seen because the real log is torn."
        ),
        edits=(
            Edit(
                "nodes.store.database",
                "            self._writes.run(batch)\n",
                "            self._writes.run(Batch(batch.events, []))\n            self._writes.run(Batch([], batch.answers))\n",
            ),
        ),
        scenario=("crash_at_commit_share",),
    ),
    PlantedBug(
        name="evicted-before-durable",
        promise="P4",
        budget_seeds=100,
        story=(
            "Answers leave memory though the store does not have them yet, so that a repeat finds them in neither and is "
            "taken for a new request: two-answers, refused-and-done."
        ),
        edits=(
            Edit(
                _BOOK,
                "            if not self._is_durable(recent[oldest].segment):\n                break\n",
                "",
            ),
        ),
        scenario=("repeat_share", "answers_recent"),
    ),
    PlantedBug(
        name="evicted-while-it-waited",
        promise="P4",
        budget_seeds=200,
        story=(
            "A request whose key was in memory when it came, and had left memory when its turn came, is taken for a new "
            "one: two-answers, refused-and-done."
        ),
        edits=(
            Edit(
                _BOOK,
                "return self._left.get(key, 0) > since or since < self.evicted - len(self._left)",
                "return False",
            ),
        ),
        scenario=("repeat_share", "answers_recent"),
    ),
    PlantedBug(
        name="dropped-hashes-not-looked-up",
        promise="P4",
        budget_seeds=100,
        story=(
            "When more keys are in use than keys_known, their hashes are dropped and the keys count as new, instead of "
            "being looked up each: two-answers, refused-and-done."
        ),
        edits=(Edit(_BOOK, "self._blind_until_ms = now_ms + self._retention_ms", "self._blind_until_ms = now_ms"),),
        scenario=("keys_known", "answers_recent"),
    ),
    PlantedBug(
        name="expired-but-executed",
        promise="P4",
        budget_seeds=50,
        story=(
            "A request that was told to be over before it was begun stays in the mailbox and is executed in its turn: "
            "refused-and-done."
        ),
        edits=(
            Edit(
                _ACTOR,
                "            if isinstance(message, Envelope) and not message.reply.done():\n",
                "            if isinstance(message, Envelope):\n",
            ),
            Edit(
                _ACTOR,
                "        if envelope.deadline_s <= office.clock",
                "        if not reply.done() and envelope.deadline_s <= office.clock",
            ),
            *(
                Edit(_ACTOR, f'office.buggify("{place}")', f'not reply.done() and office.buggify("{place}")')
                for place in ("point.expire", "point.look_again")
            ),
            Edit(
                _ACTOR,
                "            reply.set_exception(signal)\n",
                "            reply.done() or reply.set_exception(signal)\n",
            ),
        ),
        scenario=("disk_slow", "pause"),
    ),
    PlantedBug(
        name="deadline-says-not-begun",
        promise="P4",
        budget_seeds=50,
        story=(
            "A request whose time runs out while its batch is being written is told that it was not begun (503) instead "
            "of that nobody knows (504): refused-and-done."
        ),
        edits=(
            Edit(
                "nodes.actors.envelope",
                "DeadlineExceeded(text, started=self.started)",
                "DeadlineExceeded(text, started=False)",
            ),
        ),
        scenario=("disk_slow",),
    ),
    PlantedBug(
        name="opening-says-not-done",
        promise="P4",
        budget_seeds=100,
        story=(
            "The request whose missing answer opens a peer's breaker is told what those after it are told, that nothing was "
            "done (503), though the owner may have done it (504): refused-and-done."
        ),
        edits=(
            Edit(
                "nodes.peers.guarded_peers",
                "self._clock.monotonic_s())\n            raise\n",
                "self._clock.monotonic_s())\n"
                "            if breaker.wait_s(self._clock.monotonic_s()) > 0:\n"
                "                raise PeerUnreachable(node_id, 'it is left alone now') from None\n"
                "            raise\n",
            ),
        ),
    ),
)
