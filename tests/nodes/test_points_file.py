"""The points file: how a node's own format is read, what a digest says, and what no file may do."""

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
from tests.nodes.points_files import DATA, FEATURES, LOCATIONS, POINT, File, native


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path)


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


def test_the_format_is_told_by_the_content_not_by_the_name(file: File) -> None:
    """Exports are called what people call them."""
    for number, name in enumerate(["points.yaml", "points.geojson", "locations.json"]):
        content = (DATA / name).read_text(encoding="utf-8")
        copied = file.read(content, f"{number}.{'txt' if number == 0 else 'yaml'}")
        assert copied == read_points(DATA / name)


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
