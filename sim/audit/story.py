"""A violation as a story: who asked what when, what was acknowledged, what the disk holds."""

from collections.abc import Iterator
from typing import Any

from sim.audit.civil_time import civil
from sim.audit.operation import Operation
from sim.audit.rows import AnswerRow, Event, PointRow, ReservationRow, Row, SessionRow, TripRow
from sim.audit.verdicts import Violation

_TABLES: dict[type, str] = {
    PointRow: "charging_point",
    ReservationRow: "reservation",
    SessionRow: "session",
    TripRow: "trip",
    AnswerRow: "idempotency_key",
}
_SHOWN: dict[type, tuple[str, ...]] = {
    PointRow: ("max_power_w", "price_per_kwh_minor", "maintenance", "fault", "epoch", "seq"),
    ReservationRow: (
        "driver_id",
        "status",
        "start_ms",
        "end_ms",
        "released_ms",
        "trip_id",
        "reason",
        "idempotency_key",
        "epoch",
        "seq",
    ),
    SessionRow: (
        "reservation_id",
        "driver_id",
        "status",
        "started_ms",
        "ended_ms",
        "energy_wh",
        "cost_minor",
        "price_per_kwh_minor",
        "max_power_w",
        "max_energy_wh",
        "epoch",
        "seq",
    ),
    TripRow: ("driver_id", "status", "idempotency_key", "reason", "settled", "cancel_asked", "epoch", "seq"),
    AnswerRow: ("status", "epoch", "seq"),
}


def tell(violation: Violation) -> list[str]:
    """Return the story in lines: what is wrong, then history, journal and tables, each in its own order."""
    operations = {operation.index: operation for operation in violation.operations}.values()
    history = sorted(line for operation in operations for line in _operation_lines(operation))
    events = sorted({(event.node, event.ver): event for event in violation.events}.items(), key=lambda pair: pair[0])
    return [
        f"{violation.promise} {violation.check}: {violation.message}",
        *(text for _, text in history),
        *(_event_line(event) for _, event in events),
        *(_row_line(row) for row in violation.rows),
    ]


def _operation_lines(operation: Operation) -> Iterator[tuple[int, str]]:
    """Yield the invocation and the completion, each with its line's index."""
    who = f"process {operation.process}"
    where = f" of {operation.point}" if operation.point and "id" not in operation.asked else ""
    key = f" (key {operation.key})" if operation.key else ""
    asked = f"{operation.f}{where} {_members(operation.asked)}".rstrip()
    when = f"  history {operation.index}, {_seconds(operation.time_ns)}"
    yield operation.index, f"{when}: {who} asks {operation.node or 'a node'}: {asked}{key}"
    if operation.end_index is None or operation.end_ns is None:
        yield operation.index, f"  history ends without an answer to {operation.index}"
        return
    answer = operation.outcome if operation.error is None else f"{operation.outcome}, {operation.error}"
    witness = "" if operation.witness is None else f", witness {operation.witness[0]}-{operation.witness[1]}"
    told = f"{who} is told {answer}: {_members(operation.told)}".rstrip(": ") + witness
    yield operation.end_index, f"  history {operation.end_index}, {_seconds(operation.end_ns)}: {told}"


def _event_line(event: Event) -> str:
    data = {name: value for name, value in event.data.items() if name != "spec"}
    what = f"epoch {event.epoch}, {event.point_id} event {event.seq}"
    return f"  journal {event.node} {event.ver}, {civil(event.at_ms)}: {event.type} ({what}) {_members(data)}"


def _row_line(row: Row) -> str:
    shown = _SHOWN[type(row)]
    members = {name: value for name, value in row._asdict().items() if name in shown}
    name = row.key if isinstance(row, AnswerRow) else row.id
    return f"  table {_TABLES[type(row)]}, {name}: {_members(members)}"


def _members(data: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_value(name, value)}" for name, value in data.items() if value is not None)


def _value(name: str, value: Any) -> str:
    return civil(value) if name.endswith("_ms") and isinstance(value, int) else str(value)


def _seconds(time_ns: int) -> str:
    return f"{time_ns / 1e9:.6f} s"
