"""What a group's requests come to as calls: granted, refused, given back, or perhaps never done."""

from dataclasses import dataclass

from sim.audit.overlap_groups import Group
from sim.audit.requests import Request
from sim.audit.wing_gong import Kind


@dataclass(frozen=True, slots=True)
class Tried:
    """A call, with what it was about."""

    request: Request
    kind: Kind
    start: int
    end: int | None
    """None: it may not have been done, or not before the end of what is looked at."""
    start_ms: int = 0
    end_ms: int = 0
    reservation_id: str = ""

    def overlaps(self, other: "Tried") -> bool:
        """Whether the windows share an instant."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms


def calls_of(group: Group, before: float) -> list[Tried]:
    """Return the calls made before that line; what was answered later had not been answered by then."""
    calls: list[Tried] = []
    reserved: set[str] = set()
    for request in group.requests:
        if request.first_index >= before:
            break
        f = request.attempts[0].f
        tried = _reserve(group, request, before) if f == "reserve" else _cancel(group, request, before)
        if tried is None or (tried.kind is Kind.CANCEL and tried.reservation_id not in reserved):
            continue
        if tried.kind is Kind.RESERVE:
            reserved.add(tried.reservation_id)
        calls.append(tried)
    return calls


def _reserve(group: Group, request: Request, before: float) -> Tried | None:
    """Return the call, or None if it held nothing and its refusal says nothing of windows."""
    start = request.first_index
    if not request.decisions:
        row = group.made.get(request.key or "")
        if row is None or not request.may_have_acted:
            return None
        return Tried(request, Kind.RESERVE, start, None, row.start_ms, row.end_ms, row.id)
    decision = request.decisions[0]
    end = _end(request, before)
    if decision.is_ok:
        told = decision.told
        return Tried(request, Kind.RESERVE, start, end, told["start_ms"], told["end_ms"], told["id"])
    asked = request.attempts[0].asked
    start_ms, end_ms = asked.get("start_ms"), asked.get("end_ms")
    if decision.error != "window-taken" or end is None or start_ms is None or end_ms is None:
        return None
    return Tried(request, Kind.REFUSED, start, end, start_ms, end_ms)


def _cancel(group: Group, request: Request, before: float) -> Tried | None:
    """Return the call, or None if it gave nothing back."""
    name = request.attempts[0].subject or ""
    if request.decisions:
        decision = request.decisions[0]
        if not decision.is_ok or decision.told["status"] != "CANCELED":
            return None
    elif name not in group.released or not request.may_have_acted:
        return None
    return Tried(request, Kind.CANCEL, request.first_index, _end(request, before), reservation_id=name)


def _end(request: Request, before: float) -> int | None:
    end = request.decisions[0].end_index if request.decisions else None
    return end if end is not None and end < before else None
