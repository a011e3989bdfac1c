"""What must hold of a charging point at all times, checked on the real domain alone (promises P1 and P9, and recovery)."""

from itertools import pairwise

from nodes.domain.commands import Tick
from nodes.domain.decide import decide, point_time_ms
from nodes.domain.refusals import UnknownPoint
from nodes.domain.reservation import IN_FORCE, Reservation, ReservationStatus
from nodes.domain.session import Session, SessionStatus
from tests.nodes.domain.recorded_point import RecordedPoint, state_of

MS_PER_HOUR = 3_600_000
LONG_MS = 10 * 366 * 24 * MS_PER_HOUR


def check_no_double_booking(recorded: RecordedPoint) -> None:
    """Over all that ever existed, no two windows ``[start, released or end)`` share an instant."""
    windows = []
    for reservation in recorded.reservations.values():
        end_ms = reservation.end_ms if reservation.released_ms is None else reservation.released_ms
        if reservation.start_ms < end_ms:
            windows.append((reservation.start_ms, end_ms, reservation.id))
    for earlier, later in pairwise(sorted(windows)):
        assert earlier[1] <= later[0], f"double booking: {earlier} and {later}"


def check_one_session(recorded: RecordedPoint) -> None:
    """One session runs at most, under a reservation in force, and what is over is not kept on the point."""
    running = [session for session in recorded.sessions.values() if session.status is SessionStatus.ACTIVE]
    assert running == ([] if recorded.point.session is None else [recorded.point.session])
    in_force = {key for key, reservation in recorded.reservations.items() if reservation.status in IN_FORCE}
    assert in_force == set(recorded.point.reservations)
    assert {session.reservation_id for session in running} <= in_force


def check_promises(recorded: RecordedPoint) -> None:
    """What was promised and not decided is in force, and is found by its trip and stop."""
    point = recorded.point
    pending = [each for each in recorded.reservations.values() if each.status is ReservationStatus.PENDING]
    assert point.in_doubt == {(each.trip_id, each.trip_stop): each.id for each in pending}
    assert len(point.in_doubt) == len(pending)
    assert all(point.reservations[each.id] is each for each in pending)


def check_energy_and_cost(recorded: RecordedPoint) -> None:
    """Energy never exceeds power times time or the battery's room, and the bill is the exact price rounded half up."""
    for session in recorded.sessions.values():
        until_ms = session.ended_ms if session.ended_ms is not None else recorded.point.updated_ms
        assert session.energy_wh * MS_PER_HOUR <= session.max_power_w * (until_ms - session.started_ms)
        assert session.max_energy_wh is None or session.energy_wh <= session.max_energy_wh
        if session.status is SessionStatus.COMPLETED:
            twice_off = 2 * (1000 * session.cost_minor - session.energy_wh * session.price_per_kwh_minor)
            assert -1000 < twice_off <= 1000
        else:
            assert session.cost_minor == 0


def check_recovery(recorded: RecordedPoint) -> None:
    """The journal alone gives the point back, with every event counted once."""
    assert recorded.point.seq == len(recorded.journal)
    assert state_of(recorded.replayed()) == state_of(recorded.point)


def check_witnesses(recorded: RecordedPoint) -> None:
    """Every id names the event that made it, and no two subjects carry the witness of a later event than the point's."""
    subjects: dict[str, Reservation | Session] = {**recorded.reservations, **recorded.sessions}
    for identifier, subject in subjects.items():
        point_id, _, made_by = identifier.rpartition(".")
        epoch, _, seq = made_by[1:].partition("-")
        assert point_id == recorded.point.id
        assert recorded.journal[int(seq) - 1].epoch == int(epoch)
        assert (int(epoch), int(seq)) <= (subject.epoch, subject.seq) <= (recorded.point.epoch, recorded.point.seq)


def check_alarm(recorded: RecordedPoint, clock_ms: int) -> None:
    """After ticking, nothing changes by time alone before the alarm; where there is none, nothing ever does."""
    point = recorded.point
    now_ms = point_time_ms(point, clock_ms)
    alarm_ms = point.next_alarm_ms(now_ms)
    if point.seq == 0:
        assert alarm_ms is None
        assert decide(point, Tick(), now_ms) == UnknownPoint(point.id)
        return
    assert alarm_ms is None or alarm_ms > now_ms
    quiet_until_ms = now_ms + LONG_MS if alarm_ms is None else alarm_ms - 1
    assert decide(point, Tick(), quiet_until_ms) == []
    assert point.status(quiet_until_ms) == point.status(now_ms)


def check_calendar(recorded: RecordedPoint) -> None:
    """The calendar holds exactly the windows of what is in force."""
    point = recorded.point
    windows = sorted((r.start_ms, r.end_ms, r.id) for r in point.reservations.values())
    assert [tuple(entry) for entry in point.calendar] == windows
    assert len(point.calendar) == len(windows)
