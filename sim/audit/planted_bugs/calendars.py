"""Bugs that break P1: a moment of a point is given away twice."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_CALENDAR = "nodes.domain.calendar"
_ASSERTIONS_OFF = (
    Edit(
        _CALENDAR,
        '        assert self.conflict(start_ms, end_ms) is None, f"{reservation_id} overlaps another window"\n',
        "",
    ),
    Edit(
        _CALENDAR,
        '        assert all(a.end_ms <= b.start_ms for a, b in pairwise(entries)), "entries overlap or are unordered"\n',
        "",
    ),
)
"""As under ``python -O``: else the node would notice by itself, when a window is added or after a restart."""

CALENDARS: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="overlap-by-one-ms",
        promise="P1",
        budget_seeds=20,
        story=(
            "The overlap test and the search for free time take a window's last millisecond for free, so that who is "
            "refused and takes the next free window begins a millisecond too soon (with the assertions off): "
            "overlap-in-journal."
        ),
        edits=(
            Edit(_CALENDAR, "if entry.end_ms <= start_ms:", "if entry.end_ms - 1 <= start_ms:"),
            Edit(_CALENDAR, "if entry.start_ms < end_ms:", "if entry.start_ms < end_ms - 1:"),
            Edit(_CALENDAR, "return node.last_ms, False", "return node.last_ms - 1, False"),
            Edit(_CALENDAR, "max(from_ms, node.entry.end_ms)", "max(from_ms, node.entry.end_ms - 1)"),
            *_ASSERTIONS_OFF,
        ),
    ),
    PlantedBug(
        name="reserve-now-over-others",
        promise="P1",
        budget_seeds=50,
        story=(
            "Who reserves from now on gets the point without a look into the calendar (with the assertions off): "
            "overlap-in-journal."
        ),
        edits=(
            Edit(
                "nodes.domain.booking",
                "    if point.calendar.conflict(start_ms, end_ms) is not None:\n",
                "    if command.start_ms != now_ms and point.calendar.conflict(start_ms, end_ms) is not None:\n",
            ),
            *_ASSERTIONS_OFF,
        ),
        scenario=("nuisance_per_hour",),
    ),
    PlantedBug(
        name="start-in-the-past-kept",
        promise="P1",
        budget_seeds=20,
        story=(
            "A window that starts a little in the past is taken as it was asked for and not as starting now, so that it "
            "reaches back into one that was used until a moment ago: overlap of used windows in the tables."
        ),
        edits=(
            Edit(
                "nodes.domain.booking",
                "start_ms, end_ms = max(command.start_ms, now_ms), command.end_ms",
                "start_ms, end_ms = command.start_ms, command.end_ms",
            ),
        ),
    ),
    PlantedBug(
        name="extended-over-the-next",
        promise="P1",
        budget_seeds=20,
        story=(
            "A session that runs over gets the whole of late_stop_s, also where the next driver's window begins before "
            "(with the assertions off): overlap-in-journal."
        ),
        edits=(
            Edit(
                "nodes.domain.decide",
                "        end_ms = end_ms if next_start_ms is None else min(end_ms, next_start_ms)\n",
                "",
            ),
            *_ASSERTIONS_OFF,
        ),
    ),
    PlantedBug(
        name="clock-that-went-back-believed",
        promise="P1",
        budget_seeds=100,
        story=(
            "A point acts at the clock's time though that has gone back (with the assertion off), so that time which was "
            "used and released is sold again from an earlier moment: overlap of used windows in the tables."
        ),
        edits=(
            Edit("nodes.domain.decide", "return max(clock_ms, point.updated_ms)", "return clock_ms"),
            Edit(
                "nodes.domain.decide",
                '    assert now_ms >= point.updated_ms, f"time ran backwards for {point.id}: '
                '{now_ms} < {point.updated_ms}"\n',
                "",
            ),
        ),
        scenario=("clock_jump",),
    ),
)
