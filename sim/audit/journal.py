"""What the journal's events hold, and reading them."""

from pathlib import Path
from typing import Any

import orjson

from sim.audit.errors import AuditError
from sim.audit.rows import Event, JournalRow

_TEXT: tuple[type, ...] = (str,)
_TEXT_OR_NONE: tuple[type, ...] = (str, type(None))
_WHOLE: tuple[type, ...] = (int,)
_WHOLE_OR_NONE: tuple[type, ...] = (int, type(None))

_PRICE = {"price_per_kwh_minor": _WHOLE, "currency": _TEXT}

MEMBERS: dict[str, dict[str, tuple[type, ...]]] = {
    "point.created": {"spec": (dict,)},
    "point.changed": {"spec": (dict,), "maintenance": (bool,), "fault": _TEXT_OR_NONE},
    "reservation.reserved": {
        "reservation_id": _TEXT,
        "driver_id": _TEXT,
        "start_ms": _WHOLE,
        "end_ms": _WHOLE,
        "created_ms": _WHOLE,
        **_PRICE,
    },
    "reservation.prepared": {
        "reservation_id": _TEXT,
        "driver_id": _TEXT,
        "start_ms": _WHOLE,
        "end_ms": _WHOLE,
        "created_ms": _WHOLE,
        "trip_id": _TEXT,
        "trip_stop": _WHOLE,
        **_PRICE,
    },
    "reservation.confirmed": {"reservation_id": _TEXT},
    "trip.begun": {"driver_id": _TEXT, "stops": (list,), "created_ms": _WHOLE},
    "trip.confirmed": {"stops": (list,)},
    "trip.aborted": {"reason": _TEXT},
    "trip.settled": {},
    "trip.cancel_asked": {},
    "trip.cancel_ended": {"outcomes": (list,)},
    "reservation.released": {"reservation_id": _TEXT, "status": _TEXT, "released_ms": _WHOLE, "reason": _TEXT},
    "reservation.extended": {"reservation_id": _TEXT, "end_ms": _WHOLE},
    "session.started": {
        "session_id": _TEXT,
        "reservation_id": _TEXT,
        "driver_id": _TEXT,
        "start_ms": _WHOLE,
        "max_power_w": _WHOLE,
        "max_energy_wh": _WHOLE_OR_NONE,
        **_PRICE,
    },
    "session.metered": {"session_id": _TEXT, "energy_wh": _WHOLE, "metered_ms": _WHOLE},
    "session.stopped": {
        "session_id": _TEXT,
        "reservation_id": _TEXT,
        "status": _TEXT,
        "reservation_status": _TEXT,
        "end_ms": _WHOLE,
        "energy_wh": _WHOLE,
        "cost_minor": _WHOLE,
        "reason": _TEXT,
    },
}
"""The members of every event, by its type; more may be there."""

_SPEC: dict[str, tuple[type, ...]] = {
    "name": _TEXT,
    "location": (dict,),
    "max_power_w": _WHOLE,
    "connector": _TEXT_OR_NONE,
    "connector_label": _TEXT_OR_NONE,
    "file_digest": _TEXT_OR_NONE,
    "terms": (dict,),
    **_PRICE,
}
_LOCATION: dict[str, tuple[type, ...]] = {
    "lat": (float, int, type(None)),
    "lon": (float, int, type(None)),
    "address": _TEXT_OR_NONE,
}
_TERMS: dict[str, tuple[type, ...]] = dict.fromkeys(
    ("no_show_s", "late_stop_s", "early_start_s", "cancel_until_s", "min_window_s", "max_window_s", "horizon_s"), _WHOLE
)


def read_event(path: Path, row: JournalRow) -> Event:
    """Return the event that a row of the journal holds. Raises ``AuditError`` naming the row."""
    where = f"{path}: journal, ver {row.ver}"
    members = MEMBERS.get(row.type)
    if members is None:
        raise AuditError(f"{where}: this audit knows no event {row.type!r}")
    try:
        data = orjson.loads(row.data)
    except orjson.JSONDecodeError as error:
        raise AuditError(f"{where}: the data is no JSON ({error})") from error
    _expect(where, data, members)
    if "spec" in members:
        _expect(f"{where}: spec", data["spec"], _SPEC)
        _expect(f"{where}: spec.location", data["spec"]["location"], _LOCATION)
        _expect(f"{where}: spec.terms", data["spec"]["terms"], _TERMS)
    return Event(row.ver, row.node, row.epoch, row.point_id, row.point_seq, row.type, row.at_ms, data)


def _expect(where: str, data: Any, members: dict[str, tuple[type, ...]]) -> None:
    if not isinstance(data, dict):
        raise AuditError(f"{where}: expected a JSON object")
    for name, types in members.items():
        if type(data.get(name)) not in types or name not in data:
            raise AuditError(f"{where}: {name} is missing or wrong: {data.get(name)!r}")
