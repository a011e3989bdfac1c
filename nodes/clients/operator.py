"""What operators ask of the network: new points, and other prices, terms and service of those that are there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodes.clients.http_client import HttpClient
from nodes.clients.network import new_key
from nodes.clients.objects import Json, Point


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A point to be. ``id`` is whole, such as ``server2.centro-01``: that node's. Power in W, price per kWh in minor units,
    places in WGS 84 degrees, terms in seconds; terms that are left out have a node's defaults.
    """

    id: str
    name: str
    max_power_w: int
    price_per_kwh_minor: int
    currency: str
    connector: str | None = None
    lat: float | None = None
    lon: float | None = None
    address: str | None = None
    terms: Mapping[str, int] = field(default_factory=dict)

    def body(self) -> Json:
        """Return it as the API takes it."""
        return {
            "id": self.id,
            "name": self.name,
            "location": {"lat": self.lat, "lon": self.lon, "address": self.address},
            "max_power_w": self.max_power_w,
            "connector": self.connector,
            "price_per_kwh_minor": self.price_per_kwh_minor,
            "currency": self.currency,
            "terms": dict(self.terms),
        }


@dataclass(frozen=True, slots=True)
class PointChange:
    """What is to be otherwise; None, and terms that are left out, stay as they are."""

    name: str | None = None
    price_per_kwh_minor: int | None = None
    maintenance: bool | None = None
    terms: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be otherwise."""
        return self == PointChange()

    def body(self) -> Json:
        """Return it as the API takes it."""
        return {
            "name": self.name,
            "price_per_kwh_minor": self.price_per_kwh_minor,
            "maintenance": self.maintenance,
            "terms": dict(self.terms) or None,
        }


class Operator:
    """Operations that a node lets operators do, whichever node owns the point. Each takes the key under which it may be
    asked again; without, it has its own. All raise ``NotAllowed`` to others.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    async def create_point(self, new: NewPoint, *, key: str | None = None) -> Point:
        """Create a point. Raises ``Refused`` when there is one of that id, ``Invalid``."""
        return Point.read((await self._client.ask("POST", "/v1/points", body=new.body(), key=key or new_key())).data)

    async def change_point(
        self, point_id: str, change: PointChange, *, key: str | None = None, version: str | None = None
    ) -> Point:
        """Change a point; with ``version`` (epoch and seq of a witness, ``2-17``) only as it was seen, else ``Refused``."""
        return await self._patch(point_id, change.body(), key, version)

    async def report_fault(self, point_id: str, fault: str, *, key: str | None = None) -> Point:
        """Say what has failed: nobody plugs in, and a charge that runs ends unbilled. Empty: it works again."""
        return await self._patch(point_id, {"fault": fault}, key, None)

    async def _patch(self, point_id: str, body: Json, key: str | None, version: str | None) -> Point:
        path = f"/v1/points/{point_id}"
        reply = await self._client.ask("PATCH", path, body=body, key=key or new_key(), version=version)
        return Point.read(reply.data)
