"""What a vehicle wanted, however often it had to ask: attempts under one idempotency key."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
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
        "forked",
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
    is_reuse: bool = False
    """Whether the key had come with another request before."""
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
    """Group attempts by key and what they ask, in order of the first.

    ``copied`` are keys that the network delivered more than once. Whose key came with another request before is a
    request of its own, a ``reuse``.
    """
    groups: dict[str, list[list[Operation]]] = defaultdict(list)
    found: list[tuple[str | None, list[Operation], bool]] = []
    for operation in operations:
        known = [] if operation.key is None else groups[operation.key]
        same = next((attempts for attempts in known if _asks_the_same(attempts[0], operation)), None)
        if same is not None:
            same.append(operation)
            continue
        attempts = [operation]
        found.append((operation.key, attempts, bool(known)))
        known.append(attempts)
    return [Request(key, attempts, is_reuse, key in copied) for key, attempts, is_reuse in found]


def _asks_the_same(one: Operation, other: Operation) -> bool:
    return one.f == other.f and one.asked == other.asked


class Callers:
    """Who may have asked for what happened."""

    def __init__(
        self, requests: Iterable[Request], drivers: Mapping[str, str], trip_keys: Mapping[str, str] | None = None
    ) -> None:
        """``drivers`` says whose a reservation or a session is; what others ask about it can have caused nothing.

        ``trip_keys`` are the keys under which trips were asked for, by trip.
        """
        self._trip_keys = trip_keys or {}
        self.by_key: dict[str, Request] = {}
        """The first request under each key."""
        self.trespassers: list[Request] = []
        """Requests about what is another driver's."""
        self._by_subject: dict[tuple[str, str], list[Request]] = defaultdict(list)
        self._makers: dict[str, Request] = {}
        """By the reservation that was acknowledged."""
        self._plug_ins: dict[tuple[str, str], list[Request]] = defaultdict(list)
        """By point and driver."""
        for request in requests:
            first = request.attempts[0]
            if request.key is not None:
                self.by_key.setdefault(request.key, request)
            if first.subject is not None and _is_anothers(first, drivers):
                self.trespassers.append(request)
            elif first.subject is not None:
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

        ``reservation`` is the row of the reservation that the event is about, where it is about one.
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
            case "reservation.prepared" | "reservation.confirmed":
                planned = self.by_key.get(self._trip_keys.get(_trip_of(reservation), ""))
                return [] if planned is None else [planned]
            case "reservation.released" if data["reason"] == "driver":
                trip = _trip_of(reservation)
                return [*self.about("cancel", data["reservation_id"]), *self.about("cancel_trip", trip)]
            case "session.started":
                return self.starts_of(data["reservation_id"], event.point_id, data["driver_id"])
            case "session.metered":
                same = self.about("meter", data["session_id"])
                return [request for request in same if request.attempts[0].asked["energy_wh"] == data["energy_wh"]]
            case "session.stopped" if data["reason"] == "driver":
                return self.about("stop", data["session_id"])
        return []


def _trip_of(reservation: ReservationRow | None) -> str:
    return "" if reservation is None else reservation.trip_id or ""


def _is_anothers(operation: Operation, drivers: Mapping[str, str]) -> bool:
    """Whether it names a driver, and that is not whose reservation or session it is about."""
    asker = operation.asked.get("driver_id")
    return operation.f != "read" and asker is not None and drivers.get(operation.subject or "", asker) != asker
