"""GeoJSON (RFC 7946): a FeatureCollection of Points. Which property becomes what: docs/points_files.md.

Properties that are not in the table are left alone, as GeoJSON asks; a property that is null counts as not there.
"""

from collections.abc import Callable

from nodes.documents import Document, Path, Plain, Problem
from nodes.documents.expectations import mismatch
from nodes.documents.wording import found
from nodes.points_file.draft import Draft
from nodes.points_file.exact_units import minor_units, watts

FEATURES_KEY = "features"
POWER_KEYS = ("max_power_w", "max_power_kw", "power_kw")
PRICE_KEYS = ("price_per_kwh_minor", "price_per_kwh")


def read_geojson(document: Document, defaults: dict[str, Plain], problems: list[Problem]) -> list[Draft]:
    """Return the drafts of the collection's features; adds to the problems what is no feature at all."""
    root = document.data
    assert isinstance(root, dict)
    if root.get("type") != "FeatureCollection":
        message = f"expected 'FeatureCollection', found {found(root.get('type'))}"
        problems.append(document.problem(("type",), message))
    features = root.get(FEATURES_KEY)
    if not isinstance(features, list):
        problems.append(document.problem((FEATURES_KEY,), f"expected a list of features, found {found(features)}"))
        return []
    drafts = []
    for index, feature in enumerate(features):
        at = (FEATURES_KEY, index)
        if isinstance(feature, dict) and feature.get("type") == "Feature":
            drafts.append(_draft(document, at, feature, defaults))
        else:
            problems.append(document.problem(at, f"expected a feature, found {found(feature)} that is none"))
    return drafts


def _draft(document: Document, at: Path, feature: dict[str, Plain], defaults: dict[str, Plain]) -> Draft:
    given = feature.get("properties")
    draft = Draft(document, (*at, "properties"))
    if not isinstance(given, dict):
        draft.fault("properties", draft.at, f"expected a mapping, found {found(given)}")
        given = {}
    properties: dict[str, Plain] = {name: value for name, value in given.items() if value is not None}
    if "id" in properties or "id" not in feature:
        _copy(draft, properties, "id", draft.give_id)
    else:
        draft.give_id(feature["id"], (*at, "id"))
    for name in ("name", "currency", "terms"):
        _copy(draft, properties, name)
    _copy(draft, properties, "connector", draft.give_connector)
    _power(draft, properties, defaults)
    _price(draft, properties, defaults)
    _location(draft, (*at, "geometry"), feature.get("geometry"), properties)
    return draft


def _copy(
    draft: Draft, properties: dict[str, Plain], name: str, give: Callable[[Plain, Path], None] | None = None
) -> None:
    if name in properties and give is not None:
        give(properties[name], (*draft.at, name))
    elif name in properties:
        draft.give(name, properties[name], (*draft.at, name))


def _power(draft: Draft, properties: dict[str, Plain], defaults: dict[str, Plain]) -> None:
    key = _only_one(draft, properties, defaults, POWER_KEYS)
    if key is None:
        return
    origin, value = (*draft.at, key), properties[key]
    if key == "max_power_w":
        draft.give("max_power_w", value, origin)
    else:
        _convert(draft, "max_power_w", origin, value, watts)


def _price(draft: Draft, properties: dict[str, Plain], defaults: dict[str, Plain]) -> None:
    key = _only_one(draft, properties, defaults, PRICE_KEYS)
    if key is None:
        return
    origin, value = (*draft.at, key), properties[key]
    if key == "price_per_kwh_minor":
        draft.give("price_per_kwh_minor", value, origin)
    else:
        currency = str(properties.get("currency", defaults.get("currency", "BRL")))
        _convert(draft, "price_per_kwh_minor", origin, value, lambda price: minor_units(price, currency))


def _only_one(
    draft: Draft, properties: dict[str, Plain], defaults: dict[str, Plain], keys: tuple[str, ...]
) -> str | None:
    """Return the one of these keys that is given; the first is also the native field that they make."""
    given = [key for key in keys if key in properties]
    if len(given) > 1:
        draft.fault(keys[0], (*draft.at, given[1]), f"expected only one of {' and '.join(given)}")
    elif not given and keys[0] not in defaults:
        message = f"required, but missing; give one of {', '.join(keys)} here, or {keys[0]} in defaults"
        draft.fault(keys[0], (*draft.at, keys[0]), message)
    return given[0] if len(given) == 1 else None


def _convert(draft: Draft, name: str, origin: Path, value: Plain, convert: Callable[[float], int]) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        draft.fault(name, origin, mismatch(["a number"], value))
        return
    try:
        draft.give(name, convert(value), origin)
    except ValueError as error:
        draft.fault(name, origin, str(error))


def _location(draft: Draft, at: Path, geometry: Plain, properties: dict[str, Plain]) -> None:
    kind = geometry.get("type") if isinstance(geometry, dict) else geometry
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind != "Point":
        draft.fault("location", (*at, "type"), f"expected the geometry 'Point', found {found(kind)}")
    elif not isinstance(coordinates, list) or len(coordinates) not in (2, 3):
        message = f"expected [longitude, latitude], found {found(coordinates)}"
        draft.fault("location", (*at, "coordinates"), message)
    else:
        lon, lat = coordinates[:2]
        draft.give("location", {"lat": lat, "lon": lon}, (*at, "coordinates"))
        draft.origins["location", "lon"] = (*at, "coordinates", 0)
        draft.origins["location", "lat"] = (*at, "coordinates", 1)
        if isinstance(lat, (int, float)) and isinstance(lon, (int, float)) and abs(lat) > 90 >= abs(lon):
            message = f"expected -90 to 90 degrees of latitude, found {lat}; GeoJSON writes [longitude, latitude]"
            draft.fault("location", (*at, "coordinates", 1), message)
        elif "address" in properties:
            draft.fields["location"] = {"lat": lat, "lon": lon, "address": properties["address"]}
            draft.origins["location", "address"] = (*draft.at, "address")
