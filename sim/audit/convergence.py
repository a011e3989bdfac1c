"""P7: after faults stop every view equals its owner's; and no view ever goes backwards in version.

A view is what one node believes of another's point. It is asked for during the run, and once more of every node and
every foreign point after all faults were mended and everything had settled.
"""

from bisect import bisect_right
from collections import defaultdict

from sim.audit.evidence import Evidence
from sim.audit.explanations import objection_to_read
from sim.audit.membership import check_membership
from sim.audit.operation import Operation
from sim.audit.ownership import owner_of
from sim.audit.point_log import PointLog
from sim.audit.rows import Witness
from sim.audit.verdicts import Findings

_MOMENT_MS = 5_000
"""How long news of a point may be under way in a network without faults, and how far apart clocks may be."""


def check_convergence(evidence: Evidence, findings: Findings) -> None:
    """Check promise P7."""
    check_membership(evidence, findings)
    views, circumstances = evidence.history.views, evidence.history.circumstances
    if not views:
        findings.notes.append("no view was asked for in this run")
        return
    _check_order(evidence, findings)
    last = [view for view in views if view.asked.get("last") is True]
    if last and circumstances.heal_ns is None:
        findings.notes.append("the run does not say that its faults were mended: last views are not compared")
    else:
        _check_last(evidence, last, findings)
        _check_in_time(evidence, last, findings)


def _check_last(evidence: Evidence, last: list[Operation], findings: Findings) -> None:
    """Every last view is what the owner's database holds."""
    unanswered = 0
    for view in last:
        if not view.is_ok and view.error != "unknown-point":
            unanswered += 1
            continue
        findings.checked += 1
        objection = _objection(evidence, view)
        if objection is not None:
            log = evidence.logs.get(view.point or "")
            events = [] if log is None else log.events[-1:]
            message = f"{view.node} did not come to see {view.point} as its owner does: {objection}"
            findings.violated("view-differs", view.point, message, operations=[view], events=events)
    if unanswered:
        findings.notes.append(f"{unanswered} last views were asked for and not told")


def _check_in_time(evidence: Evidence, last: list[Operation], findings: Findings) -> None:
    """Every view agreed with its owner within two rounds from when the network was left alone."""
    circumstances = evidence.history.circumstances
    findings.checked += circumstances.agreed_views
    for late in circumstances.late_views:
        when = "never did" if late.after_ms is None else f"did after {late.after_ms} ms"
        message = f"{late.node} was to see {late.point} as its owner does within {late.within_ms} ms, and {when}"
        shown = [view for view in last if (view.node, view.point) == (late.node, late.point)]
        findings.violated("view-late", late.point, message, operations=shown)


def _objection(evidence: Evidence, view: Operation) -> str | None:
    """Say how a last view differs from what the owner holds."""
    if not view.is_ok:
        return "it knows of no such point"
    log, owner = evidence.logs.get(view.point or ""), evidence.databases[owner_of(view)]
    if log is None:
        return "the owner's journal knows no such point"
    expected = owner.node.epoch, log.final.seq
    if view.witness != expected and not _is_just_behind(evidence, log, view, owner.node.epoch):
        return f"it has version {view.witness}, the owner {expected}"
    if view.told.get("stale"):
        return f"it has version {expected} as the owner, and calls it stale"
    return objection_to_read(log.final, view) if view.witness == expected else None


def _is_just_behind(evidence: Evidence, log: PointLog, view: Operation, epoch: int) -> bool:
    """Whether the view lacks only what time did to the point a moment ago, or since the view was told.

    The first read of the point that was asked of its owner from then on tells what its clock was.
    """
    reads = (
        found
        for found in evidence.history.operations
        if found.time_ns >= view.time_ns and found.f == "read" and found.point == log.point_id
    )
    told_ms = next((found.told["as_of_ms"] for found in reads if type(found.told.get("as_of_ms")) is int), None)
    now_ms = evidence.history.circumstances.civil_ms(view.time_ns) if told_ms is None else told_ms
    if now_ms is None or view.witness is None or view.witness[0] != epoch:
        return False
    missing = [event for event in log.events if event.seq > view.witness[1]]
    return bool(missing) and missing[0].at_ms > now_ms - _MOMENT_MS


def _check_order(evidence: Evidence, findings: Findings) -> None:
    """No view goes back, as long as the node that has it lives."""
    ends = _ends_of_lives(evidence)
    by_view: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for view in evidence.history.views:
        if view.is_ok and view.witness is not None and view.node is not None and view.point is not None:
            by_view[view.node, view.point].append(view)
    lies = _Lies(evidence)
    for (node, point_id), views in by_view.items():
        _check_one_view(evidence.logs.get(point_id), views, ends.get(node, []), lies, findings)
    if lies.count:
        findings.notes.append(
            f"{lies.count} views were told after gossip had been forged and may be lies: they may be taken back"
        )


def _ends_of_lives(evidence: Evidence) -> dict[str, list[int]]:
    """Return the lines in which each node's life ends: it crashes, moves, or tells its gauges, which it does when it dies.

    What runs after that is another process, which has heard nothing yet.
    """
    circumstances = evidence.history.circumstances
    crashes = [
        (fault.node, fault.line) for fault in circumstances.faults if fault.kind in ("crash", "move") and fault.node
    ]
    ends: dict[str, list[int]] = defaultdict(list)
    for node, line in sorted([*crashes, *((gauge.node, gauge.line) for gauge in circumstances.gauges)]):
        ends[node].append(line)
    return ends


class _Lies:
    """Which views may tell what a forger made up. They must be taken back: what counts is what certainly was."""

    def __init__(self, evidence: Evidence) -> None:
        circumstances = evidence.history.circumstances
        self.count = 0
        self._evidence = evidence
        self._bent = circumstances.bent_clocks()
        forged = [fault.line for fault in circumstances.faults if fault.kind == "gossip_forge"]
        self._first_line = forged[0] if forged else None
        self._begun_ms: dict[tuple[str, int], int] = {}
        """When an owner first wrote something in an epoch."""
        if forged:
            for name, database in evidence.databases.items():
                for event in database.journal:
                    self._begun_ms.setdefault((name, event.epoch), event.at_ms)

    def may_be(self, view: Operation) -> bool:
        """Whether the owner may not have had that version yet when the view was told."""
        if self._first_line is None or (view.end_index or 0) < self._first_line:
            return False
        if self._certainly_was(view):
            return False
        self.count += 1
        return True

    def _certainly_was(self, view: Operation) -> bool:
        owner, log = owner_of(view), self._evidence.logs.get(view.point or "")
        told_ms = self._evidence.history.circumstances.civil_ms(view.time_ns)
        epoch, seq = _version(view)
        if log is None or told_ms is None or owner in self._bent or log.state_exists((epoch, seq)) is not None:
            return False
        begun_ms = self._begun_ms.get((owner, epoch))
        return begun_ms is not None and max(begun_ms, log.event_at(seq).at_ms) < told_ms - _MOMENT_MS


def _check_one_view(
    log: PointLog | None, views: list[Operation], ends: list[int], lies: _Lies, findings: Findings
) -> None:
    """Nobody who asks after another was told of a version is told of an older one."""
    highest: dict[int, Operation] = {}
    waiting = sorted(views, key=lambda view: view.end_index or 0)
    at = 0
    for view in views:
        while at < len(waiting) and (waiting[at].end_index or 0) < view.index:
            life = _life(waiting[at], ends)
            is_higher = life is not None and (life not in highest or _version(waiting[at]) > _version(highest[life]))
            if life is not None and is_higher and not lies.may_be(waiting[at]):
                highest[life] = waiting[at]
            at += 1
        life = _life(view, ends)
        findings.checked += 1
        before = None if life is None else highest.get(life)
        if before is not None and _version(view) < _version(before):
            message = f"{view.node} told of {view.point} at {before.witness}, and later at {view.witness}"
            events = [] if log is None else [event for event in log.events if event.seq == _version(view)[1]]
            findings.violated("view-went-back", view.point, message, operations=[before, view], events=events)


def _life(view: Operation, ends: list[int]) -> int | None:
    """Return in which of the node's lives it was told; None: a life may have ended meanwhile."""
    life = bisect_right(ends, view.index)
    return life if life == bisect_right(ends, view.end_index or 0) else None


def _version(view: Operation) -> Witness:
    assert view.witness is not None
    return view.witness
