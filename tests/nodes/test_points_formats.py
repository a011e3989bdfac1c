"""GeoJSON and OCPI as points files: what becomes what, and what is refused rather than guessed."""

from pathlib import Path
from typing import Any

import pytest

from nodes.domain.point import Connector, Location
from nodes.domain.terms import Terms
from nodes.points_file import read_points
from tests.nodes.points_files import DATA, File, evse, feature


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path)


def test_the_geojson_example_is_read() -> None:
    """Longitude comes first in GeoJSON, kilowatts become watts, and money its minor unit."""
    first, second = read_points(DATA / "points.geojson")
    assert (first.slug, first.spec.connector, first.spec.max_power_w) == ("node-123", "IEC_62196_T2_COMBO", 150_000)
    assert (first.spec.price_per_kwh_minor, first.spec.location) == (250, Location(-12.97111, -38.51083))
    assert (second.slug, second.spec.max_power_w, second.spec.price_per_kwh_minor) == ("barra-1", 7400, 180)
    assert second.spec.location.address == "Av. Oceânica, 100"
    assert second.spec.terms == Terms(no_show_s=600)


def test_the_ocpi_example_is_read() -> None:
    """One point for each EVSE in service, by its strongest connector, at the price of its tariff."""
    first, second = read_points(DATA / "locations.json")
    assert (first.slug, first.spec.name) == ("br-rec-e1", "Centro (BR*REC*E1)")
    assert (first.spec.connector, first.spec.max_power_w) == ("IEC_62196_T2_COMBO", 150_000)
    assert (first.spec.price_per_kwh_minor, first.spec.currency) == (250, "BRL")
    assert first.spec.location == Location(-12.97111, -38.51083, "Praça da Sé, 1, 40020-000 Salvador")
    assert (second.spec.name, second.spec.location.lat) == ("Centro (B)", -12.972)
    assert (second.spec.max_power_w, second.spec.price_per_kwh_minor) == (3 * 230 * 32, 99)


@pytest.mark.parametrize("shape", ["list", "locations", "single"])
def test_ocpi_locations_may_be_bare_or_wrapped(file: File, shape: str) -> None:
    """A list is what a database exports, an envelope what a server answers."""
    wrapped = evse(1)
    [location] = wrapped["data"]
    content = {"list": [location], "locations": {"locations": [location]}, "single": {"data": location}}[shape]
    assert [entry.slug for entry in file.read(content)] == ["br-rec-e2"]


def test_ids_of_other_formats_that_become_one_are_both_named(file: File) -> None:
    """BR*1 and BR/1 are two EVSEs; as a slug they would be one point."""
    collection = feature(id="BR*1")
    collection["features"] += feature(id="BR/1")["features"]
    assert file.messages(collection) == [
        "features[1].properties.id: duplicate id 'br-1', which 'BR/1' becomes, also at line 15"
    ]


# GeoJSON.


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"connector": "CCS"}, "features[0].properties.connector: expected one of IEC_62196_T2, "),
        ({"connector": 2}, "features[0].properties.connector: expected one of IEC_62196_T2, "),
        ({"power_kw": 7.4321}, "features[0].properties.power_kw: expected a power in kW that is a whole number of watts, found 7.4321"),
        ({"power_kw": "7.4 kW"}, "features[0].properties.power_kw: expected a number, found '7.4 kW'; write the number alone"),
        ({"power_kw": None}, "features[0].properties.max_power_w: required, but missing; give one of max_power_w, max_power_kw, power_kw here"),
        ({"max_power_w": 1}, "features[0].properties.power_kw: expected only one of max_power_w and power_kw"),
        ({"price_per_kwh": 1.805}, "features[0].properties.price_per_kwh: expected a price with at most 2 decimals, as BRL has, found 1.805"),
        ({"price_per_kwh": 1.5, "currency": "JPY"}, "features[0].properties.price_per_kwh: expected a price with at most 0 decimals, as JPY has"),
        ({"price_per_kwh": True}, "features[0].properties.price_per_kwh: expected a number, found true"),
        ({"price_per_kwh": -1}, "features[0].properties.price_per_kwh: expected at least 0, found -100"),
        ({"price_per_kwh": ...}, "features[0].properties.price_per_kwh_minor: required, but missing; give one of"),
        ({"name": ...}, "features[0].properties.name: required, but missing"),
        ({"id": ...}, "features[0].properties.id: required, but missing"),
        ({"id": "///"}, "features[0].properties.id: expected an id with at least one of a-z and 0-9, found '///'"),
        ({"id": "x" * 300}, "features[0].properties.id: expected at most 255 characters"),
        ({"id": True}, "features[0].properties.id: expected an id, found true"),
        ({"address": 5}, "features[0].properties.address: expected text, found 5"),
        ({"terms": {"no_show_s": "x"}}, "features[0].properties.terms.no_show_s: expected a whole number, found 'x'"),
    ],
)  # fmt: skip
def test_a_bad_property_is_named_and_found(file: File, changes: dict[str, Any], message: str) -> None:
    """Nothing is rounded, guessed or left out in silence."""
    [problem] = file.messages(feature(**changes))
    assert problem.startswith(message)


@pytest.mark.parametrize(
    ("geometry", "message"),
    [
        ({"type": "Polygon", "coordinates": []}, "features[0].geometry.type: expected the geometry 'Point', found 'Polygon'"),
        (None, "features[0].geometry.type: expected the geometry 'Point', found nothing (null)"),
        ({"type": "Point"}, "features[0].geometry.coordinates: expected [longitude, latitude], found nothing (null)"),
        ({"type": "Point", "coordinates": [1]}, "features[0].geometry.coordinates: expected [longitude, latitude], found a list of 1"),
        ({"type": "Point", "coordinates": ["1", 2]}, "features[0].geometry.coordinates[0]: expected a number, found '1'; write it without quotes"),
        ({"type": "Point", "coordinates": [12, 98]}, "features[0].geometry.coordinates[1]: expected -90 to 90 degrees of latitude, found 98; GeoJSON writes [longitude, latitude]"),
        ({"type": "Point", "coordinates": [212, 8]}, "features[0].geometry.coordinates[0]: expected at most 180, found 212"),
    ],
)  # fmt: skip
def test_a_geometry_that_is_no_point_is_refused(file: File, geometry: object, message: str) -> None:
    """A charging point stands in one place."""
    collection = feature()
    collection["features"][0]["geometry"] = geometry
    assert file.messages(collection) == [message]


# OCPI.


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"standard": "DOMESTIC_F"}, "connectors[0].standard: expected one of IEC_62196_T2, "),
        ({"standard": None}, "connectors[0].standard: expected one of IEC_62196_T2, "),
        ({"max_electric_power": "22kW"}, "connectors[0].max_electric_power: expected a whole number, found '22kW'; write the number alone"),
        ({"max_voltage": ...}, "connectors[0].max_electric_power: required, but missing; it can be computed only from"),
        ({"power_type": "AC_2_PHASE"}, "connectors[0].max_electric_power: required, but missing; it can be computed only from"),
        ({"price_per_kwh_minor": 1.5}, "connectors[0].price_per_kwh_minor: expected a whole number, found 1.5"),
        ({"price_per_kwh_minor": ...}, "connectors[0].price_per_kwh_minor: required, but missing; give it at the EVSE"),
        ({"price_per_kwh_minor": ..., "tariff_ids": ["T9"]}, "connectors[0].price_per_kwh_minor: required, but missing; the file has no tariff 'T9'"),
    ],
)  # fmt: skip
def test_a_bad_connector_is_named_and_found(file: File, changes: dict[str, Any], message: str) -> None:
    """OCPI leaves much optional that a reservation needs."""
    [problem] = file.messages(evse(1, **changes))
    assert problem.startswith(f"data[0].evses[0].{message}")


@pytest.mark.parametrize("latitude", ["12,97", "", "12.9.7", "N12.9", "1e1", "nan", None, True])
def test_coordinates_that_are_no_degrees_are_refused(file: File, latitude: object) -> None:
    """OCPI writes them as text, and text can hold anything."""
    answer = evse(1)
    answer["data"][0]["evses"][0]["coordinates"]["latitude"] = latitude
    [message] = file.messages(answer)
    assert message.startswith("data[0].evses[0].coordinates.latitude: expected degrees with a decimal point")


def test_coordinates_out_of_range_are_found_in_the_text(file: File) -> None:
    """The range is the domain's, the place is the file's."""
    answer = evse(0)
    answer["data"][0]["coordinates"]["latitude"] = "98.5"
    assert file.messages(answer) == ["data[0].coordinates.latitude: expected at most 90, found 98.5"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"currency": None}, "the tariff has no currency"),
        ({"min_price": {"excl_vat": 1}}, "the tariff has a min_price, which a point cannot express"),
        ({"elements": []}, "the tariff has no prices of type ENERGY; a point has one"),
        ({"elements": [{}]}, "the tariff has an element without price_components"),
        ({"elements": [{"price_components": [{"type": "TIME", "price": 1}]}]}, "the tariff charges for 'TIME', which a point cannot express"),
        ({"elements": [{"price_components": [{"type": "ENERGY", "price": 1}], "restrictions": {"start_time": "22:00"}}]}, "the tariff's price has restrictions"),
        ({"elements": [{"price_components": [{"type": "ENERGY", "price": p} for p in (1, 2)]}]}, "the tariff has 2 prices of type ENERGY"),
        ({"elements": [{"price_components": [{"type": "ENERGY", "price": "1"}]}]}, "expected the price of a component to be a number, found '1'"),
        ({"elements": [{"price_components": [{"type": "ENERGY", "price": 0.2599}]}]}, "expected a price with at most 2 decimals, as BRL has, found 0.2599"),
    ],
)  # fmt: skip
def test_a_tariff_that_is_not_one_price_for_a_kwh_is_refused(file: File, changes: dict[str, Any], message: str) -> None:
    """A price that leaves out the parking fee is a wrong price."""
    answer = evse(0)
    answer["tariffs"][0] |= changes
    [problem] = file.messages(answer)
    assert problem.startswith(f"tariffs[0]: {message}")


def test_the_price_nearest_to_the_plug_counts(file: File) -> None:
    """Connector before EVSE before Location before tariff before defaults."""
    answer = evse(0)
    answer["defaults"] = {"price_per_kwh_minor": 1}
    assert file.read(answer)[0].spec.price_per_kwh_minor == 250
    location = answer["data"][0]
    for price, level in enumerate([location, location["evses"][0], location["evses"][0]["connectors"][0]], 2):
        level["price_per_kwh_minor"] = price
        assert file.read(answer)[0].spec.price_per_kwh_minor == price


def test_a_default_price_serves_where_there_is_no_tariff(file: File) -> None:
    """OCPI sends tariffs apart from locations."""
    answer = evse(0)
    del answer["tariffs"]
    answer["defaults"] = {"price_per_kwh_minor": 1, "currency": "EUR"}
    assert (file.read(answer)[0].spec.price_per_kwh_minor, file.read(answer)[0].spec.currency) == (1, "EUR")


def test_nacs_is_read_by_the_name_of_its_standard(file: File) -> None:
    """The plug has had three names."""
    for name in ("NACS", "SAE_J3400", "J3400"):
        assert file.read(evse(1, standard=name))[0].spec.connector is Connector.SAE_J3400
