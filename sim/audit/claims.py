"""Part of P5: an acknowledged change is the event that its witness names, or had happened before."""

from sim.audit.evidence import Evidence
from sim.audit.explanations import DESCRIBED, described
from sim.audit.made_rows import point_row
from sim.audit.operation import Operation
from sim.audit.point_log import PointLog
from sim.audit.point_state import PointState
from sim.audit.requests import Request
from sim.audit.rows import Event

EVENT_OF = {
    "reserve": "reservation.reserved",
    "cancel": "reservation.released",
    "start": "session.started",
    "meter": "session.metered",
    "stop": "session.stopped",
    "operate": "point.changed",
}
"""The event that an acknowledged operation makes."""
_SAME: dict[str, tuple[str, tuple[str, ...]]] = {
    "reserve": ("reservation_id", ("driver_id", "start_ms", "end_ms", "price_per_kwh_minor")),
    "cancel": ("reservation_id", ("status",)),
    "start": ("session_id", ("reservation_id",)),
    "meter": ("session_id", ("energy_wh",)),
    "stop": ("session_id", ("energy_wh", "cost_minor")),
}
"""Which member of the event the answer's id is, and which members are the same in both."""


def is_made_by(event: Event, operation: Operation) -> bool:
    """Whether the event is what the operation was told of."""
    if event.type != EVENT_OF.get(operation.f):
        return False
    if operation.f == "operate":
        return described(point_row(event)) == {name: operation.told.get(name) for name in DESCRIBED}
    named, members = _SAME[operation.f]
    told, data = operation.told, event.data
    return bool(data[named] == told["id"] and all(data[name] == told[name] for name in members))


def objection_to_repeat(
    evidence: Evidence, log: PointLog, state: PointState, operation: Operation, request: Request
) -> str | None:
    """Say why an acknowledged operation, whose witness is not its event's, did not find its work done already.

    It may have: by the node itself (a session ends with its window), or at another request. To reserve never finds its
    work done.
    """
    if operation.f == "reserve":
        return "no such reservation was made there"
    if (text := _not_done(state, operation)) is not None:
        return text
    events = [event for event in log.about.get(operation.told["id"], ()) if event.seq <= state.seq]
    earlier = next((event for event in events if is_made_by(event, operation)), None)
    if earlier is None:
        return None
    others = [caller for caller in evidence.callers_of(earlier) if caller is not request]
    is_own = earlier.type in {"session.started", "session.metered"} or earlier.data.get("reason") == "driver"
    if is_own and not others:
        return f"its event is {earlier.witness}, and nobody else had asked for it"
    return None


def _not_done(state: PointState, operation: Operation) -> str | None:
    """Say why the state does not hold what was acknowledged."""
    told = operation.told
    if operation.f == "cancel":
        held = state.reservations.get(told["id"])
        if held is None or held.status != told["status"]:
            return f"{told['id']} was {'not there' if held is None else held.status}"
        return None
    session = state.sessions.get(told["id"])
    if session is None:
        return f"there was no session {told['id']}"
    if operation.f == "stop":
        facts = (session.energy_wh, session.cost_minor)
        done = session.status != "ACTIVE" and facts == (told["energy_wh"], told["cost_minor"])
    elif operation.f == "meter":
        done = session.status == "ACTIVE" and session.energy_wh == told["energy_wh"]
    else:
        done = session.status == "ACTIVE" and session.reservation_id == told["reservation_id"]
    return None if done else f"session {session.id} was {session.status} with {session.energy_wh} Wh"
