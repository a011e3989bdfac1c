"""Bugs that break P8: time alone should have freed a point, and did not."""

from sim.audit.planted_bugs.bug import Edit, PlantedBug

_POINT, _ALARMS = "nodes.domain.point", "nodes.actors.alarms"

TIME_PASSING: tuple[PlantedBug, ...] = (
    PlantedBug(
        name="no-show-kept",
        promise="P8",
        budget_seeds=20,
        story="A no-show keeps its point until the window's end, whatever the terms say: no-show-held, no-show-leaked.",
        edits=(Edit(_POINT, "due_ms = min(reservation.start_ms", "due_ms = max(reservation.start_ms"),),
    ),
    PlantedBug(
        name="no-show-noticed-late",
        promise="P8",
        budget_seeds=20,
        story=(
            "A point is woken when a window begins and not again when its driver is overdue, so that a no-show is only "
            "noticed at the next request for the point: no-show-leaked, where none comes."
        ),
        edits=(
            Edit(
                _POINT,
                "return first.start_ms if is_next else self.no_show_ms(first)",
                "return first.start_ms if is_next else None",
            ),
        ),
    ),
    PlantedBug(
        name="alarm-not-set-after-recovery",
        promise="P8",
        budget_seeds=20,
        story=(
            "After a start no alarm is set for what was in force, so that a no-show of before the crash keeps its point "
            "until somebody asks for it: no-show-leaked, where nobody does."
        ),
        edits=(
            Edit(
                "nodes.actors.point_actor",
                "        self._ended: dict[str, tuple[int, Reservation | Session]] = {}\n        self._set_alarm()\n",
                "        self._ended: dict[str, tuple[int, Reservation | Session]] = {}\n",
            ),
        ),
        scenario=("crash",),
    ),
    PlantedBug(
        name="alarm-chain-breaks",
        promise="P8",
        budget_seeds=20,
        story=(
            "After alarms have rung, the timer is not set for the next one until some point sets an alarm anew, so that "
            "in a quiet hour no-shows keep their points: no-show-leaked."
        ),
        edits=(Edit(_ALARMS, "        if self._heap:\n            self._arm()\n", ""),),
    ),
    PlantedBug(
        name="earlier-alarm-not-set",
        promise="P8",
        budget_seeds=20,
        story=(
            "While the timer is set, an alarm that is due before it does not set it anew, so that a point is woken when the "
            "timer rings for another: no-show-held, ended-late, no-show-leaked."
        ),
        edits=(
            Edit(
                _ALARMS,
                "            if self._timer_ms <= due_ms:\n                return\n            self._timer.cancel()\n",
                "            return\n",
            ),
        ),
    ),
    PlantedBug(
        name="due-not-done-first",
        promise="P1",
        budget_seeds=20,
        story=(
            "A command is decided on the point as it was last left, and what time has brought about since is done when the "
            "alarm rings: who plugs in meanwhile uses a window that was over, overlap of used windows in the tables."
        ),
        edits=(
            Edit(
                "nodes.actors.point_actor",
                "            self._catch_up(now_ms)\n",
                "            if message is _TICK:\n                self._catch_up(now_ms)\n",
            ),
        ),
    ),
)
