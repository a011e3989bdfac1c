"""P9: money and energy are exact, and energy never exceeds power times time or the battery's room."""

from collections.abc import Iterator

from sim.audit.evidence import Evidence
from sim.audit.point_log import PointLog
from sim.audit.rows import Event, SessionRow
from sim.audit.verdicts import Findings

_MS_PER_HOUR = 3_600_000


def check_books(evidence: Evidence, findings: Findings) -> None:
    """Check promise P9."""
    for row in evidence.sessions.values():
        findings.checked += 1
        for check, message in _wrong_with(row):
            asked = evidence.askers(row.id)
            findings.violated(check, row.point_id, message, operations=asked, rows=[row])
        _check_price(evidence, row, findings)
    for log in evidence.logs.values():
        _check_readings(evidence, log, findings)
        for oddity in log.oddities:
            if oddity.kind in {"price", "power"}:
                asked = evidence.askers(*oddity.subjects)
                events = [oddity.event]
                findings.violated(f"{oddity.kind}-differs", log.point_id, oddity.text, operations=asked, events=events)
    _check_sum(evidence, findings)


def cost_minor(energy_wh: int, price_per_kwh_minor: int) -> int:
    """Return the price of an energy in the currency's minor unit, rounded half up."""
    return (energy_wh * price_per_kwh_minor + 500) // 1000


def _wrong_with(row: SessionRow) -> Iterator[tuple[str, str]]:
    """Yield which check a session fails, and how."""
    until_ms = row.metered_ms if row.status == "ACTIVE" else row.ended_ms
    energy_wh = row.energy_wh
    if until_ms is None:
        until_ms = row.started_ms
    due = cost_minor(energy_wh, row.price_per_kwh_minor) if row.status == "COMPLETED" else 0
    if row.cost_minor != due:
        yield "cost", f"session {row.id} ({row.status}, {energy_wh} Wh) costs {row.cost_minor}, due is {due}"
    if energy_wh < 0 or energy_wh * _MS_PER_HOUR > row.max_power_w * (until_ms - row.started_ms):
        length_ms = until_ms - row.started_ms
        yield "energy", f"session {row.id} has {energy_wh} Wh from {row.max_power_w} W in {length_ms} ms"
    if row.max_energy_wh is not None and energy_wh > row.max_energy_wh:
        yield "room", f"session {row.id} has {energy_wh} Wh, there was room for {row.max_energy_wh} Wh"


def _check_price(evidence: Evidence, row: SessionRow, findings: Findings) -> None:
    """A session costs what its reservation said."""
    held = evidence.reservations.get(row.reservation_id)
    if held is None or (held.price_per_kwh_minor, held.currency) == (row.price_per_kwh_minor, row.currency):
        return
    message = (
        f"session {row.id} is billed at {row.price_per_kwh_minor} {row.currency} per kWh, "
        f"its reservation said {held.price_per_kwh_minor} {held.currency}"
    )
    asked = evidence.askers(held.id, row.id)
    findings.violated("price-differs", row.point_id, message, operations=asked, rows=[held, row])


def _check_readings(evidence: Evidence, log: PointLog, findings: Findings) -> None:
    """No reading goes back, nor beyond power times time, in the order of the journal."""
    started: dict[str, Event] = {}
    last: dict[str, Event] = {}
    for event in log.events:
        name = event.data.get("session_id", "")
        if event.type == "session.started":
            started[name] = last[name] = event
        if event.type not in {"session.metered", "session.stopped"} or name not in started:
            continue
        findings.checked += 1
        begun, energy_wh = started[name].data, event.data["energy_wh"]
        before_wh = last[name].data.get("energy_wh", 0)
        time_ms = event.data.get("metered_ms", event.data.get("end_ms"))
        asked = evidence.askers(name)
        if energy_wh < before_wh:
            message = f"session {name} was read at {before_wh} Wh, then at {energy_wh} Wh"
            findings.violated("meter-back", log.point_id, message, operations=asked, events=[last[name], event])
        if energy_wh * _MS_PER_HOUR > begun["max_power_w"] * (time_ms - begun["start_ms"]):
            length_ms = time_ms - begun["start_ms"]
            message = f"session {name} is read at {energy_wh} Wh after {length_ms} ms at {begun['max_power_w']} W"
            findings.violated("energy", log.point_id, message, operations=asked, events=[started[name], event])
        last[name] = event


def _check_sum(evidence: Evidence, findings: Findings) -> None:
    """What vehicles were told to pay is what the tables say they paid, all together."""
    told = {found.told["id"]: found for found in evidence.acknowledged("stop")}
    if not told:
        return
    findings.checked += 1
    acknowledged = sum(found.told["cost_minor"] for found in told.values())
    rows = [evidence.sessions[name] for name in told if name in evidence.sessions]
    booked = sum(row.cost_minor for row in rows)
    if acknowledged == booked and len(rows) == len(told):
        return
    different = [row for row in rows if row.cost_minor != told[row.id].told["cost_minor"]]
    message = (
        f"{len(told)} acknowledged stops cost {acknowledged} in all; "
        f"the {len(rows)} sessions in the tables cost {booked}"
    )
    operations = [told[row.id] for row in different] or [told[name] for name in told if name not in evidence.sessions]
    findings.violated("sum", None, message, operations=operations[:5], rows=different[:5])
