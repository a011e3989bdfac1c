"""How points, reservations and sessions look as JSON, everywhere: in answers, in gossip, in event streams."""

from typing import Any

import orjson

from nodes.domain.apply import Subject
from nodes.domain.ids import owner_of
from nodes.domain.point import Point, PointSpec
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.domain.terms import TERMS_RANGES, Terms

Json = dict[str, Any]


def json_bytes(data: object) -> bytes:
    """Return data as JSON text that takes no more memory than it is long, for texts that are kept.

    What orjson (3.13) returns keeps the buffer in which it was written: 4 KiB, were it ``{}``.
    """
    return bytes(memoryview(orjson.dumps(data)))


def encode(subject: Subject, now_ms: int) -> bytes:
    """Return the JSON text of a point (as it is at ``now_ms``), a reservation or a session."""
    if isinstance(subject, Reservation):
        return json_bytes(reservation_json(subject))
    if isinstance(subject, Session):
        return json_bytes(session_json(subject))
    return json_bytes(point_json(subject, now_ms))


def reservation_json(reservation: Reservation) -> Json:
    """Return a reservation as JSON data."""
    return {
        "id": reservation.id,
        "point_id": reservation.point_id,
        "driver_id": reservation.driver_id,
        "status": reservation.status,
        "start_ms": reservation.start_ms,
        "end_ms": reservation.end_ms,
        "released_ms": reservation.released_ms,
        "trip_id": reservation.trip_id,
        "price_per_kwh_minor": reservation.price_per_kwh_minor,
        "currency": reservation.currency,
        "reason": reservation.reason,
        "created_ms": reservation.created_ms,
        "witness": (reservation.epoch, reservation.seq),
    }


def session_json(session: Session) -> Json:
    """Return a charging session as JSON data."""
    return {
        "id": session.id,
        "point_id": session.point_id,
        "reservation_id": session.reservation_id,
        "driver_id": session.driver_id,
        "status": session.status,
        "started_ms": session.started_ms,
        "ended_ms": session.ended_ms,
        "energy_wh": session.energy_wh,
        "cost_minor": session.cost_minor,
        "price_per_kwh_minor": session.price_per_kwh_minor,
        "currency": session.currency,
        "max_power_w": session.max_power_w,
        "max_energy_wh": session.max_energy_wh,
        "metered_ms": session.metered_ms,
        "reason": session.reason,
        "witness": (session.epoch, session.seq),
    }


def point_json(point: Point, now_ms: int) -> Json:
    """Return a point as JSON data, as it is at ``now_ms``."""
    free = point.calendar.next_free(now_ms, point.spec.terms.min_window_s * 1000)
    return {
        "id": point.id,
        "node": owner_of(point.id),
        **spec_json(point.spec),
        "status": point.status(now_ms),
        "maintenance": point.maintenance,
        "fault": point.fault,
        "next_free": {"start_ms": free.start_ms, "end_ms": point.calendar.next_start(free.start_ms)},
        "session_id": None if point.session is None else point.session.id,
        "updated_ms": point.updated_ms,
        "witness": (point.epoch, point.seq),
        "as_of_ms": now_ms,
        "stale": False,
    }


def spec_json(spec: PointSpec) -> Json:
    """Return what the operator said of a point as JSON data."""
    location = spec.location
    return {
        "name": spec.name,
        "location": {"lat": location.lat, "lon": location.lon, "address": location.address},
        "max_power_w": spec.max_power_w,
        "connector": spec.connector,
        "connector_label": spec.connector_label,
        "price_per_kwh_minor": spec.price_per_kwh_minor,
        "currency": spec.currency,
        "terms": terms_json(spec.terms),
    }


def terms_json(terms: Terms) -> dict[str, int]:
    """Return terms as JSON data."""
    return {name: getattr(terms, name) for name in TERMS_RANGES}


def availability_json(point: Point, now_ms: int, windows_max: int) -> Json:
    """Return a point as other nodes are told of it: as it is at ``now_ms``, and the next windows in force."""
    busy = windows_json(point, now_ms, None, windows_max)
    return point_json(point, now_ms) | {"busy": busy["busy"], "known_until_ms": busy["known_until_ms"]}


def windows_json(point: Point, from_ms: int, until_ms: int | None, limit: int) -> Json:
    """Return the windows in force from ``from_ms`` on, ``limit`` of them at the most.

    ``known_until_ms`` says how far the list can be trusted; None: there is nothing behind it.
    """
    windows: list[tuple[int, int]] = []
    known_until_ms = until_ms
    for entry in point.calendar.entries_from(from_ms):
        if until_ms is not None and entry.start_ms >= until_ms:
            break
        if len(windows) == limit:
            known_until_ms = windows[-1][1]
            break
        windows.append((entry.start_ms, entry.end_ms))
    return {"point_id": point.id, "from_ms": from_ms, "busy": windows, "known_until_ms": known_until_ms}
