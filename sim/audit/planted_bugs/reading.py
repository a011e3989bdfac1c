"""Bugs that break P5: an answer that no order of what happened explains."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_ACTOR, _NODE = "nodes.actors.point_actor", "nodes.node"
_COPY_OF = """
_COPIES = {}


def _copy_of(actor):
    return _COPIES.get(actor.point.id) or told(None, actor.point, None, actor.witness, 0)
"""
_APPLY = """
            subject = apply(point, event, now_ms)
            if point.seq % 8 == 1:
                _COPIES[point.id] = told(None, point, None, self.witness, now_ms)
"""
_ASK_THE_VIEW = """\
        from nodes.domain.commands import Reserve
        from nodes.domain.refusals import WindowTaken
        from nodes.problems import refusal_answer

        if isinstance(request.action, Reserve):
            from_ms, until_ms = request.action.start_ms, request.action.end_ms
            seen = self.catalogue.foreign_windows(request.point_id, from_ms, until_ms, 1)
            if seen is not None and seen["busy"]:
                return refusal_answer(WindowTaken(*seen["busy"][0], None, None), seen["witness"])
"""

READING: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="next-minute-is-past",
        promise="P5",
        budget_seeds=20,
        story=(
            "The tolerance for windows that begin a little in the past has the wrong sign: what begins within the next "
            "minute is refused as past, by a clock that the history knows better: refusal-untimely."
        ),
        edits=(
            Edit(
                "nodes.domain.booking",
                "command.start_ms < now_ms - START_TOLERANCE_MS",
                "command.start_ms < now_ms + START_TOLERANCE_MS",
            ),
        ),
    ),
    PlantedBug(
        name="maintenance-ignored",
        promise="P5",
        budget_seeds=20,
        story=(
            "A point under maintenance takes reservations and starts sessions as if it were in service: "
            "grant-unexplained."
        ),
        edits=(
            Edit(
                "nodes.domain.booking", "    if point.maintenance:\n", "    if point.maintenance and not point.seq:\n"
            ),
        ),
        scenario=("operator_acts_per_hour",),
    ),
    PlantedBug(
        name="anybody-cancels",
        promise="P5",
        budget_seeds=50,
        story=(
            "Whose the reservation is that is given back is not looked at, so that any driver can cancel any other's: "
            "trespass-allowed."
        ),
        edits=(
            Edit(
                "nodes.domain.booking",
                "if reservation is None or not may_cancel(command, reservation):",
                "if reservation is None:",
            ),
        ),
        scenario=("nuisance_per_hour",),
    ),
    PlantedBug(
        name="anybody-plugs-in",
        promise="P5",
        budget_seeds=50,
        story="Any driver can plug in under any other's reservation, if only its id is known: trespass-allowed.",
        edits=(
            Edit(
                "nodes.domain.charging",
                "reservation = reservation_of(point, command.reservation_id, command.driver_id)",
                "reservation = reservation_of(point, command.reservation_id, None)",
            ),
        ),
        scenario=("nuisance_per_hour",),
    ),
    PlantedBug(
        name="if-match-ignored",
        promise="P5",
        budget_seeds=50,
        story=("What was to be done only if the point is still as it was is done in any case: precondition-ignored."),
        edits=(
            Edit(
                _ACTOR,
                "if request.if_match is not None and request.if_match != self.witness:",
                "if request.if_match is not None and request.if_match[0] > self.witness[0]:",
            ),
        ),
        scenario=("nuisance_per_hour",),
    ),
    PlantedBug(
        name="refusal-from-memory",
        promise="P5",
        budget_seeds=100,
        story=(
            "A refusal changes nothing and so does not wait for the disk, though it tells of what is not durable yet; "
            "after a crash it names a state that never was: no-such-state."
        ),
        edits=(
            Edit(
                _ACTOR,
                "office.journal.settle(segment, reply, answer)",
                "office.journal.settle(segment if answer.status < 400 else 0, reply, answer)",
            ),
        ),
        scenario=("crash_at_commit_share",),
    ),
    PlantedBug(
        name="read-before-durable",
        promise="P5",
        budget_seeds=100,
        story=(
            "A read changes nothing and so does not wait for the disk, though it tells of what is not durable yet; after "
            "a crash it names a state that never was: no-such-state."
        ),
        edits=(
            Edit(
                _ACTOR,
                "office.journal.settle(segment, reply, answer)",
                "office.journal.settle(0 if isinstance(request.action, Query) else segment, reply, answer)",
            ),
        ),
        scenario=("point_reads_per_hour", "crash_at_commit_share"),
    ),
    PlantedBug(
        name="refused-by-the-view",
        promise="P5",
        budget_seeds=20,
        story=(
            "A node refuses a window of another node's point by what gossip says of it, to spare the owner a question, so "
            "that a window that was given back stays refused: real-time."
        ),
        edits=(
            Edit(
                _NODE,
                "        known = self.view.nodes.get(owner)\n",
                _ASK_THE_VIEW + "        known = self.view.nodes.get(owner)\n",
            ),
        ),
    ),
    PlantedBug(
        name="horizon-of-one-window",
        promise="P5",
        budget_seeds=20,
        story=(
            "How far ahead a window may start is read from the wrong term, so that a point takes no window that begins later "
            "than its longest window lasts: refusal-untimely."
        ),
        edits=(
            Edit(
                "nodes.domain.booking",
                "latest_start_ms = now_ms + terms.horizon_s * 1000",
                "latest_start_ms = now_ms + terms.max_window_s * 1000",
            ),
        ),
    ),
    PlantedBug(
        name="epoch-of-the-last-event",
        promise="P5",
        budget_seeds=20,
        story=(
            "After a start a point answers with the epoch of its last event and not with that of this start, so that its "
            "witnesses are not those of what it writes: no-such-state."
        ),
        edits=(Edit("nodes.store.load", "        epoch=epoch,\n", "        epoch=row.epoch,\n"),),
        scenario=("crash",),
    ),
    PlantedBug(
        name="read-from-old-copy",
        promise="P5",
        budget_seeds=20,
        story=(
            "Reads of a point are answered from a copy that is renewed at every eighth change only, so that they tell of a "
            "state which somebody had seen left behind: real-time."
        ),
        edits=(
            Edit(
                _ACTOR,
                "return told(action, self.point,",
                "return _copy_of(self) if subject_id(action) is None else told(action, self.point,",
            ),
            Edit(_ACTOR, "def _refuse(", _COPY_OF + "\n\ndef _refuse("),
            Edit(_ACTOR, "            subject = apply(point, event, now_ms)\n", _APPLY),
        ),
    ),
)
