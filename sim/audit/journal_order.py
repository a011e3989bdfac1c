"""Part of P2: the journal is whole. ``ver`` and every point's ``seq`` count up without gaps, epochs never fall."""

from collections import defaultdict
from itertools import pairwise

from sim.audit.databases import Database
from sim.audit.evidence import Evidence
from sim.audit.rows import Event
from sim.audit.verdicts import Findings


def check_journal_order(evidence: Evidence, findings: Findings) -> None:
    """Check every node's journal."""
    for database in evidence.databases.values():
        findings.checked += len(database.journal)
        _check_versions(database, findings)
        _check_head(database, findings)
        _check_points(database, findings)


def _check_versions(database: Database, findings: Findings) -> None:
    name, journal = database.node.id, database.journal
    if journal and journal[0].ver != 1:
        findings.violated("ver-gap", None, f"{name}: the journal begins with ver {journal[0].ver}", events=journal[:1])
    for before, after in pairwise(journal):
        if after.ver != before.ver + 1:
            message = f"{name}: after ver {before.ver} the journal goes on with {after.ver}"
            findings.violated("ver-gap", None, message, events=[before, after])
        if after.epoch < before.epoch:
            message = f"{name}: epoch {after.epoch} writes after epoch {before.epoch}"
            findings.violated("epoch-fell", after.point_id, message, events=[before, after])


def _check_head(database: Database, findings: Findings) -> None:
    """The node's own row says where the journal ends."""
    node, journal = database.node, database.journal
    head, epoch = (journal[-1].ver, max(event.epoch for event in journal)) if journal else (0, 0)
    if node.ver != head:
        message = f"{node.id}: the node stands at ver {node.ver}, its journal ends at {head}"
        findings.violated("head-differs", None, message, events=journal[-1:])
    if node.epoch < epoch:
        message = f"{node.id}: the node is in epoch {node.epoch}, its journal in {epoch}"
        findings.violated("epoch-fell", None, message, events=journal[-1:])


def _check_points(database: Database, findings: Findings) -> None:
    """Every event is the next one of its point. Whose point it is, is P6's business."""
    last: dict[str, Event] = {}
    count: dict[str, int] = defaultdict(int)
    for event in database.journal:
        if event.seq != count[event.point_id] + 1:
            message = f"{event.point_id}: event {event.seq} follows event {count[event.point_id]}"
            before = [last[event.point_id]] if event.point_id in last else []
            findings.violated("seq-gap", event.point_id, message, events=[*before, event])
        last[event.point_id], count[event.point_id] = event, event.seq
