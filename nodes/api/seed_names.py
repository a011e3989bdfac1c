"""The seed contract's words for what we call otherwise."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from nodes.domain.ids import slug_from
from nodes.domain.point import Connector, Location, Point

_COORDINATES = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*")
_NOT_ALNUM = re.compile(r"[^A-Z0-9]")

_CONNECTORS: dict[str, Connector] = {
    **{name.replace("_", ""): connector for name, connector in Connector.__members__.items()},
    **dict.fromkeys(("TIPO2", "TYPE2", "T2", "MENNEKES"), Connector.IEC_62196_T2),
    **dict.fromkeys(("CCS", "CCS2", "CCSTIPO2", "CCSTYPE2", "COMBO2"), Connector.IEC_62196_T2_COMBO),
    **dict.fromkeys(("TIPO1", "TYPE1", "T1", "J1772", "SAEJ1772"), Connector.IEC_62196_T1),
    **dict.fromkeys(("CCS1", "CCSTIPO1", "CCSTYPE1", "COMBO1"), Connector.IEC_62196_T1_COMBO),
    **dict.fromkeys(("NACS", "TESLA", "J3400"), Connector.SAE_J3400),
    **dict.fromkeys(("GBT", "GBTDC"), Connector.GBT_DC),
}


def connector_of(label: str) -> Connector | None:
    """Return the standard that people mean by that word; None when we do not know it."""
    return _CONNECTORS.get(_NOT_ALNUM.sub("", label.upper()))


def place(text: str) -> Location:
    """Return where that is: ``lat,lon`` is also understood as coordinates."""
    match = _COORDINATES.fullmatch(text)
    if match is not None:
        lat, lon = float(match[1]), float(match[2])
        if abs(lat) <= 90 and abs(lon) <= 180:
            return Location(lat, lon, text)
    return Location(address=text)


def located(location: Location) -> str:
    """Return the place as one text."""
    if location.address is not None:
        return location.address
    return "" if location.lat is None else f"{location.lat},{location.lon}"


def slug_candidates(name: str) -> Iterator[str]:
    """Yield slugs for a point of that name, to be tried until one is free."""
    slug = slug_from(name)
    yield slug
    for number in range(2, _SAME_NAME_MAX + 1):
        yield f"{slug[:58]}-{number}"


_SAME_NAME_MAX = 1_000


def connector_label(point: Point) -> str:
    """Return the connector in the words it came in, or by its standard."""
    return point.spec.connector_label or point.spec.connector or ""


def iso(ms: int) -> str:
    """Return a time in ISO 8601."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
