"""Part of P8: a window nobody came for is free again by the point's terms."""

from sim.audit.civil_time import civil
from sim.audit.databases import Database
from sim.audit.evidence import Evidence
from sim.audit.point_log import PointLog
from sim.audit.verdicts import Findings

_GRACE_MS = 300_000
"""How long a living node may take, in its own time. In a scenario played 60 times faster that is 5 s of wall clock."""


def check_no_shows(evidence: Evidence, findings: Findings) -> None:
    """Check what promise P8 says of reservations that nobody used."""
    bent = evidence.history.circumstances.bent_clocks()
    for database in evidence.databases.values():
        for log in evidence.logs.values():
            if database.owns(log.point_id):
                _check_grants(evidence, log, findings)
                if database.node.id not in bent:  # else the times in its journal say little of when it did what
                    _check_end(evidence, database, log, findings)


def _check_grants(evidence: Evidence, log: PointLog, findings: Findings) -> None:
    """A point first does what is due: it gives or starts nothing while a no-show still holds a window."""
    findings.checked += sum(event.type in {"reservation.reserved", "session.started"} for event in log.events)
    for oddity in log.oddities:
        if oddity.kind == "no-show":
            made = [event for name in oddity.subjects for event in log.about.get(name, ())][:1]
            asked = evidence.askers(*oddity.subjects)
            findings.violated("no-show-held", log.point_id, oddity.text, operations=asked, events=[*made, oddity.event])


def _check_end(evidence: Evidence, database: Database, log: PointLog, findings: Findings) -> None:
    """In the end no reservation is left that was due while the node demonstrably lived on."""
    unused = [held for held in log.final.reservations.values() if held.status == "RESERVED"]
    lived_ms = _lived(database) if unused else []
    for held in unused:
        findings.checked += 1
        due_ms = log.final.no_show_ms(held)
        if not _lived_through(lived_ms, due_ms):
            continue
        message = f"{held.id} was due as a no-show at {civil(due_ms)} and is still RESERVED; the node lived on"
        asked, rows = evidence.askers(held.id), [evidence.reservations.get(held.id, held)]
        last = database.journal[-1:]
        findings.violated("no-show-leaked", log.point_id, message, operations=asked, events=last, rows=rows)


def _lived(database: Database) -> list[int]:
    """Return the times of the last epoch's events, in their order: the node ran all that while without a crash."""
    journal = database.journal
    return [event.at_ms for event in journal if event.epoch == journal[-1].epoch]


def _lived_through(lived_ms: list[int], due_ms: int) -> bool:
    """Whether the node did something soon after that time, and then something much later.

    Both, so that a clock that jumped over the time, or a node that came up after it, proves nothing.
    """
    if not lived_ms or max(lived_ms) <= due_ms + 2 * _GRACE_MS:
        return False
    soon = next((at for at, time_ms in enumerate(lived_ms) if due_ms <= time_ms < due_ms + _GRACE_MS), None)
    return soon is not None and max(lived_ms[soon:]) > due_ms + 2 * _GRACE_MS
