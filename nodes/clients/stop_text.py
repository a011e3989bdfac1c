"""Stops of a trip as people write them: ``server1.centro-01@18:00/30m``."""

import re

from nodes.clients.errors import BadInput
from nodes.clients.moments import duration_ms, moment_ms
from nodes.clients.network import StopWish
from nodes.clients.objects import Json
from nodes.domain.ids import is_point_id

_NEAR = re.compile(r"near:(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?):(\d+(?:\.\d+)?)km", re.ASCII)
_FORM = "expected PLACE@TIME/DURATION, such as server1.centro-01@18:00/30m"


def stop_from(text: str, from_ms: int) -> StopWish:
    """Return the stop that a text means; its time is the next one from ``from_ms`` on. Raises ``BadInput``.

    The place is a point's id, several with commas between them (the first that can be had), or ``near:LAT,LON:3km``.
    """
    place, at, times = text.partition("@")
    start, slash, length = times.rpartition("/")
    if not at or not slash:
        raise BadInput(f"{_FORM}, got {text[:100]!r}")
    start_ms = moment_ms(start, from_ms)
    end_ms = start_ms + duration_ms(length)
    if place.startswith("near:"):
        return StopWish(start_ms, end_ms, near=_near(place))
    points = tuple(place.split(","))
    if not all(map(is_point_id, points)):
        raise BadInput(f"{_FORM}, got {text[:100]!r}")
    return StopWish(start_ms, end_ms, points)


def stops_from(texts: list[str], from_ms: int) -> list[StopWish]:
    """Return the stops of a trip; each time of day is the next one after the stop before. Raises ``BadInput``."""
    stops: list[StopWish] = []
    for text in texts:
        stops.append(stop_from(text, stops[-1].end_ms if stops else from_ms))
    return stops


def _near(place: str) -> Json:
    found = _NEAR.fullmatch(place)
    if found is None:
        raise BadInput(f"expected near:LAT,LON:KILOMETRESkm such as near:-8.06,-34.87:3km, got {place[:60]!r}")
    return {"lat": float(found[1]), "lon": float(found[2]), "radius_m": 1000 * float(found[3])}
