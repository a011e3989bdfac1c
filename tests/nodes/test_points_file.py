"""The points file: three formats that come to the same entries, and errors at their place."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.documents import DocumentError, parse_document
from nodes.domain.ids import is_slug
from nodes.domain.point import Connector, Location, PointSpec
from nodes.domain.terms import Terms
from nodes.points_file import PointEntry, points_of, read_points, reading

DATA = Path(__file__).parent / "data"
POINT: dict[str, Any] = {
    "id": "centro-01",
    "name": "Centro",
    "location": {"lat": -12.97, "lon": -38.51},
    "max_power_w": 22000,
    "connector": "IEC_62196_T2",
    "price_per_kwh_minor": 250,
}
FEATURES = json.loads((DATA / "points.geojson").read_text(encoding="utf-8"))
LOCATIONS = json.loads((DATA / "locations.json").read_text(encoding="utf-8"))


class File:
    """A points file that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, content: object, name: str = "p.yaml") -> list[PointEntry]:
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
        return read_points(path)

    def problems(self, content: object, name: str = "p.yaml") -> list[str]:
        """What is wrong, without the file's name."""
        with pytest.raises(DocumentError) as caught:
            self.read(content, name)
        return [str(problem).removeprefix(f"{self.folder / name}:") for problem in caught.value.problems]

    def messages(self, content: object, name: str = "p.json") -> list[str]:
        """What is wrong, without the place: ``path: message``."""
        return [problem.split(": ", 1)[1] for problem in self.problems(content, name)]


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path)


def native(**changes: Any) -> dict[str, Any]:
    """A native file of one point with these changes; ``...`` leaves a key out."""
    return {"points": [{key: value for key, value in (POINT | changes).items() if value is not ...}]}


def feature(**changes: Any) -> dict[str, Any]:
    """A collection of the second example with changed properties; ``...`` leaves one out."""
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": [copy.deepcopy(FEATURES["features"][1])]}
    properties = collection["features"][0]["properties"] | changes
    collection["features"][0]["properties"] = {key: value for key, value in properties.items() if value is not ...}
    return collection


def evse(number: int, **changes: Any) -> dict[str, Any]:
    """The example's Location with only that EVSE, and changes to its only or second connector."""
    answer: dict[str, Any] = copy.deepcopy(LOCATIONS)
    chosen = answer["data"][0]["evses"][number]
    connector = chosen["connectors"][-1] | changes
    chosen["connectors"] = [{key: value for key, value in connector.items() if value is not ...}]
    answer["data"][0]["evses"] = [chosen]
    return answer


# What is read.


def test_the_native_example_is_read_with_its_defaults() -> None:
    """It is the file that the documentation shows."""
    entries = read_points(DATA / "points.yaml")
    assert [entry.slug for entry in entries] == ["centro-01", "centro-02", "barra-01"]
    assert entries[1].spec == PointSpec(
        name="Centro 2",
        location=Location(-12.97111, -38.5109),
        max_power_w=150_000,
        connector=Connector.IEC_62196_T2_COMBO,
        price_per_kwh_minor=250,
        terms=Terms(no_show_s=600, max_window_s=7200),
        file_digest=entries[1].digest,
    )
    assert entries[2].spec.connector is Connector.IEC_62196_T2


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


def test_the_format_is_told_by_the_content_not_by_the_name(file: File) -> None:
    """Exports are called what people call them."""
    for number, name in enumerate(["points.yaml", "points.geojson", "locations.json"]):
        content = (DATA / name).read_text(encoding="utf-8")
        copied = file.read(content, f"{number}.{'txt' if number == 0 else 'yaml'}")
        assert copied == read_points(DATA / name)


@pytest.mark.parametrize("shape", ["list", "locations", "single"])
def test_ocpi_locations_may_be_bare_or_wrapped(file: File, shape: str) -> None:
    """A list is what a database exports, an envelope what a server answers."""
    wrapped = evse(1)
    [location] = wrapped["data"]
    content = {"list": [location], "locations": {"locations": [location]}, "single": {"data": location}}[shape]
    assert [entry.slug for entry in file.read(content)] == ["br-rec-e2"]


@pytest.mark.parametrize("content", ["points: []", '{"type": "FeatureCollection", "features": []}', "[]"])
def test_a_file_may_hold_no_points(file: File, content: str) -> None:
    """A node may get all of its points from its API."""
    assert file.read(content) == []


# The digest.


def test_the_same_entry_has_the_same_digest_however_it_is_written(file: File) -> None:
    """Loading a file twice, or after a formatter went over it, must change no point."""
    [one] = file.read(native(location={"lat": -12, "lon": -38}))
    reordered = {"points": [dict(reversed(native(location={"lon": -38.0, "lat": -12.0})["points"][0].items()))]}
    [other] = file.read(reordered | {"defaults": {"currency": "BRL", "terms": {"no_show_s": 900}}}, "p.json")
    assert one == other
    assert one.spec.file_digest == one.digest


@pytest.mark.parametrize(
    "changes",
    [{"name": "X"}, {"id": "x"}, {"price_per_kwh_minor": 251}, {"currency": "EUR"}, {"terms": {"no_show_s": 1}}],
)
def test_an_edited_entry_has_another_digest(file: File, changes: dict[str, Any]) -> None:
    """It is how the node notices."""
    assert file.read(native())[0].digest != file.read(native(**changes))[0].digest


def test_digests_do_not_depend_on_the_run(file: File) -> None:
    """They are kept on disk, and compared after a restart with another hash seed or Python."""
    assert file.read(native())[0].digest == "5593c6445ac8dd82"


# What is refused.


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("max_power_w: 22kW", "8:18: points[0].max_power_w: expected a whole number, found '22kW'; write the number alone, in the unit that the key names"),
        ("max_power_w: 22.5", "8:18: points[0].max_power_w: expected a whole number, found 22.5"),
        ("max_power_w: true", "8:18: points[0].max_power_w: expected a whole number, found true"),
        ("max_power_w: 2026-01-01", "8:18: points[0].max_power_w: expected a whole number, found '2026-01-01'"),
        ("max_power_w: 0", "8:18: points[0].max_power_w: expected at least 1, found 0"),
        ("max_power_w: 1e400", "8:18: points[0].max_power_w: expected a finite number of at most 64 bits, found 1e400"),
        ("max_power_w: .nan", "8:18: points[0].max_power_w: expected a finite number of at most 64 bits, found .nan"),
        ("max_power_w:", "8:5: points[0].max_power_w: expected a whole number, found nothing (null)"),
        ("price_per_kwh_minor: -1", "8:26: points[0].price_per_kwh_minor: expected at least 0, found -1"),
        ("price_per_kwh_minor: 2.5", "8:26: points[0].price_per_kwh_minor: expected a whole number, found 2.5"),
        ("connector: CCS2", "8:16: points[0].connector: expected one of 'IEC_62196_T2', 'IEC_62196_T2_COMBO', 'IEC_62196_T1', 'IEC_62196_T1_COMBO', 'CHADEMO', 'GBT_AC', 'GBT_DC', 'SAE_J3400' or 'MCS', found 'CCS2'"),
        ("connector: chademo", "did you mean 'CHADEMO'?"),
        ("currency: reais", "8:15: points[0].currency: expected an ISO 4217 code such as BRL, found 'reais'"),
        ("name: ''", "8:11: points[0].name: expected at least 1 characters, found ''"),
        ("name: 12", "8:11: points[0].name: expected text, found 12; put it in quotes"),
        ("terms: {no_show_s: 15min}", "8:24: points[0].terms.no_show_s: expected a whole number, found '15min'; write"),
        ("terms: {no_show: 60}", "8:13: points[0].terms.no_show: unknown key 'no_show'; did you mean 'no_show_s'?"),
        ("terms: {min_window_s: 7200, max_window_s: 3600}", "8:27: points[0].terms.min_window_s: 7200 is more than max_window_s 3600"),
        ("location: {lat: -38.5, lon: -212.9}", "8:33: points[0].location.lon: expected at least -180, found -212.9"),
        ("location: {lat: 138.5, lon: -12.9}", "8:21: points[0].location.lat: expected at most 90, found 138.5"),
        ("location: {lat: 1}", "8:15: points[0].location.lon: required, but missing"),
        ("location: [1, 2]", "8:15: points[0].location: expected a mapping, found a list of 2"),
        ("max_powr_w: 1", "8:5: points[0].max_powr_w: unknown key 'max_powr_w'; did you mean 'max_power_w'?"),
    ],
)  # fmt: skip
def test_a_bad_field_is_named_and_found(file: File, line: str, message: str) -> None:
    """Each of these is a mistake that somebody has made in a file of this kind."""
    key = line.partition(":")[0]
    lines = [f"{name}: {json.dumps(value)}" for name, value in POINT.items() if name not in (key, "id")]
    text = "points:\n  - id: a\n" + "".join(f"    {each}\n" for each in lines[:5])
    text += "".join(["# padding\n"] * (7 - text.count("\n"))) + f"    {line}\n"
    assert any(message in problem for problem in file.problems(text))


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("Centro 01", "centro-01"),
        ("praça", "praca"),
        ("a/b", "a-b"),
        ("a+b", "a-b"),
        ("a#b", "a-b"),
        ("-a", "a"),
        ("充電", "ponto"),
    ],
)
def test_an_id_is_taken_as_it_is_or_not_at_all(file: File, given: str, near: str) -> None:
    """It becomes part of URLs, topics and file names; what it is must be seen in the file."""
    [message] = file.messages(native(id=given))
    assert message == (
        f"points[0].id: expected 1 to 64 of a-z, 0-9 and '-', not at an end, found {given!r}; {near!r} would do"
    )


def test_a_huge_id_makes_no_huge_message(file: File) -> None:
    """A log line of 10 kB hides what it says."""
    [message] = file.messages(native(id="x" * 10_000))
    assert "(10000 characters)" in message
    assert len(message) < 400


def test_every_problem_of_a_file_is_shown_in_its_order(file: File) -> None:
    """Whoever mends a file does not want to be told one error a run."""
    content = {"points": [POINT | {"name": 1}, POINT | {"id": "B", "currency": "x"}, 7, POINT], "extra": 1}
    assert [problem.split(": ")[1] for problem in file.problems(content)] == [
        "points[0].name", "points[1].id", "points[1].currency", "points[2]", "points[3].id", "extra",
    ]  # fmt: skip


def test_two_points_of_one_id_are_both_named(file: File) -> None:
    """The second would silently replace the first."""
    text = "points:\n- {id: a}\n- {id: b}\n- {id: a}\n"
    assert "4:8: points[2].id: duplicate id 'a', also at line 2" in file.problems(text)


def test_ids_of_other_formats_that_become_one_are_both_named(file: File) -> None:
    """BR*1 and BR/1 are two EVSEs; as a slug they would be one point."""
    collection = feature(id="BR*1")
    collection["features"] += feature(id="BR/1")["features"]
    assert file.messages(collection) == [
        "features[1].properties.id: duplicate id 'br-1', which 'BR/1' becomes, also at line 15"
    ]


def test_defaults_are_checked_where_they_stand(file: File) -> None:
    """One mistake in defaults is one mistake, not one for each point."""
    content = {"defaults": {"currncy": "X", "terms": {"no_show_s": -1}}, "points": [POINT, POINT | {"id": "b"}]}
    assert file.messages(content) == [
        "defaults.currncy: unknown key 'currncy'; did you mean 'currency'?",
        "defaults.terms.no_show_s: expected at least 0, found -1",
    ]
    assert file.messages({"defaults": {"id": "a"}, "points": []}) == [
        "defaults.id: cannot have a default: every point has its own"
    ]
    assert file.messages({"defaults": [], "points": []}) == ["defaults: expected a mapping"]


def test_more_points_than_a_node_may_own_are_refused(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the node would run out of memory some time after it has started."""
    monkeypatch.setattr(reading, "MAX_POINTS", 2)
    content = {"points": [POINT | {"id": name} for name in "abc"]}
    assert file.messages(content) == ["(document): expected at most 2 points, found 3"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("poinst: []", "1:1: (document): expected 'points', or the 'features' of GeoJSON, or the 'locations' or 'data' of OCPI; did you mean 'points'?"),
        ("points: {}", "1:9: points: expected a list of points, found an empty mapping"),
        ("points:", "1:1: points: expected a list of points, found nothing (null)"),
        ("hello", "1:1: (document): expected a mapping with the key 'points', found 'hello'"),
        ("- {id: a, connector: MCS}", "1:1: (document): expected a mapping with the key 'points', found a list of points"),
        ("- {id: a}", "1:3: [0].evses: expected the Location's list of EVSEs, found nothing (null)"),
        ("type: FeatureCollection", "1:1: features: expected a list of features, found nothing (null)"),
        ("points:\n\t- a", "2:1: (document): found a tab; YAML is indented with spaces"),
        (b"\x00\x01", "1:1: (document): unexpected character U+0000; is this a text file?"),
        ("", "1:1: (document): the file is empty"),
    ],
)  # fmt: skip
def test_what_is_no_points_file_is_told_so(file: File, content: str | bytes, message: str) -> None:
    """The first mistake is the wrong file."""
    assert file.problems(content) == [message]


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


# Hostile files.


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """All paths of the data."""
    parts = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path, *(place for key, part in parts for place in places(part, (*path, key)))]


def entries_or_none(content: str | bytes, name: str) -> list[PointEntry]:
    """The entries of that content; none when it is refused, in the form that every refusal has."""
    try:
        return points_of(parse_document(content, name))
    except DocumentError as error:
        lines = str(error).split("\n")
    assert all(re.match(r"p\.\w+:[1-9]\d*:[1-9]\d*: .+: .", line) or line.startswith("… and ") for line in lines)
    return []


EXAMPLES = [native(terms={"no_show_s": 60}) | {"defaults": {"currency": "BRL"}}, FEATURES, LOCATIONS]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([[], {}, [[]], {"a": 1}, "22kW", 10**30, -1, 1e308, "x" * 10_000, "a\nb", [1, 2, 3]]),
)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_file_with_anything_in_the_place_of_anything_raises_nothing_else(data: st.DataObject) -> None:
    """An operator's slip, or a hostile export, is answered with its line and never with a traceback."""
    content = copy.deepcopy(data.draw(st.sampled_from(EXAMPLES)))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(content)[1:] or [("points",)]))
        target: Any = content
        for step in way:
            target = target[step]
        if data.draw(st.booleans()):
            target[last] = copy.deepcopy(data.draw(ODD))
        elif isinstance(target, dict):
            target[data.draw(st.text(max_size=5))] = target.pop(last)
    assert all(
        is_slug(entry.slug) and len(entry.digest) == 16 for entry in entries_or_none(json.dumps(content), "p.json")
    )


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.binary(), st.text("points: -{}[],id\n\"'")))
def test_arbitrary_text_raises_nothing_else(content: str | bytes) -> None:
    """It may be any file at all."""
    assert entries_or_none(content, "p.yaml") == []
