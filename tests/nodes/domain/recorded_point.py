"""The real domain driven as an actor drives it, with everything that happened written down."""

from dataclasses import asdict, dataclass
from typing import Any

from nodes.domain.apply import apply
from nodes.domain.commands import Command, Tick
from nodes.domain.decide import decide, point_time_ms
from nodes.domain.events import Event, ReservationPrepared, ReservationReserved, SessionStarted
from nodes.domain.point import Point, PointSpec
from nodes.domain.refusals import Refusal
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One event as the owner's journal keeps it."""

    epoch: int
    at_ms: int
    event: Event


class RecordedPoint:
    """A point with its journal, and every reservation and session it ever had, in their latest state."""

    def __init__(self, point_id: str, spec: PointSpec) -> None:
        self._first_spec = spec
        self.point = Point(point_id, spec, epoch=1)
        self.journal: list[JournalLine] = []
        self.reservations: dict[str, Reservation] = {}
        self.sessions: dict[str, Session] = {}

    def handle(self, command: Command, clock_ms: int) -> list[Event] | Refusal:
        """Do what is due, then decide, then apply: exactly what an actor does with a command."""
        self.settle(clock_ms)
        now_ms = point_time_ms(self.point, clock_ms)
        decision = decide(self.point, command, now_ms)
        if isinstance(decision, Refusal):
            return decision
        for event in decision:
            self._apply(event, now_ms)
        return list(decision)

    def settle(self, clock_ms: int) -> list[Event]:
        """Tick until no event follows, and return the events that did; it must come to an end."""
        done: list[Event] = []
        if self.point.seq == 0:
            return done
        now_ms = point_time_ms(self.point, clock_ms)
        for _ in range(2 * len(self.point.reservations) + 1):
            decision = decide(self.point, Tick(), now_ms)
            assert not isinstance(decision, Refusal)
            if not decision:
                return done
            for event in decision:
                self._apply(event, now_ms)
                done.append(event)
        raise AssertionError("time passing caused more events than there are windows to extend and release")

    def replayed(self) -> Point:
        """Return a point rebuilt from the journal alone, as recovery does it."""
        point = Point(self.point.id, self._first_spec, epoch=1)
        for line in self.journal:
            point.epoch = line.epoch
            apply(point, line.event, line.at_ms)
        point.epoch = self.point.epoch
        return point

    def restart(self) -> None:
        """Go on with the point that the journal gives, under the next epoch."""
        self.point = self.replayed()
        self.point.epoch += 1
        self.reservations.update(self.point.reservations)
        if self.point.session is not None:
            self.sessions[self.point.session.id] = self.point.session

    def _apply(self, event: Event, now_ms: int) -> None:
        known, before = {*self.reservations, *self.sessions}, self.point.seq
        if isinstance(event, ReservationReserved | ReservationPrepared):
            assert event.reservation_id not in known, f"{event.reservation_id} is used twice"
        if isinstance(event, SessionStarted):
            assert event.session_id not in known, f"{event.session_id} is used twice"
        subject = apply(self.point, event, now_ms)
        assert self.point.seq == before + 1
        assert self.point.updated_ms == now_ms
        self.journal.append(JournalLine(self.point.epoch, now_ms, event))
        if isinstance(subject, Reservation):
            self.reservations[subject.id] = subject
        elif isinstance(subject, Session):
            self.sessions[subject.id] = subject


def state_of(point: Point) -> dict[str, Any]:
    """Return all that a point knows as plain values, the calendar as the list of its windows."""
    return {
        "id": point.id,
        "spec": point.spec,
        "epoch": point.epoch,
        "seq": point.seq,
        "maintenance": point.maintenance,
        "fault": point.fault,
        "updated_ms": point.updated_ms,
        "session": None if point.session is None else asdict(point.session),
        "reservations": {key: asdict(reservation) for key, reservation in point.reservations.items()},
        "calendar": list(point.calendar),
        "in_doubt": dict(point.in_doubt),
    }
