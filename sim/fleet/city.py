"""Where the points are, which node owns which, and which of them everybody wants."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from random import Random

from nodes.documents import DocumentError
from nodes.domain.ids import point_id, slug_from
from nodes.points_file import read_points
from nodes.representation import Json, spec_json
from sim.engine.randomness import Randomness
from sim.scenario.schema import Area, Network, PointKind

_METRES_PER_DEGREE = 111_320.0
"""Of latitude; of longitude at the equator."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the map, in WGS 84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class CityPoint:
    """A point as vehicles know it beforehand."""

    id: str
    place: Place
    max_power_w: int


@dataclass(slots=True)
class City:
    """All points, most wanted first; ``files`` holds each node's points file as JSON data."""

    node_ids: list[str]
    area: Area
    points: list[CityPoint]
    files: dict[str, Json]
    zipf_s: float
    by_id: dict[str, CityPoint] = field(init=False)
    weights: dict[str, float] = field(init=False)
    _cumulative: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.by_id = {point.id: point for point in self.points}
        self.weights = {point.id: (rank + 1) ** -self.zipf_s for rank, point in enumerate(self.points)}
        self._cumulative = list(accumulate(self.weights.values()))

    def favourite(self, rng: Random) -> CityPoint:
        """Draw a point by popularity."""
        return rng.choices(self.points, cum_weights=self._cumulative)[0]

    def choose(self, ids: Sequence[str], count: int, rng: Random) -> list[str]:
        """Draw up to ``count`` different ones of these points, in an order that follows popularity.

        Weighted sampling without replacement by exponential keys (Efraimidis and Spirakis, 2006).
        """
        keyed = sorted((rng.expovariate(self.weights.get(identifier, 1e-9)), identifier) for identifier in ids)
        return [identifier for _, identifier in keyed[:count]]


def build_city(network: Network, zipf_s: float, randomness: Randomness, stations: Sequence[str] = ()) -> City:
    """Make the points that a scenario asks for.

    ``stations`` (of replayed sessions) become one point each, dealt in turn to the nodes that have no points file. Raises
    ``DocumentError`` for points files.
    """
    files: dict[str, Json] = {}
    without_file = [node_id for node_id in network.node_ids if node_id not in network.points_files]
    for node_id in network.node_ids:
        if node_id in network.points_files:
            entries = read_points(Path(network.points_files[node_id]))
            files[node_id] = {"points": [{"id": entry.slug, **_given(spec_json(entry.spec))} for entry in entries]}
        elif stations:
            mine = stations[without_file.index(node_id) :: len(without_file)]
            slugs = [slug_from(station) for station in mine]
            files[node_id] = {"points": _points(network, randomness, node_id, slugs, mine)}
        else:
            slugs = [
                f"p{number:0{len(str(network.points_per_node))}d}" for number in range(1, network.points_per_node + 1)
            ]
            names = [f"{node_id} {slug}" for slug in slugs]
            files[node_id] = {"points": _points(network, randomness, node_id, slugs, names)}
    points = [
        CityPoint(point_id(node_id, item["id"]), _place_of(item, network.area), item["max_power_w"])
        for node_id, file in files.items()
        for item in file["points"]
    ]
    if not points:
        file = next(iter(network.points_files.values()))
        raise DocumentError.of(file, 1, 1, ("points",), "expected a point on one of the nodes at least")
    randomness.stream("popularity").shuffle(points)
    return City(network.node_ids, network.area, points, files, zipf_s)


def place_in(area: Area, rng: Random) -> Place:
    """Return a random place, evenly spread over the disc."""
    angle, distance_m = rng.uniform(0, 2 * math.pi), area.radius_m * math.sqrt(rng.random())
    north, east = distance_m * math.cos(angle), distance_m * math.sin(angle)
    lon_scale = _METRES_PER_DEGREE * math.cos(math.radians(area.lat))
    lon = (area.lon + east / lon_scale + 180) % 360 - 180
    return Place(round(area.lat + north / _METRES_PER_DEGREE, 6), round(lon, 6))


def _points(
    network: Network, randomness: Randomness, node_id: str, slugs: Sequence[str], names: Sequence[str]
) -> list[Json]:
    terms = network.terms.model_dump(exclude_none=True)
    made: list[Json] = []
    for slug, name in zip(slugs, names, strict=True):
        rng = randomness.stream("point", f"{node_id}.{slug}")
        kind: PointKind = rng.choices(network.kinds, [each.share for each in network.kinds])[0]
        place = place_in(network.area, rng)
        made.append(
            {
                "id": slug,
                "name": name,
                "location": {"lat": place.lat, "lon": place.lon},
                "max_power_w": kind.max_power_w,
                "connector": kind.connector.value,
                "price_per_kwh_minor": kind.price_per_kwh_minor,
                "terms": terms,
            }
        )
    return made


def _place_of(item: Json, area: Area) -> Place:
    location = item.get("location", {})
    return Place(location.get("lat", area.lat), location.get("lon", area.lon))


def _given(data: Json) -> Json:
    """Return the data without what is None, which a points file leaves out."""
    return {
        key: _given(value) if isinstance(value, dict) else value for key, value in data.items() if value is not None
    }
