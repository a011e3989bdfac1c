"""P2: a 2xx answer is sent only after the fact is on disk, and nothing acknowledged is ever lost.

Every acknowledgement is looked up in the tables and in the journal. That the journal is whole, and that the tables are
what it leads to, is the business of ``sim.audit.journal_order`` and ``sim.audit.tables_agree``.
"""

from collections import defaultdict
from collections.abc import Callable

from sim.audit.civil_time import civil
from sim.audit.claims import EVENT_OF
from sim.audit.evidence import Evidence
from sim.audit.journal_order import check_journal_order
from sim.audit.operation import TOLD, Operation
from sim.audit.rows import Event
from sim.audit.tables_agree import check_tables_agree
from sim.audit.verdicts import Findings

_SHOWN = 3
"""Events told of what was acknowledged."""


def check_durability(evidence: Evidence, findings: Findings) -> None:
    """Check promise P2."""
    check_journal_order(evidence, findings)
    check_tables_agree(evidence, findings)
    kept = _Kept(evidence, findings)
    for operation in evidence.history.operations:
        if operation.outcome == "ok" and operation.f in TOLD:
            findings.checked += 1
            kept.check(operation)


class _Kept:
    """Looks acknowledgements up."""

    def __init__(self, evidence: Evidence, findings: Findings) -> None:
        self._evidence = evidence
        self._findings = findings
        self._about: dict[str, list[Event]] = defaultdict(list)
        for log in evidence.logs.values():
            for subject, events in log.about.items():
                self._about[subject] += events

    def check(self, operation: Operation) -> None:
        """Find what the vehicle was told; what is missing is lost."""
        if operation.flaw is not None:
            self._lost("acknowledged-nothing", operation, f"acknowledged, but {operation.flaw}")
        else:
            _CHECKS[operation.f](self, operation)

    def reserved(self, operation: Operation) -> None:
        """The reservation's row, and the event that made it as it was told."""
        told, row = operation.told, self._evidence.reservations.get(operation.told["id"])
        if row is None:
            self._lost("reservation-lost", operation, f"reservation {told['id']} was acknowledged and is not there")
            return
        facts = (row.point_id, row.driver_id, row.price_per_kwh_minor)
        if facts != (operation.point, told["driver_id"], told["price_per_kwh_minor"]):
            text = f"reservation {row.id} is not the one that was acknowledged: it is for {facts}"
            self._lost("reservation-differs", operation, text)
        self._event(operation, "reservation.reserved", told["id"], start_ms=told["start_ms"], end_ms=told["end_ms"])

    def canceled(self, operation: Operation) -> None:
        """The reservation's row says so, and so does an event."""
        row = self._evidence.reservations.get(operation.told["id"])
        if row is None or row.status != "CANCELED" or operation.told["status"] != "CANCELED":
            found = "is not there" if row is None else f"is {row.status}"
            text = f"reservation {operation.told['id']} was acknowledged as {operation.told['status']}, and {found}"
            self._lost("cancel-lost", operation, text)
            return
        kinds = {event.type for event in self._about[row.id]}
        if "reservation.released" not in kinds and not self._ended_by_session(row.id):
            self._lost("event-lost", operation, f"the journal does not hold that {row.id} was cancelled")

    def started(self, operation: Operation) -> None:
        """The session's row, and the event that started it."""
        told, row = operation.told, self._evidence.sessions.get(operation.told["id"])
        if row is None:
            self._lost("session-lost", operation, f"session {told['id']} was acknowledged and is not there")
            return
        if (row.reservation_id, row.started_ms) != (told["reservation_id"], told["started_ms"]):
            text = (
                f"session {row.id} started at {civil(row.started_ms)} under {row.reservation_id}, not as acknowledged"
            )
            self._lost("session-differs", operation, text)
        self._event(operation, "session.started", told["id"], start_ms=told["started_ms"])

    def metered(self, operation: Operation) -> None:
        """The session has that much energy or more, and the journal that very reading."""
        name, energy_wh = operation.told["id"], operation.told["energy_wh"]
        row = self._evidence.sessions.get(name)
        if row is None or row.energy_wh < energy_wh:
            found = "it is not there" if row is None else f"it has {row.energy_wh} Wh"
            self._lost("reading-lost", operation, f"session {name} was acknowledged with {energy_wh} Wh; {found}")
        elif energy_wh and energy_wh not in {event.data.get("energy_wh") for event in self._about[name]}:
            self._lost("event-lost", operation, f"the journal does not hold the reading of {energy_wh} Wh of {name}")

    def stopped(self, operation: Operation) -> None:
        """The session is over, with the energy and the cost that were told."""
        told, row = operation.told, self._evidence.sessions.get(operation.told["id"])
        if row is None or row.status == "ACTIVE":
            found = "it is not there" if row is None else "it is still active"
            self._lost("stop-lost", operation, f"session {told['id']} was acknowledged as stopped; {found}")
            return
        facts = (row.energy_wh, row.cost_minor, row.ended_ms)
        if facts != (told["energy_wh"], told["cost_minor"], told["ended_ms"]):
            text = f"session {row.id} ended with (Wh, cost, end) {facts}, not with what was acknowledged"
            self._lost("stop-differs", operation, text)
        self._event(operation, "session.stopped", told["id"], energy_wh=told["energy_wh"], end_ms=told["ended_ms"])

    def _event(self, operation: Operation, kind: str, subject: str, **members: int) -> None:
        """Expect an event of that kind with these members."""
        for event in self._about[subject]:
            if event.type == kind and all(event.data[name] == value for name, value in members.items()):
                return
        self._lost("event-lost", operation, f"the journal holds no {kind} of {subject} with {members}")

    def _ended_by_session(self, reservation_id: str) -> bool:
        """Whether a session's end released the reservation (its point failed)."""
        sessions = self._evidence.sessions_of[reservation_id]
        return any(event.type == "session.stopped" for row in sessions for event in self._about[row.id])

    def _lost(self, check: str, operation: Operation, text: str) -> None:
        """Record a violation with what is left."""
        evidence, subjects = self._evidence, [str(operation.told.get(name)) for name in ("id", "reservation_id")]
        rows = [evidence.reservations.get(name) or evidence.sessions.get(name) for name in subjects]
        kind = EVENT_OF[operation.f]
        events = [event for name in subjects for event in self._about.get(name, ()) if event.type == kind]
        left = [row for row in rows if row is not None]
        self._findings.violated(
            check, operation.point, text, operations=[operation], events=events[-_SHOWN:], rows=left
        )


_CHECKS: dict[str, Callable[[_Kept, Operation], None]] = {
    "reserve": _Kept.reserved,
    "cancel": _Kept.canceled,
    "start": _Kept.started,
    "meter": _Kept.metered,
    "stop": _Kept.stopped,
}
