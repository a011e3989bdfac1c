"""P8: nothing leaks. No-shows free their points, sessions end with their windows, no stop stays in doubt.

During a run a node may be down when something is due. After everything was mended it must have been done, a little time
given.
"""

from collections.abc import Iterator

from sim.audit.civil_time import civil
from sim.audit.databases import Database
from sim.audit.evidence import Evidence
from sim.audit.no_shows import check_no_shows
from sim.audit.point_log import PointLog
from sim.audit.progress import check_progress
from sim.audit.rows import Event, ReservationRow
from sim.audit.verdicts import Findings

_GRACE_MS = 90_000
"""How long after it is due, and after all is mended, something may take. A node looks at its clock every minute at the
least (a clock that jumps wakes nobody), and needs time to start."""


_BY_TIME = frozenset({"no-show", "window-over"})
"""Reasons for which time alone ends a reservation."""


def check_leaks(evidence: Evidence, findings: Findings) -> None:
    """Check promise P8."""
    check_no_shows(evidence, findings)
    check_progress(evidence, findings)
    circumstances = evidence.history.circumstances
    healed_ms = None if circumstances.heal_ns is None else circumstances.civil_ms(circumstances.heal_ns)
    ended_ms = circumstances.civil_ms(circumstances.end_ns)
    if healed_ms is None or ended_ms is None:
        findings.notes.append("no phase without faults: what is left at the end is not held against the nodes")
        return
    if not circumstances.ended or ended_ms < healed_ms + _GRACE_MS:
        findings.notes.append("the run ended too soon after its faults were mended to say what leaked")
        return
    for database in evidence.databases.values():
        until_ms = circumstances.clocks_ms.get(database.node.id, ended_ms) - _GRACE_MS
        _check_doubts(evidence, database, until_ms, findings)
        _check_undecided(evidence, database, until_ms, findings)
        _check_late(evidence, database, healed_ms, findings)
        for log in evidence.logs.values():
            if database.owns(log.point_id):
                _check_point(evidence, database, log, until_ms, findings)


def _check_doubts(evidence: Evidence, database: Database, until_ms: int, findings: Findings) -> None:
    """No stop of a trip that was prepared is still in doubt."""
    for row in database.reservations.values():
        if row.status == "PENDING" and row.created_ms <= until_ms:
            message = f"{row.id} is in doubt since {civil(row.created_ms)}, with all faults mended"
            findings.violated("in-doubt-leaked", row.point_id, message, operations=evidence.askers(row.id), rows=[row])


def _check_undecided(evidence: Evidence, database: Database, until_ms: int, findings: Findings) -> None:
    """No trip is still undecided, or being cancelled without an end."""
    for trip in database.trips.values():
        findings.checked += 1
        if (trip.status == "PENDING" or trip.cancel_asked) and trip.created_ms <= until_ms:
            what = "being cancelled" if trip.cancel_asked else "undecided"
            message = f"{trip.id}, begun at {civil(trip.created_ms)}, is still {what}, with all faults mended"
            request = evidence.callers.by_key.get(trip.idempotency_key)
            asked = [] if request is None else request.attempts[:1]
            findings.violated("trip-leaked", None, message, operations=asked, rows=[trip])


def _check_late(evidence: Evidence, database: Database, healed_ms: int, findings: Findings) -> None:
    """What a node did by itself after all was mended, it did when it was due: nobody had to ask first."""
    for event in _after_healing(evidence, database, healed_ms):
        due_ms = event.data.get("released_ms", event.data.get("end_ms"))
        if event.data.get("reason") not in _BY_TIME or due_ms is None:
            continue
        findings.checked += 1
        if event.at_ms > max(due_ms, healed_ms) + _GRACE_MS:
            name = event.data["reservation_id"]
            message = (
                f"{name} was due to end ({event.data['reason']}) at {civil(due_ms)}, and ended at {civil(event.at_ms)}"
            )
            asked = evidence.askers(name)
            findings.violated("ended-late", event.point_id, message, operations=asked, events=[event])


def _after_healing(evidence: Evidence, database: Database, healed_ms: int) -> Iterator[Event]:
    """Yield the events that were certainly written after all was mended.

    Where a node's clock was bent the times of its events say little. What was asked for after the healing, and all
    behind it in the journal, came after it.
    """
    circumstances = evidence.history.circumstances
    is_true = database.node.id not in circumstances.bent_clocks()
    heal_line, is_after = circumstances.heal_line or 0, False
    for event in database.own_events():
        if not is_after:
            callers = evidence.callers_of(event)
            is_after = bool(callers) and min(request.first_index for request in callers) > heal_line
        if is_after or (is_true and event.at_ms > healed_ms):
            yield event


def _check_point(evidence: Evidence, database: Database, log: PointLog, until_ms: int, findings: Findings) -> None:
    """Nothing of the point is left that was due at ``until_ms`` by the node's clock."""
    for held in log.final.reservations.values():
        if held.status not in ("RESERVED", "ACTIVE"):
            continue
        findings.checked += 1
        check, due_ms, text = _due(log, held)
        if due_ms > until_ms:
            continue
        message = f"{held.id} {text} at {civil(due_ms)} and is still {held.status} in the end, with all faults mended"
        asked, rows = evidence.askers(held.id), [database.reservations.get(held.id, held)]
        findings.violated(
            check, log.point_id, message, operations=asked, events=log.about.get(held.id, ())[:1], rows=rows
        )


def _due(log: PointLog, held: ReservationRow) -> tuple[str, int, str]:
    """Return which check a reservation that is still in force would fail, from when on, and why."""
    if held.status == "ACTIVE":
        return "session-leaked", log.final.over_ms(held), "should have ended with its session"
    return "no-show-leaked", log.final.no_show_ms(held), "was due as a no-show"
