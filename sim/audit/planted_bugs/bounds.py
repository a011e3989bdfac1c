"""Bugs that break P10: something grows without its bound, or who is turned away is not told when to come again."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

BOUNDS: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="mailbox-unbounded",
        promise="P10",
        budget_seeds=200,
        story="A point's mailbox takes every request, however many wait in it: the gauge of mailboxes is over its bound.",
        edits=(Edit("nodes.actors.mailbox", "if len(self._messages) >= self._capacity:", "if self._capacity < 0:"),),
        scenario=("mailbox_capacity",),
    ),
    PlantedBug(
        name="segment-unbounded",
        promise="P10",
        budget_seeds=200,
        story=(
            "The open batch takes everything that comes while a slow disk writes the one before: the gauge of batches is "
            "over its bound."
        ),
        edits=(
            Edit(
                "nodes.store.journal",
                "return len(self._open.batch) < self._segment_records and self.failure is None",
                "return self.failure is None",
            ),
        ),
        scenario=("segment_records", "disk_slow"),
    ),
    PlantedBug(
        name="retry-after-missing",
        promise="P10",
        budget_seeds=50,
        story="Who is turned away because a point, a node or an owner is too busy or away is not told when to ask again.",
        edits=(
            Edit(
                "nodes.problems",
                "return problem(_ERRORS[type(error)], str(error), retry_after_s=retry_after_s)",
                "return problem(_ERRORS[type(error)], str(error))",
            ),
        ),
    ),
)
