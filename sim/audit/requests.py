"""What a vehicle wanted, however often it had to ask: attempts under one idempotency key."""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any

from sim.audit.operation import Operation
from sim.audit.rows import Event, ReservationRow

PASSING = frozenset(
    {
        "point-busy",
        "node-busy",
        "draining",
        "owner-unreachable",
        "deadline-passed",
        "unreachable",
        "unknown-node",
        "misdirected",
        "unknown-point",
    }
)
"""Refusals that say nothing of the request itself: nothing was decided, and the next answer may differ."""
_MALFORMED = frozenset(
    {
        "no-problem",
        "invalid-request",
        "idempotency-key-missing",
        "idempotency-key-invalid",
        "idempotency-key-reused",
        "precondition-failed",
        "precondition-invalid",
        "body-too-large",
        "not-found",
        "method-not-allowed",
        "bad-request",
    }
)
"""Refusals of a request that no point ever saw; they are not kept under its key."""


def is_decision(operation: Operation) -> bool:
    """Whether the owner decided: it said ok, or refused for good."""
    if operation.outcome == "ok":
        return True
    status, error = operation.status or 0, operation.error
    return operation.outcome == "fail" and 400 <= status < 500 and status != 429 and error not in PASSING | _MALFORMED


@dataclass(slots=True)
class Request:
    """One or more attempts under one key; without a key, one attempt."""

    key: str | None
    attempts: list[Operation]
    is_copied: bool = False
    """Whether the network delivered an attempt more than once. What became of the copy was told to nobody."""
    decisions: list[Operation] = field(default_factory=list)
    """The attempts that were told a decision, in order of their completion."""

    def __post_init__(self) -> None:
        decided = [attempt for attempt in self.attempts if is_decision(attempt)]
        self.decisions = sorted(decided, key=lambda attempt: attempt.end_index or 0)

    @property
    def first_index(self) -> int:
        """The line in which it was first asked: it had no effect before."""
        return self.attempts[0].index

    @property
    def may_have_acted(self) -> bool:
        """Whether it may have taken effect."""
        return self.is_copied or any(attempt.may_have_acted for attempt in self.attempts)


def requests_of(operations: Iterable[Operation], copied: Container[str] = ()) -> list[Request]:
    """Group attempts by key, in order of the first. ``copied`` are keys that the network delivered more than once."""
    groups: dict[str, list[Operation]] = {}
    found: list[tuple[str | None, list[Operation]]] = []
    for operation in operations:
        if operation.key is not None and operation.key in groups:
            groups[operation.key].append(operation)
            continue
        attempts = [operation]
        found.append((operation.key, attempts))
        if operation.key is not None:
            groups[operation.key] = attempts
    return [Request(key, attempts, key is not None and key in copied) for key, attempts in found]


class Callers:
    """Who may have asked for what happened."""

    def __init__(self, requests: Iterable[Request]) -> None:
        self.by_key: dict[str, Request] = {}
        self._by_subject: dict[tuple[str, str], list[Request]] = defaultdict(list)
        self._makers: dict[str, Request] = {}
        """By the reservation that was acknowledged."""
        self._plug_ins: dict[tuple[str, str], list[Request]] = defaultdict(list)
        """By point and driver."""
        for request in requests:
            first = request.attempts[0]
            if request.key is not None:
                self.by_key[request.key] = request
            if first.subject is not None:
                self._by_subject[first.f, first.subject].append(request)
            elif first.f == "start" and first.point is not None:
                self._plug_ins[first.point, str(first.asked["driver_id"])].append(request)
            for attempt in request.attempts:
                if first.f == "reserve" and attempt.is_ok:
                    self._makers.setdefault(attempt.told["id"], request)

    def about(self, f: str, subject: str) -> list[Request]:
        """Return the requests to do that with a reservation or session."""
        return self._by_subject.get((f, subject), [])

    def starts_of(self, reservation_id: str, point_id: str, driver_id: str) -> list[Request]:
        """Return the requests that may have plugged in under that reservation."""
        return [*self.about("start", reservation_id), *self._plug_ins.get((point_id, driver_id), [])]

    def of(self, event: Event, reservation: ReservationRow | None) -> list[Request]:
        """Return the requests that may have caused an event; empty: the node did it, or somebody outside the run.

        ``reservation`` is the row of the reservation that a ``reservation.reserved`` made.
        """
        found = self._candidates(event, reservation)
        return [request for request in found if request.may_have_acted]

    def _candidates(self, event: Event, reservation: ReservationRow | None) -> list[Request]:
        data: dict[str, Any] = event.data
        match event.type:
            case "reservation.reserved":
                key = None if reservation is None else reservation.idempotency_key
                maker = self._makers.get(data["reservation_id"]) or self.by_key.get(key or "")
                return [] if maker is None else [maker]
            case "reservation.released" if data["reason"] == "driver":
                return self.about("cancel", data["reservation_id"])
            case "session.started":
                return self.starts_of(data["reservation_id"], event.point_id, data["driver_id"])
            case "session.metered":
                same = self.about("meter", data["session_id"])
                return [request for request in same if request.attempts[0].asked["energy_wh"] == data["energy_wh"]]
            case "session.stopped" if data["reason"] == "driver":
                return self.about("stop", data["session_id"])
        return []
