"""Part of P5: does the state that an answer names explain the answer?

Only what is certain is objected to. What hangs on the node's clock, which no witness tells, is left alone.
"""

from collections.abc import Callable
from itertools import islice

from sim.audit.civil_time import span
from sim.audit.operation import Operation
from sim.audit.point_state import PointState
from sim.audit.rows import BLOCKING, PointRow, ReservationRow

DESCRIBED = ("price_per_kwh_minor", "maintenance", "fault")
"""What an operator changes of a point."""
_SHOWN = 3
"""Windows told where none of them explains a refusal."""

Objection = str | None
"""Why the state does not explain the answer; None: it does, or it may."""


def objection_to_refusal(state: PointState, operation: Operation) -> Objection:
    """Say why a refusal cannot have come from that state. ``operation.error`` is one of ``EXPLAINED``."""
    assert operation.error is not None
    return _REFUSALS[operation.error](state, operation)


def objection_to_read(state: PointState, operation: Operation) -> Objection:
    """Say why a read of the point, or of something of it, cannot have come from that state."""
    if (what := operation.asked.get("what")) in _READS:
        return _READS[what](state, operation)
    session_id, status = operation.told.get("session_id"), operation.told.get("status")
    running = state.running[-1] if state.running else None
    if "session_id" in operation.told and session_id != running:
        return f"the session is said to be {session_id}, it is {running}"
    possible = _possible_statuses(state)
    if status is not None and status not in possible:
        return f"the status is said to be {status}, it is {' or '.join(possible)}"
    return None


def objection_to_change(state: PointState, operation: Operation) -> Objection:
    """Say why what the operator was told of a change is not how the point was after it."""
    if state.point is None:
        return "there was no point"
    was, told = described(state.point), operation.told
    for name, value in was.items():
        if told.get(name) != value:
            return f"{name} is said to be {told.get(name)!r}, it is {value!r}"
        if name in operation.asked and (operation.asked[name] or None) != (value or None):
            return f"{name} was to be {operation.asked[name]!r}, it is {value!r}"
    return None


def described(point: PointRow) -> dict[str, object]:
    """Return what an operator changes of a point."""
    return {name: getattr(point, name) for name in DESCRIBED}


def objection_to_grant(state: PointState, operation: Operation) -> Objection:
    """Say why a reservation or a session cannot have been granted in that state (the one before it)."""
    if state.out_of_service:
        return "the point was out of service"
    told = operation.told
    if operation.f == "reserve":
        taken = state.in_force.overlapping(told["start_ms"], told["end_ms"], but=told["id"])
        if taken:
            return f"{taken[0].reservation_id} held {span(taken[0].start_ms, taken[0].end_ms)}"
    elif state.running:
        return f"session {state.running[-1]} was running"
    return None


def _possible_statuses(state: PointState) -> list[str]:
    """Return what the point may say it is doing; whether a window has begun is the clock's business."""
    if state.point is not None and state.point.fault is not None:
        return ["OUTOFORDER"]
    if state.point is not None and state.point.maintenance:
        return ["INOPERATIVE"]
    if state.running:
        return ["CHARGING"]
    return ["AVAILABLE", "RESERVED"] if len(state.in_force) else ["AVAILABLE"]


def _window_taken(state: PointState, operation: Operation) -> Objection:
    start_ms, end_ms = operation.asked.get("start_ms"), operation.asked.get("end_ms")
    if operation.f != "reserve" or not isinstance(start_ms, int) or not isinstance(end_ms, int):
        return None if len(state.in_force) else "no window was taken at all"
    if state.in_force.overlapping(start_ms, end_ms):
        return None
    held = ", ".join(f"{window.reservation_id} {span(*window[:2])}" for window in islice(state.in_force, _SHOWN))
    return f"no window in force overlapped {span(start_ms, end_ms)}; the first in force: {held or 'none'}"


def _point_unavailable(state: PointState, operation: Operation) -> Objection:
    del operation
    return None if state.out_of_service else "the point was in service"


def _point_occupied(state: PointState, operation: Operation) -> Objection:
    """Somebody else must hold a window: before the caller's own, where there is one."""
    mine = state.reservations.get(operation.subject or "")
    for window in state.in_force:
        if mine is None or (window.reservation_id != mine.id and window.start_ms < mine.start_ms):
            return None
    return "nobody else held the point"


def _unknown_reservation(state: PointState, operation: Operation) -> Objection:
    held = state.reservations.get(operation.subject or "")
    return None if held is None or _anothers(operation, held) else f"{held.id} was {held.status}"


def _reservation_pending(state: PointState, operation: Operation) -> Objection:
    held = state.reservations.get(operation.subject or "")
    if held is None:
        return f"there was no {operation.subject}"
    return None if held.status == "PENDING" else f"{held.id} was {held.status}"


def _reservation_over(state: PointState, operation: Operation) -> Objection:
    held = state.reservations.get(operation.subject or "")
    if held is None:
        return f"there was no {operation.subject}"
    allowing = BLOCKING if operation.f == "start" else BLOCKING - {"ACTIVE"}
    return f"{held.id} was {held.status}" if held.status in allowing else None


def _unknown_session(state: PointState, operation: Operation) -> Objection:
    session = state.sessions.get(operation.subject or "")
    if session is None or operation.asked.get("driver_id", session.driver_id) != session.driver_id:
        return None
    return f"session {session.id} was {session.status}"


def _session_over(state: PointState, operation: Operation) -> Objection:
    session = state.sessions.get(operation.subject or "")
    if session is None:
        return f"there was no session {operation.subject}"
    return f"session {session.id} was ACTIVE" if session.status == "ACTIVE" else None


def _meter_went_back(state: PointState, operation: Operation) -> Objection:
    session = state.sessions.get(operation.subject or "")
    energy_wh = operation.asked.get("energy_wh")
    if session is None or energy_wh is None:
        return f"there was no reading of session {operation.subject}"
    return None if energy_wh < session.energy_wh else f"the meter read {session.energy_wh} Wh before"


def _window_too_short(state: PointState, operation: Operation) -> Objection:
    length_ms = _length_ms(operation)
    if length_ms is None or length_ms < state.min_window_ms:
        return None
    return f"the window was {length_ms} ms long, and the shortest is {state.min_window_ms} ms"


def _window_too_long(state: PointState, operation: Operation) -> Objection:
    length_ms = _length_ms(operation)
    if length_ms is None or length_ms > state.max_window_ms:
        return None
    return f"the window was {length_ms} ms long, and the longest is {state.max_window_ms} ms"


def _length_ms(operation: Operation) -> int | None:
    """Return the length of the window that was asked for; None: from now on, for as long as may be."""
    start_ms, end_ms = operation.asked.get("start_ms"), operation.asked.get("end_ms")
    return end_ms - start_ms if isinstance(start_ms, int) and isinstance(end_ms, int) else None


def _anothers(operation: Operation, held: ReservationRow) -> bool:
    return bool(operation.asked.get("driver_id", held.driver_id) != held.driver_id)


def _reservation_read(state: PointState, operation: Operation) -> Objection:
    held, told = state.reservations.get(operation.subject or ""), operation.told
    if held is None:
        return f"there was no {operation.subject}"
    different = [name for name in _OF_A_RESERVATION if told.get(name) != getattr(held, name)]
    return (
        ", ".join(f"{name} is said to be {told.get(name)}, it is {getattr(held, name)}" for name in different) or None
    )


def _calendar_read(state: PointState, operation: Operation) -> Objection:
    asked, told = operation.asked, operation.told.get("busy")
    if not isinstance(told, list) or len(told) >= asked["limit"]:
        return None if isinstance(told, list) else "it tells no windows"
    held = [list(window[:2]) for window in state.in_force.overlapping(asked["from_ms"], asked["until_ms"])]
    return None if told == held else f"the windows are said to be {told}, they are {held}"


_OF_A_RESERVATION = ("id", "driver_id", "status", "start_ms", "end_ms")
_READS: dict[object, Callable[[PointState, Operation], Objection]] = {
    "reservation": _reservation_read,
    "calendar": _calendar_read,
}
"""What else than the point itself can be read, by what the history calls it."""
_REFUSALS: dict[str, Callable[[PointState, Operation], Objection]] = {
    "window-taken": _window_taken,
    "window-too-short": _window_too_short,
    "window-too-long": _window_too_long,
    "point-unavailable": _point_unavailable,
    "point-occupied": _point_occupied,
    "unknown-reservation": _unknown_reservation,
    "reservation-pending": _reservation_pending,
    "reservation-over": _reservation_over,
    "unknown-session": _unknown_session,
    "session-over": _session_over,
    "meter-went-back": _meter_went_back,
}
EXPLAINED = frozenset(_REFUSALS)
"""The refusals that a state can be held against."""
