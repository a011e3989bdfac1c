"""What the real point and the naive model must agree on after every step."""

from dataclasses import asdict, fields

from nodes.domain.events import Event
from nodes.domain.refusals import PointInvalid, Refusal
from tests.nodes.domain.naive_energy import Charge
from tests.nodes.domain.naive_state import Booking, NaiveState, Refused
from tests.nodes.domain.recorded_point import RecordedPoint


def outcome_of(answer: list[Event] | Refusal) -> Refused | None:
    """Return an answer in the model's words: None where it was accepted, else the refusal's name and fields.

    With several fields out of range, which one is named is nobody's business.
    """
    if isinstance(answer, PointInvalid):
        assert answer.error
        return Refused("PointInvalid", {})
    return Refused(type(answer).__name__, asdict(answer)) if isinstance(answer, Refusal) else None


def check_same(recorded: RecordedPoint, model: NaiveState) -> None:
    """Everything that was ever reserved or charged, and the point itself, are the same in both."""
    point = recorded.point
    assert (point.seq, point.epoch, point.updated_ms) == (model.seq, model.epoch, model.changed_ms)
    assert (point.spec, point.maintenance, point.fault) == (model.spec, model.maintenance, model.fault)
    assert list(recorded.reservations) == [booking.id for booking in model.bookings]
    for booking in model.bookings:
        _check_booking(recorded, booking)
    assert list(recorded.sessions) == [charge.id for charge in model.charges]
    for charge in model.charges:
        _check_charge(recorded, charge)
    in_force = [(b.start_ms, b.end_ms, b.id) for b in model.in_force()]
    assert [tuple(entry) for entry in point.calendar] == in_force
    running = model.running()
    assert (None if point.session is None else point.session.id) == (None if running is None else running.id)


def check_same_status(recorded: RecordedPoint, model: NaiveState, now_ms: int) -> None:
    """The point looks the same now and at every edge of a window to come."""
    edges = {edge for b in model.in_force() for edge in (b.start_ms - 1, b.start_ms, b.end_ms - 1, b.end_ms)}
    for moment_ms in {now_ms, *(edge for edge in edges if edge > now_ms)}:
        assert recorded.point.status(moment_ms) == model.status(moment_ms)


def check_same_alarm(recorded: RecordedPoint, model: NaiveState, now_ms: int) -> None:
    """The alarm is the next time at which time alone changes something, found by the model by trying.

    Out of service, a window's start changes nothing that can be seen, nor does the border between a promise and the window
    next to it; being woken there is harmless.
    """
    alarm_ms, change_ms = recorded.point.next_alarm_ms(now_ms), model.next_change_ms(now_ms)
    if alarm_ms != change_ms:
        assert model.out_of_service() or model.promised()
        assert alarm_ms is not None and change_ms is not None and now_ms < alarm_ms < change_ms


def _check_booking(recorded: RecordedPoint, booking: Booking) -> None:
    real = recorded.reservations[booking.id]
    assert real.point_id == recorded.point.id
    for each in fields(booking):
        if each.name == "reason" and booking.status == "FULFILLED":
            continue  # the reason is documented for what ended otherwise than by a stop
        assert getattr(real, each.name) == getattr(booking, each.name), f"{booking.id}: {each.name}"


def _check_charge(recorded: RecordedPoint, charge: Charge) -> None:
    real = recorded.sessions[charge.id]
    assert real.point_id == recorded.point.id
    for each in fields(charge):
        assert getattr(real, each.name) == getattr(charge, each.name), f"{charge.id}: {each.name}"
