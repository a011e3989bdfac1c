"""Bugs that break P2: something acknowledged is not on disk, or the disk does not hold what happened."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_JOURNAL, _ACTOR = "nodes.store.journal", "nodes.actors.point_actor"
_REFUSE_AND_GO_ON = """\
from nodes.errors import NodeBusy

                for reply, _ in segment.replies:
                    _refuse(reply, NodeBusy(str(error)))
                self._writing = None
                continue
"""

DURABILITY: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="reply-before-fsync",
        promise="P2",
        budget_seeds=20,
        story="Replies do not wait for the batch that holds their fact; a crash in between loses it: reservation-lost.",
        edits=(Edit(_JOURNAL, "if self.is_durable(segment):", "if True:"),),
        scenario=("crash",),
    ),
    PlantedBug(
        name="repeat-before-barrier",
        promise="P2",
        budget_seeds=20,
        story=(
            "A request that comes twice is answered the second time at once, while the batch of the first is still being "
            "written; a crash in that moment loses what was acknowledged: reservation-lost."
        ),
        edits=(
            Edit(
                _ACTOR,
                "office.journal.settle(segment, reply, repeated(kept, request.fingerprint))",
                "reply.set_result(repeated(kept, request.fingerprint))",
            ),
        ),
        scenario=("repeat_share", "crash_at_commit_share"),
    ),
    PlantedBug(
        name="in-flight-counts-as-durable",
        promise="P2",
        budget_seeds=100,
        story=(
            "The batch that is being written counts as durable, so that a repeated request is answered from it; a crash "
            "in that moment loses what was acknowledged: reservation-lost."
        ),
        edits=(Edit(_JOURNAL, "oldest = self._writing or self._open", "oldest = self._open"),),
        scenario=("repeat_share", "crash_at_commit_share"),
    ),
    PlantedBug(
        name="failed-batch-acknowledged",
        promise="P2",
        budget_seeds=20,
        story=(
            "A batch that the store did not take is treated as written, so that its callers are told of success: "
            "reservation-lost, and a gap in the journal."
        ),
        edits=(Edit(_JOURNAL, "return self.fail(error)\n", "del error\n"),),
        scenario=("disk_full",),
    ),
    PlantedBug(
        name="goes-on-after-a-failed-batch",
        promise="P2",
        budget_seeds=20,
        story=(
            "When the store does not take a batch, its callers are told to come again and the node goes on, with memory "
            "that the disk does not have: ver-gap and seq-gap."
        ),
        edits=(Edit(_JOURNAL, "return self.fail(error)\n", _REFUSE_AND_GO_ON),),
        scenario=("disk_full",),
    ),
    PlantedBug(
        name="just-ended-forgotten",
        promise="P2",
        budget_seeds=20,
        story=(
            "What is over is looked up in the store alone, which does not know it yet while the batch is being written, so "
            "that a stop at the window's very end is acknowledged with a session that runs: acknowledged-nothing."
        ),
        edits=(Edit(_ACTOR, "            if ending:\n                self._remember_ended(ending)\n", ""),),
    ),
    PlantedBug(
        name="first-change-of-a-row-wins",
        promise="P2",
        budget_seeds=20,
        story=(
            "Of several changes of one row in a batch the first is written and not the last, so that the tables are not "
            "what the journal leads to: tables-agree."
        ),
        edits=(
            Edit(
                "nodes.store.statements",
                '{row["row_id"]: row for row in rows}.values()',
                '{row["row_id"]: row for row in reversed(rows)}.values()',
            ),
        ),
    ),
)
