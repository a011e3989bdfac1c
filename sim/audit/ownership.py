"""P6: only a point's owner changes it; gossip makes a view stale, never a booking wrong.

That what an owner acknowledged is on its disk is P2's business, and that its own answers name states it was in is P5's.
Here it is held against a node that it wrote down, kept or acknowledged anything about a point of another, and that it
told of another's point a version that never was.
"""

from collections.abc import Iterable, Iterator

from sim.audit.circumstances import Fault
from sim.audit.databases import Database
from sim.audit.evidence import Evidence
from sim.audit.operation import TOLD, Operation
from sim.audit.rows import ReservationRow, SessionRow
from sim.audit.verdicts import Findings

_SHOWN = 5
"""Foreign rows told of one table; one bug makes many."""


def check_ownership(evidence: Evidence, findings: Findings) -> None:
    """Check promise P6."""
    for database in evidence.databases.values():
        _check_tables(evidence, database, findings)
        _check_journal(database, findings)
        _check_kept(evidence, database, findings)
    for operation in evidence.acknowledged(*TOLD):
        if operation.node is not None and operation.node != owner_of(operation):
            findings.checked += 1
            _check_acknowledged(evidence, operation, findings)
    _check_views(evidence, findings)


def owner_of(operation: Operation) -> str:
    """Return the node that owns the point which is asked for."""
    return (operation.point or "").partition(".")[0]


def _check_tables(evidence: Evidence, database: Database, findings: Findings) -> None:
    """Every row is about a point of this node."""
    name = database.node.id
    findings.checked += len(database.points) + len(database.reservations) + len(database.sessions)
    for point_id, point in database.points.items():
        if not database.owns(point_id):
            message = f"{name} holds {point_id}, a point of another node, as its own"
            findings.violated("foreign-row", point_id, message, rows=[point])
    for table, rows in (("reservation", database.reservations), ("session", database.sessions)):
        for row in _foreign(database, rows.values()):
            message = f"{name} holds {row.id} of {row.point_id} in table {table}, a point of another node"
            asked = evidence.askers(row.id)
            findings.violated("foreign-row", row.point_id, message, operations=asked, rows=[row])


def _foreign(database: Database, rows: Iterable[ReservationRow | SessionRow]) -> Iterator[ReservationRow | SessionRow]:
    owned = {row.point_id: database.owns(row.point_id) for row in rows}
    return (row for row in rows if not owned[row.point_id])


def _check_journal(database: Database, findings: Findings) -> None:
    """Every event is this node's, and of a point of its own."""
    name = database.node.id
    findings.checked += len(database.journal)
    prefix = f"{name}."
    for event in database.journal:
        if event.node != name or not event.point_id.startswith(prefix):
            message = f"{name}: ver {event.ver} of its journal is of {event.node} and its point {event.point_id}"
            findings.violated("foreign-event", event.point_id, message, events=[event])


def _check_kept(evidence: Evidence, database: Database, findings: Findings) -> None:
    """A decision is kept under its key by the node that made it: the owner."""
    by_key, name = evidence.callers.by_key, database.node.id
    for kept in database.answers:
        request = by_key.get(kept.key)
        if request is None or request.attempts[0].point is None:
            continue
        findings.checked += 1
        asked = request.attempts[0]
        if owner_of(asked) != name:
            message = f"{name} keeps an answer under key {kept.key}, which was about {asked.point}"
            findings.violated("foreign-answer", asked.point, message, operations=[asked], rows=[kept])


def _check_acknowledged(evidence: Evidence, operation: Operation, findings: Findings) -> None:
    """What was acknowledged through another node is at the owner. If it is nowhere it was lost, which P2 says."""
    subject, owner = operation.told["id"], evidence.databases[owner_of(operation)]
    if subject in owner.reservations or subject in owner.sessions:
        return
    for database in evidence.databases.values():
        row = database.reservations.get(subject) or database.sessions.get(subject)
        if row is not None:
            message = f"{subject} was acknowledged; {database.node.id} holds it, and its owner {owner.node.id} does not"
            findings.violated("decided-elsewhere", operation.point, message, operations=[operation], rows=[row])


def _check_views(evidence: Evidence, findings: Findings) -> None:
    """Every view names a version that was; but whoever forges gossip may make others believe what it likes.

    So may, of an epoch that is over, the old process of a node that has moved, as long as nobody knows of the new one.
    """
    faults = evidence.history.circumstances.faults
    forged = [fault.line for fault in faults if fault.kind == "gossip_forge"]
    moved = _first_lines(fault for fault in faults if fault.kind == "move")
    unchecked = past = 0
    for view in evidence.history.views:
        if not view.is_ok or view.witness is None:
            continue
        if forged and (view.end_index or 0) > forged[0]:
            unchecked += 1
            continue
        owner = owner_of(view)
        if (view.end_index or 0) > moved.get(owner, view.end_index or 0) and _is_of_the_past(evidence, view):
            past += 1
            continue
        findings.checked += 1
        _check_view(evidence, view, findings)
    if past:
        findings.notes.append(f"{past} views tell what only the old process of a node did that had moved")
    if unchecked:
        findings.notes.append(f"{unchecked} views were told after gossip had been forged: they may say anything")


def _first_lines(faults: Iterable[Fault]) -> dict[str, int]:
    lines: dict[str, int] = {}
    for fault in faults:
        lines.setdefault(fault.node or "", fault.line)
    return lines


def _is_of_the_past(evidence: Evidence, view: Operation) -> bool:
    """Whether the version told is of an epoch before the owner's last one, and its owner's disk does not know it."""
    log, witness = evidence.logs.get(view.point or ""), view.witness
    assert witness is not None
    is_over = witness[0] < evidence.databases[owner_of(view)].node.epoch
    return is_over and log is not None and log.state_exists(witness) is not None


def _check_view(evidence: Evidence, view: Operation, findings: Findings) -> None:
    """A view tells a version that its owner had, on its disk: nothing else is ever told to others."""
    owner, witness = evidence.databases[owner_of(view)], view.witness
    assert witness is not None
    log = evidence.logs.get(view.point or "")
    why = "its owner knows no such point" if log is None else log.state_exists(witness)
    if why is None and witness[0] > owner.node.epoch:
        why = f"its owner has come to epoch {owner.node.epoch}"
    if why is not None:
        message = f"{view.node} tells of {view.point} at {witness}, a version that never was: {why}"
        events = [] if log is None else log.events[-1:]
        findings.violated("view-of-nothing", view.point, message, operations=[view], events=events)
