"""P1: two reservations in force on one point never overlap, and a point never has two active sessions.

Three witnesses are heard, because a bug may fool two of them: the journal (at no moment did two windows in force
overlap), the tables (no two windows that were used overlap in the end), and the vehicles (no two acknowledged windows
overlap unless the first can have been released before the second was granted).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import TypeVar

from sim.audit.civil_time import civil, span
from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.point_log import PointLog
from sim.audit.rows import ReservationRow, SessionRow
from sim.audit.verdicts import Findings
from sim.audit.windows import Windows

_GRANTS = frozenset({"reservation.reserved", "session.started", "reservation.extended"})
"""What can break the promise: where nothing was granted, nothing was proved."""

RowT = TypeVar("RowT", ReservationRow, SessionRow)


def check_no_double_booking(evidence: Evidence, findings: Findings) -> None:
    """Check promise P1."""
    _check_journal(evidence, findings)
    _check_reservations(evidence, findings)
    _check_sessions(evidence, findings)
    _check_acknowledged(evidence, findings)


def _check_journal(evidence: Evidence, findings: Findings) -> None:
    """At every moment: no overlap among what is in force, one session at most, no time given away that has passed."""
    for log in evidence.logs.values():
        findings.checked += sum(event.type in _GRANTS for event in log.events)
        for oddity in log.oddities:
            if oddity.kind not in {"overlap", "second-session", "past"}:
                continue
            about = [event for subject in oddity.subjects for event in log.about.get(subject, ())]
            makers = [event for event in about if event.type in {"reservation.reserved", "session.started"}]
            findings.violated(
                f"{oddity.kind}-in-journal",
                log.point_id,
                oddity.text,
                operations=evidence.askers(*oddity.subjects),
                events=[event for event in makers if event.ver < oddity.event.ver] + [oddity.event],
            )


def _check_reservations(evidence: Evidence, findings: Findings) -> None:
    """In the end: a window is used until its release, and what was released early was not used."""
    for point_id, rows in _by_point(evidence.reservations.values()).items():
        used = [row for row in rows if row.status != "REJECTED" and row.start_ms < row.used_until_ms]
        used.sort(key=lambda row: row.start_ms)
        findings.checked += len(used)
        latest: ReservationRow | None = None
        for row in used:
            if latest is not None and row.start_ms < latest.used_until_ms:
                message = (
                    f"{latest.id} is in force {span(latest.start_ms, latest.used_until_ms)} and "
                    f"{row.id} {span(row.start_ms, row.used_until_ms)}"
                )
                both = [latest, row]
                asked = evidence.askers(latest.id, row.id)
                findings.violated("overlap-in-table", point_id, message, operations=asked, rows=both)
            if latest is None or row.used_until_ms > latest.used_until_ms:
                latest = row


def _check_sessions(evidence: Evidence, findings: Findings) -> None:
    """In the end: one active session at most, and none ran while another did or outside its reservation."""
    for point_id, sessions in _by_point(evidence.sessions.values()).items():
        findings.checked += len(sessions)
        latest: SessionRow | None = None
        for row in sorted(sessions, key=lambda session: (session.started_ms, _until_ms(session))):
            if latest is not None and row.started_ms < _until_ms(latest) and row.started_ms < _until_ms(row):
                message = f"session {row.id} started at {civil(row.started_ms)} while session {latest.id} ran"
                asked = evidence.askers(latest.id, row.id)
                findings.violated("second-session-in-table", point_id, message, operations=asked, rows=[latest, row])
            if latest is None or _until_ms(row) > _until_ms(latest):
                latest = row
            held = evidence.reservations.get(row.reservation_id)
            if held is not None and not held.start_ms <= row.started_ms <= max(held.start_ms, held.used_until_ms):
                message = f"session {row.id} started at {civil(row.started_ms)}, outside its reservation's window"
                asked = evidence.askers(row.id)
                findings.violated("session-outside-window", point_id, message, operations=asked, rows=[held, row])


def _until_ms(session: SessionRow) -> float:
    return inf if session.ended_ms is None else session.ended_ms


def _by_point(rows: Iterable[RowT]) -> dict[str, list[RowT]]:
    found: dict[str, list[RowT]] = defaultdict(list)
    for row in rows:
        found[row.point_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Grant:
    """An acknowledged reservation."""

    operation: Operation
    id: str
    start_ms: int
    end_ms: int
    free_from_ms: int
    """The earliest start that a window can have that was granted after this one's no-show."""
    releasable_index: float
    """The line in which something was asked that may have led to its release; infinite: never."""


def _check_acknowledged(evidence: Evidence, findings: Findings) -> None:
    """By what vehicles were told alone, in the order of their witnesses."""
    for point_id, grants in _grants(evidence).items():
        findings.checked += len(grants)
        held, by_id = Windows(), {grant.id: grant for grant in grants}
        for grant in grants:
            for window in held.overlapping(grant.start_ms, grant.end_ms):
                first = by_id[window.reservation_id]
                end_index = grant.operation.end_index
                assert end_index is not None
                if first.releasable_index < end_index or grant.start_ms >= first.free_from_ms:
                    held.remove(first.id)
                    continue
                message = (
                    f"{first.id} {span(first.start_ms, first.end_ms)} and {grant.id} {span(grant.start_ms, grant.end_ms)} "
                    "were both acknowledged, and nobody had asked for anything that could release the first"
                )
                both = [first.operation, grant.operation]
                findings.violated("overlap-acknowledged", point_id, message, operations=both)
            held.put(grant.start_ms, grant.end_ms, grant.id)


def _grants(evidence: Evidence) -> dict[str, list[_Grant]]:
    """Return the acknowledged reservations of every point in the order in which they were made."""
    found: dict[str, dict[str, _Grant]] = defaultdict(dict)
    no_show_ms = {point_id: _shortest_no_show_ms(log) for point_id, log in evidence.logs.items()}
    for operation in evidence.acknowledged("reserve"):
        if operation.point is None or operation.witness is None or operation.told["id"] in found[operation.point]:
            continue
        told, point_id = operation.told, operation.point
        free_from_ms = min(told["end_ms"], told["start_ms"] + no_show_ms.get(point_id, 0))
        release = _releasable_index(evidence, operation)
        grant = _Grant(operation, told["id"], told["start_ms"], told["end_ms"], free_from_ms, release)
        found[point_id][grant.id] = grant
    return {
        point_id: sorted(grants.values(), key=lambda grant: grant.operation.witness or (0, 0))
        for point_id, grants in found.items()
    }


def _releasable_index(evidence: Evidence, operation: Operation) -> float:
    """Return the line in which it was first asked to cancel the reservation, or to plug in (and later unplug)."""
    name, driver_id = operation.told["id"], operation.told["driver_id"]
    assert operation.point is not None
    callers = evidence.callers
    requests = [*callers.about("cancel", name), *callers.starts_of(name, operation.point, driver_id)]
    return min((request.first_index for request in requests if request.may_have_acted), default=inf)


def _shortest_no_show_ms(log: PointLog) -> int:
    """Return the shortest time after which the point ever released a window nobody came for; 0 if that is not known."""
    specs = [event.data["spec"] for event in log.events if "spec" in event.data]
    return min((int(spec["terms"]["no_show_s"]) * 1000 for spec in specs), default=0)
