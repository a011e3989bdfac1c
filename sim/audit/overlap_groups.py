"""Requests of a point whose windows overlap, directly or through others; they alone bear on each other."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from sim.audit.evidence import Evidence
from sim.audit.point_log import PointLog
from sim.audit.requests import Request
from sim.audit.rows import Event, ReservationRow


@dataclass(slots=True)
class Group:
    """Requests to reserve windows that overlap, and to give them back."""

    point_id: str
    requests: list[Request] = field(default_factory=list)
    """In order of their first attempt."""
    made: dict[str, ReservationRow] = field(default_factory=dict)
    """What the journal made of them, by key."""
    released: set[str] = field(default_factory=set)
    """Reservations that the journal says drivers gave back."""
    changed: float = inf
    """The line before which nothing but these requests can have changed these windows."""

    def limit(self, count: int) -> float:
        """Return the line before which these requests, and no more than ``count`` that may have acted, were made."""
        acting = [request for request in self.requests if request.may_have_acted]
        return self.changed if len(acting) <= count else min(self.changed, acting[count].first_index)


@dataclass(frozen=True, slots=True)
class _Extent:
    """A window as far as it ever went, and whose it was."""

    start_ms: int
    end_ms: int
    request: Request | None
    row: ReservationRow | None


class _Course:
    """A point's journal, with who may have asked for each event, and when at the earliest."""

    def __init__(self, evidence: Evidence, log: PointLog) -> None:
        self.log = log
        self.callers: dict[int, list[Request]] = {}
        self.since: dict[int, int] = {}
        """By event, a line before which it cannot have happened: it, or one before it, was not asked for yet."""
        self.of_reservation: dict[str, list[Event]] = defaultdict(list)
        line = -1
        for event in log.events:
            callers = self.callers[event.seq] = evidence.callers_of(event)
            if callers:
                line = max(line, min(request.first_index for request in callers))
            self.since[event.seq] = line
            self.of_reservation[event.data.get("reservation_id", "")].append(event)


def overlap_groups(evidence: Evidence) -> Iterator[Group]:
    """Yield the groups of every point, in the order of their windows."""
    by_point: dict[str, list[Request]] = defaultdict(list)
    trespasses = {request.first_index for request in evidence.callers.trespassers}
    for request in evidence.requests:
        first = request.attempts[0]
        if request.is_reuse or request.first_index in trespasses:
            continue  # it must come to nothing: other checks say so
        if first.f in ("reserve", "cancel") and first.point is not None:
            by_point[first.point].append(request)
    for point_id, requests in by_point.items():
        log = evidence.logs.get(point_id)
        if log is not None:
            yield from _groups(evidence, _Course(evidence, log), requests)


def _groups(evidence: Evidence, course: _Course, requests: list[Request]) -> Iterator[Group]:
    extents = [extent for request in requests if (extent := _asked(request)) is not None]
    extents += [_Extent(row.start_ms, row.end_ms, None, row) for row in course.log.final.reservations.values()]
    extents.sort(key=lambda extent: extent.start_ms)
    cancels: dict[str, list[Request]] = defaultdict(list)
    for request in requests:
        if request.attempts[0].f == "cancel":
            cancels[request.attempts[0].subject or ""].append(request)
    together: list[_Extent] = []
    until_ms = -inf
    for extent in extents:
        if together and extent.start_ms >= until_ms:
            yield _group(evidence, course, together, cancels)
            together = []
        together.append(extent)
        until_ms = max(until_ms, extent.end_ms)
    if together:
        yield _group(evidence, course, together, cancels)


def _asked(request: Request) -> _Extent | None:
    """Return the window that was asked for or granted; None where none was named."""
    first = request.attempts[0]
    if first.f != "reserve":
        return None
    windows = [
        (each.get("start_ms"), each.get("end_ms")) for each in (first.asked, *(d.told for d in request.decisions))
    ]
    known = [(start, end) for start, end in windows if type(start) is int and type(end) is int and start < end]
    if not known:
        return None
    return _Extent(min(start for start, _ in known), max(end for _, end in known), request, None)


def _group(evidence: Evidence, course: _Course, together: list[_Extent], cancels: dict[str, list[Request]]) -> Group:
    group = Group(course.log.point_id)
    requests: dict[int, Request] = {}
    names: dict[str, None] = {}
    for extent in together:
        if extent.request is not None:
            requests[extent.request.first_index] = extent.request
            names |= {decision.told["id"]: None for decision in extent.request.decisions if decision.is_ok}
        if extent.row is not None:
            names[extent.row.id] = None
            for maker in _take_row(evidence, course, group, extent.row):
                requests[maker.first_index] = maker
    for name in names:
        requests |= {request.first_index: request for request in cancels.get(name, ())}
    group.requests = [requests[line] for line in sorted(requests)]
    for request in group.requests:
        if _is_unknowable(request):
            group.changed = min(group.changed, request.first_index)
    return group


def _take_row(evidence: Evidence, course: _Course, group: Group, row: ReservationRow) -> list[Request]:
    """Note what the journal says of a reservation, or what else became of it; return who asked to reserve it."""
    kept = evidence.reservations.get(row.id)
    key = None if kept is None else kept.idempotency_key
    makers: list[Request] = []
    for event in course.of_reservation[row.id]:
        callers = course.callers[event.seq]
        if event.type == "reservation.reserved" and key is not None and _are(callers, "reserve"):
            group.made[key] = row._replace(start_ms=event.data["start_ms"], end_ms=event.data["end_ms"])
            makers = callers
        elif event.type == "reservation.released" and event.data["reason"] == "driver" and _are(callers, "cancel"):
            group.released.add(row.id)
        else:
            group.changed = min(group.changed, course.since[event.seq])
    return makers


def _are(callers: list[Request], f: str) -> bool:
    return bool(callers) and all(request.attempts[0].f == f for request in callers)


def _is_unknowable(request: Request) -> bool:
    """Whether nothing says what became of a request that may have acted."""
    if request.decisions:
        decision = request.decisions[0]
        return decision.outcome == "ok" and not decision.is_ok
    return request.key is None and request.may_have_acted
