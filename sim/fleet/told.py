"""What the history keeps of an answer."""

from typing import Any

from sim.history import Json

_TOLD: dict[str, tuple[str, ...]] = {
    "reserve": ("id", "status", "driver_id", "start_ms", "end_ms", "price_per_kwh_minor"),
    "cancel": ("id", "status", "released_ms"),
    "start": ("id", "reservation_id", "started_ms", "status"),
    "meter": ("id", "energy_wh", "status"),
    "stop": ("id", "energy_wh", "cost_minor", "status", "ended_ms"),
    "operate": ("id", "status", "price_per_kwh_minor", "maintenance", "fault"),
}
_READ: dict[str, tuple[str, ...]] = {
    "reservation": ("id", "status", "driver_id", "start_ms", "end_ms"),
    "calendar": ("busy",),
}
"""The same of what was read, by what was asked for; of a point it is something else."""
_TRIP = ("id", "status", "driver_id", "stops", "reason", "failed_stop")
"""Its stops as they were told, word for word."""
_REFUSED = ("stop", "reason", "next_free_start_ms")
"""Members of a problem: which stop of a trip could not be had, why it was given up, when the point is free next."""


def told(f: str, kind: str, body: Any, asked: Json) -> Json | None:
    """Return what the history keeps of an answer with that body, to a request that asked that."""
    if not isinstance(body, dict):
        return None
    if is_of_trip(f, asked):
        return _told_of_trip(body)
    if kind != "ok":
        return {"next_free_start_ms": body["next_free_start_ms"]} if body.get("next_free_start_ms") else None
    if f == "read" and asked.get("what") in _READ:
        return {name: body.get(name) for name in _READ[asked["what"]]}
    if f == "read" and "items" not in body:
        shown = {"status": body.get("status"), "session_id": body.get("session_id")}
        return shown | {name: body[name] for name in ("as_of_ms", "stale") if name in body}
    if f == "read":
        return {
            "count": len(body.get("items", ())),
            "stale": sum(bool(item.get("stale")) for item in body.get("items", ())),
        }
    return {name: body.get(name) for name in _TOLD[f]}


def is_of_trip(f: str, asked: Json) -> bool:
    """Whether a request plans, cancels or reads a trip."""
    return f in ("trip", "cancel_trip") or (f == "read" and asked.get("what") == "trip")


def trip_of(f: str, body: Any) -> str | None:
    """Return the trip that an answer to a plan is about, also where it was refused or is not decided."""
    if f != "trip" or not isinstance(body, dict):
        return None
    found = body.get("trip_id") if "type" in body else body.get("id")
    return found if isinstance(found, str) else None


def _told_of_trip(body: Json) -> Json | None:
    if "stops" not in body:
        return {name: body[name] for name in _REFUSED if body.get(name) is not None} or None
    return {name: body[name] for name in _TRIP if body.get(name) is not None}
