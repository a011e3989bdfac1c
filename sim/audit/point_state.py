"""A charging point written down a second time, from what was promised and not from the nodes' code.

It believes every event and says what is odd about it, so that one wrong event does not hide the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from sim.audit.civil_time import civil, span
from sim.audit.made_rows import point_row, reservation_row, session_row
from sim.audit.oddity import Oddity
from sim.audit.rows import BLOCKING, Event, PointRow, ReservationRow, SessionRow
from sim.audit.windows import Windows


@dataclass(slots=True)
class PointState:
    """The point after some of its events. Reservations and sessions stay after they have ended."""

    id: str
    seq: int = 0
    changed: Event | None = None
    """The last event."""
    point: PointRow | None = None
    """As the last event that described it says."""
    reservations: dict[str, ReservationRow] = field(default_factory=dict)
    sessions: dict[str, SessionRow] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    """Sessions that are active: one at most, if all is well."""
    in_force: Windows = field(default_factory=Windows)

    _no_show_ms: int = 0
    _late_stop_ms: int = 0
    _early_start_ms: int = 0
    _cancel_until_ms: int = 0
    min_window_ms: int = 0
    max_window_ms: int = 0
    horizon_ms: int = 0
    """How far ahead a window may start."""

    @property
    def out_of_service(self) -> bool:
        """Whether nothing may be reserved or started."""
        return self.point is not None and (self.point.maintenance or self.point.fault is not None)

    def no_show_ms(self, reservation: ReservationRow) -> int:
        """Return when a reservation nobody plugged in for is released: never before the terms were made."""
        changed_ms = 0 if self.point is None else self.point.changed_ms
        return max(changed_ms, min(reservation.start_ms + self._no_show_ms, reservation.end_ms))

    def over_ms(self, reservation: ReservationRow) -> int:
        """Return when a session under a reservation is ended at the latest."""
        return reservation.end_ms + (0 if reservation.extended else self._late_stop_ms)

    def start_from_ms(self, reservation: ReservationRow) -> int:
        """Return from when on a reservation can be used."""
        return reservation.start_ms - self._early_start_ms

    def cancel_until_ms(self, reservation: ReservationRow) -> int:
        """Return until when a reservation can be given back."""
        return reservation.start_ms - self._cancel_until_ms

    def describe(self, event: Event) -> None:
        """Let the point be as the event says."""
        self.point = point_row(event)
        terms = event.data["spec"]["terms"]
        self._no_show_ms, self._late_stop_ms = int(terms["no_show_s"]) * 1000, int(terms["late_stop_s"]) * 1000
        self._early_start_ms = int(terms["early_start_s"]) * 1000
        self._cancel_until_ms = int(terms["cancel_until_s"]) * 1000
        self.min_window_ms, self.max_window_ms = int(terms["min_window_s"]) * 1000, int(terms["max_window_s"]) * 1000
        self.horizon_ms = int(terms["horizon_s"]) * 1000

    def overdue(self, now_ms: int) -> ReservationRow | None:
        """Return a reservation that is in force though it was due as a no-show; one in use may stand before it."""
        in_order = (self.reservations[window.reservation_id] for window in self.in_force)
        for held in islice((held for held in in_order if held.status != "PENDING"), 2):
            if held.status == "RESERVED":
                return held if self.no_show_ms(held) <= now_ms else None
        return None

    def apply(self, event: Event) -> list[Oddity]:
        """Let the event happen; return what is odd about it."""
        oddities = _APPLY[event.type](self, event)
        self.seq, self.changed = event.seq, event
        return oddities

    def present_point(self) -> PointRow | None:
        """Return the point with the version that the last event gave it."""
        if self.point is None or self.changed is None:
            return None
        last = self.changed
        return self.point._replace(updated_ms=last.at_ms, epoch=last.epoch, seq=last.seq)


def _odd(event: Event, kind: str, text: str, *subjects: str) -> list[Oddity]:
    return [Oddity(kind, event, text, subjects)]


def _clashes(state: PointState, event: Event, start_ms: int, end_ms: int, name: str) -> list[Oddity]:
    """Return an oddity for every window in force that the reservation's new one overlaps."""
    return [
        Oddity(
            "overlap",
            event,
            f"{name} {span(start_ms, end_ms)} overlaps {other.reservation_id} {span(other.start_ms, other.end_ms)}",
            (other.reservation_id, name),
        )
        for other in state.in_force.overlapping(start_ms, end_ms, but=name)
    ]


def _overdue(state: PointState, event: Event) -> list[Oddity]:
    """Return an oddity if a window is still held that was due as a no-show: a point first does what is due."""
    held = state.overdue(event.at_ms)
    if held is None or (held.epoch, held.seq) == (event.epoch, event.seq - 1):  # a walk-up's own, made with it
        return []
    due_ms = state.no_show_ms(held)
    text = f"{held.id} was due as a no-show at {civil(due_ms)} and still held at {civil(event.at_ms)}"
    return _odd(event, "no-show", text, held.id)


def _in_the_past(state: PointState, event: Event, made: ReservationRow) -> list[Oddity]:
    """Return an oddity if a window begins before the point's time: somebody else may have used that moment."""
    now_ms = event.at_ms if state.changed is None else max(event.at_ms, state.changed.at_ms)
    if made.start_ms >= now_ms:
        return []
    return _odd(
        event, "past", f"{made.id} begins at {civil(made.start_ms)}, granted when it was {civil(now_ms)}", made.id
    )


def _point_created(state: PointState, event: Event) -> list[Oddity]:
    odd = [] if state.point is None else _odd(event, "twice", f"{state.id} is created a second time")
    state.describe(event)
    return odd


def _point_changed(state: PointState, event: Event) -> list[Oddity]:
    odd = _odd(event, "unknown", f"{state.id} is changed before it was created") if state.point is None else []
    state.describe(event)
    return odd


def _reserved(state: PointState, event: Event) -> list[Oddity]:
    made, point = reservation_row(event), state.point
    odd = _overdue(state, event)
    if made.id in state.reservations:
        odd += _odd(event, "twice", f"{made.id} is reserved a second time", made.id)
    if point is None:
        odd += _odd(event, "unknown", f"{made.id} is reserved before {state.id} was created", made.id)
    elif (made.price_per_kwh_minor, made.currency) != (point.price_per_kwh_minor, point.currency):
        asked, announced = made.price_per_kwh_minor, point.price_per_kwh_minor
        text = f"{made.id} costs {asked} {made.currency} per kWh, announced were {announced} {point.currency}"
        odd += _odd(event, "price", text, made.id)
    odd += _in_the_past(state, event, made)
    odd += _clashes(state, event, made.start_ms, made.end_ms, made.id)
    state.reservations[made.id] = made
    state.in_force.put(made.start_ms, made.end_ms, made.id)
    return odd


def _confirmed(state: PointState, event: Event) -> list[Oddity]:
    name = event.data["reservation_id"]
    held = state.reservations.get(name)
    if held is None:
        return _odd(event, "unknown", f"{name} is confirmed, but was never prepared", name)
    state.reservations[name] = held._replace(status="RESERVED", epoch=event.epoch, seq=event.seq)
    if held.status != "PENDING":
        return _odd(event, "over", f"{name} is confirmed while {held.status}", name)
    return []


def _released(state: PointState, event: Event) -> list[Oddity]:
    data = event.data
    held = state.reservations.get(data["reservation_id"])
    if held is not None and (held.status == "PENDING") != (data["status"] == "REJECTED"):
        text = f"{held.id} is {held.status} and becomes {data['status']} ({data['reason']})"
        return _odd(event, "unilateral", text, held.id) + _end(
            state, event, held.id, data["status"], data["released_ms"], BLOCKING - {"ACTIVE"}
        )
    return _end(state, event, data["reservation_id"], data["status"], data["released_ms"], BLOCKING - {"ACTIVE"})


def _extended(state: PointState, event: Event) -> list[Oddity]:
    name, end_ms = event.data["reservation_id"], event.data["end_ms"]
    held = state.reservations.get(name)
    if held is None:
        return _odd(event, "unknown", f"{name} is extended, but was never reserved", name)
    odd: list[Oddity] = []
    if held.status != "ACTIVE":
        odd += _odd(event, "over", f"{name} is extended while {held.status}", name)
    odd += _clashes(state, event, held.start_ms, end_ms, name)
    state.reservations[name] = held._replace(end_ms=end_ms, extended=True, epoch=event.epoch, seq=event.seq)
    state.in_force.put(held.start_ms, end_ms, name)
    return odd


def _started(state: PointState, event: Event) -> list[Oddity]:
    made, point = session_row(event), state.point
    odd = _overdue(state, event)
    if made.id in state.sessions:
        odd += _odd(event, "twice", f"session {made.id} is started a second time", made.id)
    if state.running:
        text = f"session {made.id} starts while session {state.running[-1]} runs"
        odd += _odd(event, "second-session", text, state.running[-1], made.id)
    if point is not None and made.max_power_w != point.max_power_w:
        text = f"session {made.id} may take {made.max_power_w} W, the point {point.max_power_w} W"
        odd += _odd(event, "power", text, made.id)
    odd += _activate(state, event, made)
    state.sessions[made.id] = made
    state.running.append(made.id)
    return odd


def _activate(state: PointState, event: Event, session: SessionRow) -> list[Oddity]:
    """Let the session's reservation be used; its window starts no later than the session."""
    name = session.reservation_id
    held = state.reservations.get(name)
    if held is None:
        return _odd(event, "unknown", f"session {session.id} starts under {name}, which was never reserved", name)
    odd: list[Oddity] = []
    if held.status != "RESERVED":
        odd += _odd(event, "over", f"session {session.id} starts under {name}, which is {held.status}", name)
    if held.driver_id != session.driver_id:
        odd += _odd(event, "over", f"{session.driver_id} starts under {name}, which is {held.driver_id}'s", name)
    if (held.price_per_kwh_minor, held.currency) != (session.price_per_kwh_minor, session.currency):
        odd += _odd(event, "price", f"session {session.id} has another price than its reservation {name}", name)
    start_ms = min(held.start_ms, session.started_ms)
    odd += _clashes(state, event, start_ms, held.end_ms, name)
    state.reservations[name] = held._replace(status="ACTIVE", start_ms=start_ms, epoch=event.epoch, seq=event.seq)
    state.in_force.put(start_ms, held.end_ms, name)
    return odd


def _metered(state: PointState, event: Event) -> list[Oddity]:
    name, energy_wh, metered_ms = event.data["session_id"], event.data["energy_wh"], event.data["metered_ms"]
    session = state.sessions.get(name)
    if session is None:
        return _odd(event, "unknown", f"session {name} is metered, but was never started", name)
    state.sessions[name] = session._replace(
        energy_wh=energy_wh, metered_ms=metered_ms, epoch=event.epoch, seq=event.seq
    )
    if session.status != "ACTIVE":
        return _odd(event, "over", f"session {name} is metered while {session.status}", name)
    return []


def _stopped(state: PointState, event: Event) -> list[Oddity]:
    data = event.data
    name, under = data["session_id"], data["reservation_id"]
    session = state.sessions.get(name)
    if session is None:
        return _odd(event, "unknown", f"session {name} is stopped, but was never started", name)
    odd: list[Oddity] = []
    if session.status != "ACTIVE":
        odd += _odd(event, "over", f"session {name} is stopped while {session.status}", name)
    if under != session.reservation_id:
        odd += _odd(event, "over", f"session {name} ends {under}, but runs under {session.reservation_id}", name, under)
    state.sessions[name] = session._replace(
        status=data["status"],
        ended_ms=data["end_ms"],
        energy_wh=data["energy_wh"],
        cost_minor=data["cost_minor"],
        reason=data["reason"],
        epoch=event.epoch,
        seq=event.seq,
    )
    state.running = [other for other in state.running if other != name]
    return odd + _end(state, event, under, data["reservation_status"], data["end_ms"], frozenset({"ACTIVE"}))


def _end(
    state: PointState, event: Event, name: str, status: str, released_ms: int, allowed: frozenset[str]
) -> list[Oddity]:
    """Let a reservation end; its status must have been one of the ``allowed``."""
    held = state.reservations.get(name)
    if held is None:
        return _odd(event, "unknown", f"{name} is released, but was never reserved", name)
    ended = {"status": status, "released_ms": released_ms, "reason": event.data["reason"]}
    state.reservations[name] = held._replace(**ended, epoch=event.epoch, seq=event.seq)
    state.in_force.remove(name)
    if held.status not in allowed:
        return _odd(event, "over", f"{name} is released while {held.status}", name)
    return []


_APPLY: dict[str, Callable[[PointState, Event], list[Oddity]]] = {
    "point.created": _point_created,
    "point.changed": _point_changed,
    "reservation.reserved": _reserved,
    "reservation.prepared": _reserved,
    "reservation.confirmed": _confirmed,
    "reservation.released": _released,
    "reservation.extended": _extended,
    "session.started": _started,
    "session.metered": _metered,
    "session.stopped": _stopped,
}
