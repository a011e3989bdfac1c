"""A look for points as an HTTP path."""

from urllib.parse import urlencode

from sim.fleet.target import Look


def look_path(look: Look) -> str:
    """Return path and query."""
    query: dict[str, str | int] = {
        "near": f"{look.lat:.6f},{look.lon:.6f}",
        "radius_m": round(look.radius_m),
        "limit": look.limit,
    }
    if look.free_from_ms is not None and look.free_until_ms is not None:
        query |= {"free_from": look.free_from_ms, "free_until": look.free_until_ms}
    if look.connector is not None:
        query["connector"] = look.connector.value
    return f"/v1/points?{urlencode(query)}"
