"""Points that tests show."""

from typing import Any

from nodes.clients.objects import Point


def point(point_id: str = "server1.a", **more: Any) -> Point:
    told = {
        "id": point_id,
        "node": point_id.partition(".")[0],
        "name": "Praça da Sé",
        "location": {"lat": None, "lon": None, "address": "Rua Direita 1"},
        "max_power_w": 50_000,
        "connector": "CHADEMO",
        "price_per_kwh_minor": 189,
        "currency": "BRL",
        "terms": {},
        "status": "AVAILABLE",
        "maintenance": False,
        "fault": None,
        "next_free": {"start_ms": 0, "end_ms": None},
        "session_id": None,
        "as_of_ms": 0,
        "stale": False,
    }
    return Point.read(told | more)
