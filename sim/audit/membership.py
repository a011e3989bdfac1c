"""Part of P7: nodes come to know who is there, and who is not.

When all was mended, every live node lists every other live node as alive, at the epoch in which that one runs. While a
node is down, the others find out: what they tell of its points is called stale. Each start of a node has its own epoch.
"""

from typing import NamedTuple

from sim.audit.circumstances import Fault
from sim.audit.evidence import Evidence
from sim.audit.operation import Operation
from sim.audit.ownership import owner_of
from sim.audit.verdicts import Findings

_ROUND_S = 11.0
"""Within this time, times the number of the others, a node has asked each of them (an interval, and a tenth of it)."""
_ANSWER_S = 9.0
"""What a probe may take: a direct one, and one through others."""
_NODES_MAX = 15
_AGREED_S = 180.0
"""After healing; the longest round of ``_NODES_MAX`` nodes, and the starts of those that came back last."""
_S = 1_000_000_000


class _Down(NamedTuple):
    """A time in which a node was kept from running."""

    node: str
    from_ns: int
    until_line: int


def check_membership(evidence: Evidence, findings: Findings) -> None:
    """Check what nodes believe of each other."""
    _check_in_the_end(evidence, findings)
    _check_of_the_dead(evidence, findings)
    _check_epochs(evidence, findings)


def _check_epochs(evidence: Evidence, findings: Findings) -> None:
    """Every life of a node, which tells its gauges when it ends, has had an epoch of its own."""
    lives: dict[str, dict[int, None]] = {}
    for gauge in evidence.history.circumstances.gauges:
        lives.setdefault(gauge.node, {})[gauge.line] = None
    faults = evidence.history.circumstances.faults
    restored = [fault.node for fault in faults if fault.kind == "restore"]  # with the database the epoch goes back
    for node_id, lines in lives.items():
        database = evidence.databases.get(node_id)
        if database is None or node_id in restored:
            continue
        findings.checked += 1
        if database.node.epoch < len(lines):
            message = f"{node_id} was started {len(lines)} times and is at epoch {database.node.epoch}"
            findings.violated("epoch-reused", None, message)


def _check_in_the_end(evidence: Evidence, findings: Findings) -> None:
    """After healing, every live node lists every other one as alive, at its epoch."""
    circumstances = evidence.history.circumstances
    told = circumstances.members
    if not told:
        return
    heal_ns = circumstances.heal_ns
    if heal_ns is None or len(told) > _NODES_MAX or any(each.time_ns < heal_ns + _AGREED_S * _S for each in told):
        findings.notes.append(
            f"who is there was not compared: that needs {_AGREED_S:.0f} s after healing, and up to {_NODES_MAX} nodes"
        )
        return
    epochs = {each.node: each.epoch for each in told}
    for each in told:
        for other, epoch in epochs.items():
            if other == each.node:
                continue
            findings.checked += 1
            believed = each.nodes.get(other)
            if believed != ("ALIVE", epoch):
                state = "nothing" if believed is None else f"{believed[0]} at epoch {believed[1]}"
                message = f"{each.node} believes of {other} {state}; it runs, at epoch {epoch}"
                findings.violated("members-differ", None, message)


def _check_of_the_dead(evidence: Evidence, findings: Findings) -> None:
    """Nobody who was asked long after a node went down, and before it was let up again, vouches for its points."""
    circumstances = evidence.history.circumstances
    if "gossip_forge" in circumstances.kinds():
        return  # whoever hears of a node, forged or not, need not ask
    nodes = len(evidence.databases)
    bound_ns = 2 * (_ROUND_S * (nodes - 1) + _ANSWER_S) * _S
    views = [view for view in evidence.history.views if view.is_ok and view.node is not None]
    for down in _downs(circumstances.faults):
        for view in views:
            if owner_of(view) != down.node or view.end_index is None or view.end_index > down.until_line:
                continue
            if view.time_ns < down.from_ns + bound_ns or _was_held(circumstances.faults, view, down):
                continue
            findings.checked += 1
            if not view.told.get("stale"):
                seconds = (view.time_ns - down.from_ns) / _S
                message = f"{view.node} vouches for {view.point}, whose owner has been down for {seconds:.0f} s"
                findings.violated("dead-vouched-for", view.point, message, operations=[view])


def _downs(faults: list[Fault]) -> list[_Down]:
    """Return when nodes were kept down by crashes, from the first of some that overlap until the last is mended."""
    downs: list[_Down] = []
    held: dict[str, tuple[int, int]] = {}
    for fault in faults:
        if fault.kind != "crash" or fault.node is None:
            continue
        count, from_ns = held.get(fault.node, (0, fault.time_ns))
        if fault.state == "broken":
            held[fault.node] = count + 1, from_ns
        elif fault.state == "mending":
            held[fault.node] = count - 1, from_ns
            if count == 1:
                del held[fault.node]
                downs.append(_Down(fault.node, from_ns, fault.line))
    return downs


def _was_held(faults: list[Fault], view: Operation, down: _Down) -> bool:
    """Whether the one who was asked could not ask, because it was stopped itself at some time since."""
    stops = [fault for fault in faults if fault.kind == "pause" and fault.node == view.node]
    is_held = False
    for stop in stops:
        if stop.line > (view.end_index or 0):
            break
        is_held = stop.state == "broken"
        if stop.time_ns >= down.from_ns:
            return True
    return is_held
