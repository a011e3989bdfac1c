"""The actor of one charging point: its mailbox is the order in which everything happens to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nodes.actors.alarms import Alarms
from nodes.actors.answer_book import AnswerBook
from nodes.actors.envelope import Envelope, LookAgain
from nodes.actors.mailbox import Gate, Mailbox
from nodes.actors.outcome import POINT_COMMANDS, done, refused, repeated, subject_id, told
from nodes.actors.point_lock import PointLock
from nodes.config import Limits
from nodes.domain.apply import Subject, apply
from nodes.domain.commands import CommitStop, Tick
from nodes.domain.decide import decide, point_time_ms
from nodes.domain.events import Event, ReservationReleased, SessionStopped
from nodes.domain.point import Point
from nodes.domain.refusals import Refusal, UnknownPoint, UnknownReservation, UnknownSession
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.errors import DeadlineExceeded, StoreError, StoreFailed
from nodes.ports import Buggify, Clock
from nodes.problems import PRECONDITION_FAILED, problem, refusal_answer
from nodes.records import Answer, Kept, Witness
from nodes.request import Query, TripAction
from nodes.store.journal import Journal

_TICK = Tick()


@dataclass(frozen=True, slots=True)
class Office:
    """What all point actors of a node share."""

    clock: Clock
    journal: Journal
    gate: Gate
    """What stops mailboxes while the journal has no room."""
    answers: AnswerBook
    alarms: Alarms
    limits: Limits
    call_soon: Callable[[Callable[[], None]], object]
    buggify: Buggify | None = None
    locks: bool = False
    """Whether points have locks, for the strategy that takes them."""


class PointActor:
    """Serialises everything that happens to one point. All of it is synchronous: nothing in here awaits.

    A reply leaves when what it tells is durable: what the command changed, or, for a refusal, the last change that it
    saw.
    """

    __slots__ = ("_ended", "_office", "lock", "mailbox", "point", "segment")

    def __init__(self, point: Point, office: Office) -> None:
        self.point = point
        self.segment = 0
        """The journal segment that holds the point's last change."""
        self.lock = PointLock(office.gate, office.call_soon) if office.locks else None
        self.mailbox: Mailbox[Envelope | Tick] = Mailbox(
            self.handle,
            self.lock or office.gate,
            office.call_soon,
            capacity=office.limits.mailbox_capacity,
            burst=office.limits.mailbox_burst,
        )
        self._office = office
        self._ended: dict[str, tuple[int, Reservation | Session]] = {}
        self._set_alarm()

    @property
    def witness(self) -> Witness:
        """The version of the point's state."""
        return (self.point.epoch, self.point.seq)

    def wake(self) -> None:
        """Let the passing of time take effect. Should the mailbox be full, a command before it does the same."""
        self.mailbox.offer(_TICK)

    def in_force(self, identifier: str) -> Reservation | Session | None:
        """Return a reservation or session of this point that is in force."""
        session = self.point.session
        if session is not None and session.id == identifier:
            return session
        return self.point.reservations.get(identifier)

    def just_ended(self, identifier: str) -> Reservation | Session | None:
        """Return what is over but perhaps not durable yet, so that the store may not know."""
        ended = self._ended.get(identifier)
        return None if ended is None else ended[1]

    def abandon(self, error: StoreError) -> None:
        """Refuse everything that waits: the node cannot go on."""
        for message in self.mailbox.empty():
            _refuse(message, error)

    def handle(self, message: Envelope | Tick) -> None:
        """Do what a message asks for, at once: for the mailbox, and for strategies that go past it."""
        try:
            now_ms = point_time_ms(self.point, self._office.clock.now_ms())
            self._catch_up(now_ms)
            if isinstance(message, Envelope) and not message.reply.done():
                self._answer(message, now_ms)
                if message.request.is_timed:
                    message.decided_s = self._office.clock.stopwatch_s()
            self._set_alarm()
        except Exception as error:
            # A mistake of ours between decide and apply leaves memory unlike the journal: nothing may be answered on it.
            failure = StoreFailed(self.point.id, f"{type(error).__name__}: {error}")
            self._office.journal.fail(failure)
            _refuse(message, failure)
            raise

    def _catch_up(self, now_ms: int) -> None:
        """Do what was due before now, so that the command meets the point as it is."""
        while True:
            due = decide(self.point, _TICK, now_ms)
            if isinstance(due, Refusal) or not due:
                return
            self._change(due, now_ms, None)

    def _answer(self, envelope: Envelope, now_ms: int) -> None:
        office, request, reply = self._office, envelope.request, envelope.reply
        if request.is_timed:
            envelope.taken_s = office.clock.stopwatch_s()
        if envelope.deadline_s <= office.clock.monotonic_s():
            reply.set_exception(DeadlineExceeded("it waited in the point's mailbox for too long", started=False))
            return
        if office.buggify is not None and office.buggify("point.expire"):
            reply.set_exception(DeadlineExceeded("it waited as if for too long", started=False))
            return
        if office.buggify is not None and office.buggify("point.look_again"):
            reply.set_exception(LookAgain())
            return
        envelope.started = True
        try:
            if request.key is not None and (known := self._known(envelope, request.key, now_ms)) is not None:
                segment, kept = known
                office.journal.settle(segment, reply, repeated(kept, request.fingerprint))
                return
            answer = self._act(envelope, now_ms)
        except LookAgain as signal:
            reply.set_exception(signal)
            return
        segment = self.segment
        if request.key is not None:
            kept = Kept(request.key, request.fingerprint, answer, now_ms)
            segment = office.journal.keep(kept)
            office.answers.remember(kept, segment, now_ms)
        office.journal.settle(segment, reply, answer)

    def _known(self, envelope: Envelope, key: str, now_ms: int) -> tuple[int, Kept] | None:
        """Return what was answered under this key before, and the segment that must be durable before it is repeated."""
        answers = self._office.answers
        if (entry := answers.find(key, now_ms)) is not None:
            return entry.segment, entry.kept
        if envelope.stored is not None:
            return (0, envelope.stored) if answers.is_valid(envelope.stored, now_ms) else None
        if answers.may_have_left(key, envelope.evicted):
            raise LookAgain
        return None

    def _act(self, envelope: Envelope, now_ms: int) -> Answer:
        request, action = envelope.request, envelope.request.action
        if request.if_match is not None and request.if_match != self.witness:
            return problem(PRECONDITION_FAILED, "the point has changed since", witness=self.witness)
        if isinstance(action, Query):
            if not self.point.seq:  # its creation was asked and has not happened
                return refusal_answer(UnknownPoint(self.point.id), None)
            return told(action, self.point, self._subject(envelope), self.witness, now_ms)
        assert not isinstance(action, TripAction), "a trip is its coordinator's"
        decision = decide(envelope.seen or self.point, action, now_ms)
        if isinstance(decision, Refusal):
            past = None
            if isinstance(decision, (UnknownReservation, UnknownSession)):
                past = self._subject(envelope)
            return refused(action, decision, past, self.witness, now_ms)
        subject = self._change(decision, now_ms, request.key)
        if isinstance(action, POINT_COMMANDS):
            subject = self.point
        elif subject is None:
            subject = (
                self.point.reservations[action.reservation_id] if isinstance(action, CommitStop) else self.point.session
            )
        assert subject is not None, f"{type(action).__name__} is about nothing"
        return done(action, subject, self.witness, now_ms, changed=bool(decision))

    def _subject(self, envelope: Envelope) -> Reservation | Session | None:
        """Return the reservation or session that a request is about. What is over was looked up beforehand."""
        identifier = subject_id(envelope.request.action)
        if identifier is None:
            return None
        subject = self.in_force(identifier) or envelope.past or self.just_ended(identifier)
        if subject is None and not envelope.looked:
            raise LookAgain
        return subject

    def _change(self, events: Sequence[Event], now_ms: int, key: str | None) -> Subject | None:
        """Journal the events and apply them. Returns what the last of them is about."""
        if not events:
            return None
        point, subject = self.point, None
        self.segment = self._office.journal.append(point.id, point.seq, now_ms, events, key)
        for event in events:
            ending = self._ending(event)
            subject = apply(point, event, now_ms)
            if ending:
                self._remember_ended(ending)
        return subject

    def _ending(self, event: Event) -> list[Reservation | Session]:
        if isinstance(event, ReservationReleased):
            return [self.point.reservations[event.reservation_id]]
        if isinstance(event, SessionStopped) and self.point.session is not None:
            return [self.point.reservations[event.reservation_id], self.point.session]
        return []

    def _remember_ended(self, ending: list[Reservation | Session]) -> None:
        """Keep what is over until the store has it. Older ones that it has by now are dropped."""
        while self._ended:
            oldest, (segment, _) = next(iter(self._ended.items()))
            if not self._office.journal.is_durable(segment):
                break
            del self._ended[oldest]
        for subject in ending:
            self._ended[subject.id] = (self.segment, subject)

    def _set_alarm(self) -> None:
        now_ms = self._office.clock.now_ms()
        self._office.alarms.set(self.point.id, self.point.next_alarm_ms(point_time_ms(self.point, now_ms)))


def _refuse(message: Envelope | Tick, error: StoreError) -> None:
    if isinstance(message, Envelope) and not message.reply.done():
        message.reply.set_exception(error)
