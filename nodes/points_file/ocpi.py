"""OCPI 2.2 and 2.3 Locations: one point for each EVSE. Which field becomes what: docs/points_files.md.

A list of Locations, or a mapping with such a list (or one Location) as ``data``, the way an OCPI server answers, or as
``locations``. ``tariffs`` and ``defaults`` may stand beside it. Fields that are not in the table are left alone.
"""

import re

from nodes.documents import Document, Path, Plain, Problem
from nodes.documents.wording import found
from nodes.points_file.connectors import connector_from
from nodes.points_file.draft import Draft
from nodes.points_file.ocpi_places import Evse, evses_of
from nodes.points_file.ocpi_tariff import Tariffs

PHASES = {"AC_1_PHASE": 1, "AC_3_PHASE": 3, "DC": 1}
"""OCPI's max_voltage is line to neutral for three phases. What it is for two it does not say, so there is no guess."""

_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")


def read_ocpi(document: Document, defaults: dict[str, Plain], problems: list[Problem]) -> list[Draft]:
    """Return the drafts of the EVSEs in service; adds to the problems what is no Location or EVSE at all."""
    tariffs = Tariffs(document, problems)
    drafts = []
    for evse in evses_of(document, problems):
        draft = Draft(document, evse.at)
        _identity(draft, evse)
        _place(draft, evse)
        connector_at, connector = _connector(draft, evse)
        levels = [(connector_at, connector), (evse.at, evse.fields), (evse.location_at, evse.location)]
        if not _explicit_price(draft, levels):
            tariffs.give_price(draft, connector_at, connector, has_default="price_per_kwh_minor" in defaults)
        drafts.append(draft)
    return drafts


def _identity(draft: Draft, evse: Evse) -> None:
    key = "uid" if "uid" in evse.fields else "evse_id"
    if key in evse.fields:
        draft.give_id(evse.fields[key], (*evse.at, key))
    else:
        draft.fault("id", (*evse.at, "uid"), "required, but missing")
    name_key = "name" if evse.location.get("name") is not None else "address"
    name = evse.location.get(name_key)
    if not evse.is_alone:
        label = evse.fields.get("physical_reference") or evse.fields.get(key)
        name = f"{name} ({label})" if isinstance(name, str) else name
    if name is None:
        draft.fault("name", (*evse.location_at, "name"), "required, but missing; the Location has no address either")
    else:
        draft.give("name", name, (*evse.location_at, name_key))


def _place(draft: Draft, evse: Evse) -> None:
    at, fields = (evse.at, evse.fields) if evse.fields.get("coordinates") else (evse.location_at, evse.location)
    at = (*at, "coordinates")
    coordinates = fields.get("coordinates")
    if not isinstance(coordinates, dict):
        message = f"expected a mapping with latitude and longitude, found {found(coordinates)}"
        draft.fault("location", at, message)
        return
    location: dict[str, Plain] = {}
    for name, key in (("lat", "latitude"), ("lon", "longitude")):
        origin, value = (*at, key), coordinates.get(key)
        draft.origins["location", name] = origin
        if isinstance(value, str) and _DEGREES.fullmatch(value):
            location[name] = float(value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            location[name] = value
        else:
            message = f"expected degrees with a decimal point, such as '-12.97111', found {found(value)}"
            draft.fault("location", origin, message)
    town = " ".join(text for key in ("postal_code", "city") if isinstance(text := evse.location.get(key), str))
    address = ", ".join(text for text in (evse.location.get("address"), town) if isinstance(text, str) and text)
    draft.give("location", location | {"address": address or None}, at)
    draft.origins["location", "address"] = (*evse.location_at, "address")


def _connector(draft: Draft, evse: Evse) -> tuple[Path, dict[str, Plain]]:
    """Give the connector and the power of the strongest one that we know; return it with its place."""
    at = (*evse.at, "connectors")
    given = evse.fields.get("connectors")
    connectors = [(index, each) for index, each in enumerate(given if isinstance(given, list) else [])]
    known = [
        (_strength(each), -index, each)
        for index, each in connectors
        if isinstance(each, dict) and connector_from(str(each.get("standard")))
    ]
    if known:
        _, index, connector = max(known, key=lambda candidate: candidate[:2])
        at = (*at, -index)
        draft.give_connector(connector.get("standard"), (*at, "standard"))
        _power(draft, at, connector)
        return at, connector
    draft.faulty.add("max_power_w")
    first = connectors[0][1] if connectors else None
    if isinstance(first, dict):
        draft.give_connector(first.get("standard"), (*at, 0, "standard"))
        return (*at, 0), first
    draft.fault("connector", at, f"expected a list of connectors, found {found(given)}")
    return evse.at, {}


def _strength(connector: dict[str, Plain]) -> float:
    """Return the power in W; more than any where it is given but wrong, so that somebody gets to know."""
    key, power = power_of(connector)
    if key is None:
        return -1
    return power if type(power) is int else float("inf")


def _power(draft: Draft, at: Path, connector: dict[str, Plain]) -> None:
    key, power = power_of(connector)
    if key is not None:
        draft.give("max_power_w", power, (*at, key))
    else:
        message = (
            "required, but missing; it can be computed only from whole max_voltage and max_amperage and a power_type of "
            + ", ".join(PHASES)
        )
        draft.fault("max_power_w", (*at, "max_electric_power"), message)


def power_of(connector: dict[str, Plain]) -> tuple[str | None, Plain]:
    """Return the key that tells a connector's power, and the power in W; no key when nothing does."""
    if connector.get("max_electric_power") is not None:
        return "max_electric_power", connector["max_electric_power"]
    volts, amperes = connector.get("max_voltage"), connector.get("max_amperage")
    phases = PHASES.get(str(connector.get("power_type")))
    if phases is None or type(volts) is not int or type(amperes) is not int:
        return None, None
    return "max_amperage", volts * amperes * phases


def _explicit_price(draft: Draft, levels: list[tuple[Path, dict[str, Plain]]]) -> bool:
    """Give the price and the currency that stand beside OCPI's own fields, if any; the nearest to the plug counts."""
    for name in ("currency", "price_per_kwh_minor"):
        for at, fields in reversed(levels):
            if name in fields:
                draft.give(name, fields[name], (*at, name))
    return "price_per_kwh_minor" in draft.fields
