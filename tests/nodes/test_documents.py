"""Text files from people: what is read, what is refused, and where every error says it is."""

import json
import re
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, model_validator

from nodes.documents import Document, DocumentError, Mark, Positions, Problem, parse_document, read_document
from nodes.documents import tree as bounds
from nodes.errors import RecargaError


def said(content: str | bytes, name: str = "f.yaml") -> str:
    """The error for a file of that content."""
    with pytest.raises(DocumentError) as caught:
        parse_document(content, name)
    return str(caught.value)


def data_of(content: str | bytes, name: str = "f.yaml") -> Any:
    """The data of a file of that content."""
    return parse_document(content, name).data


# What is read.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22:00", "22:00"), ("yes", "yes"), ("no", "no"), ("on", "on"), ("010", 10), ("0o10", 8), ("0x1F", 31),
        ("1_000", "1_000"), ("0b11", "0b11"), ("2026-01-01", "2026-01-01"), ("1e3", 1000.0), ("+12", 12), ("-.5", -0.5),
        ("~", None), ("Null", None), ("TRUE", True), ("1.", 1.0), ("'12'", "12"), ('"a\\tb"', "a\tb"), ("=", "="),
        ("18446744073709551615", 2**64 - 1), ("|\n  x\n  y\n", "x\ny\n"), ("é\u00a0", "é\u00a0"),
    ],
)  # fmt: skip
def test_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    """YAML 1.1 reads 22:00 as 1320 and no as false; a scenario must not depend on who wrote the parser."""
    got = data_of(f"k: {text}")["k"]
    assert got == value
    assert type(got) is type(value)


def test_an_alias_is_a_copy() -> None:
    """An override of one copy must not change the other behind its back."""
    data = data_of("a: &x {n: 1}\nb: *x\n")
    data["b"]["n"] = 2
    assert data["a"]["n"] == 1


def test_a_byte_order_mark_is_no_content() -> None:
    """Windows editors write one, and no one sees it."""
    assert parse_document(b"\xef\xbb\xbfa: 1", "f.yaml").data == {"a": 1}
    assert parse_document(b'\xef\xbb\xbf{"a": 1}', "f.json").data == {"a": 1}


def test_json_in_a_yaml_file_is_the_same_document_and_the_same_places() -> None:
    """JSON is YAML: the name of a file must not change what it means."""
    text = '{"a": [1, {"b": "\\u00e9"}],\n "c": {"d": null}}'
    quick, slow = parse_document(text, "f.json"), parse_document("# c\n" + text, "f.yaml")
    assert quick.data == slow.data
    for path in [(), ("a",), ("a", 0), ("a", 1), ("a", 1, "b"), ("c",), ("c", "d")]:
        (_, one), (_, other) = quick.locate(path), slow.locate(path)
        assert (one.line + 1, one.column) == other


def test_a_pipe_or_any_path_like_can_be_read(tmp_path: Path) -> None:
    """Paths come from a command line as text and from code as Path."""
    file = tmp_path / "f.yaml"
    file.write_text("a: 1\n", encoding="utf-8")
    assert read_document(file).data == read_document(str(file)).data == {"a": 1}


# What is refused.


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1\na: 2", "f.yaml:2:1: a: duplicate key 'a', also at line 1"),
        ("x:\n  - {a: 1, a: 2}", "f.yaml:2:12: x[0].a: duplicate key 'a', also at line 2"),
        ("a:\n\tb: 1", "f.yaml:2:1: (document): found a tab; YAML is indented with spaces"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: (document): expected one document, found the start of another"),
        ("1: x", "f.yaml:1:1: (document): expected a key that is text, found 1; put it in quotes"),
        ("a:\n  true: x", "f.yaml:2:3: a: expected a key that is text, found true; put it in quotes"),
        ("? [a]\n: b", "f.yaml:1:3: (document): expected a key that is text, found a list"),
        ("a: &a [*a]", "f.yaml:1:8: a[0]: '*a' stands inside of what it repeats"),
        ("a: *b", "f.yaml:1:4: a: nothing before this is anchored as '&b'"),
        ("a: &a {}\n<<: *a", "f.yaml:2:1: (document): merge keys (<<) are not part of YAML 1.2"),
        ("a: .inf", "f.yaml:1:4: a: expected a finite number of at most 64 bits, found .inf"),
        ("- .NaN", "f.yaml:1:3: [0]: expected a finite number of at most 64 bits, found .NaN"),
        ("a: 1e400", "f.yaml:1:4: a: expected a finite number of at most 64 bits, found 1e400"),
        ("a: 18446744073709551616", "f.yaml:1:4: a: expected a finite number of at most 64 bits, found 18446744073709551616"),
        ('a: "\\ud800"', "f.yaml:1:4: a: half of a surrogate pair in '\\ud800' is no text"),
        ("%YAML 1.1\n---\na: 1", "f.yaml:2:1: (document): expected YAML 1.2, found %YAML 1.1"),
        ("a: {b: 1", "f.yaml:1:9: (document): not YAML: expected ',' or '}', but got '<stream end>', while parsing a flow mapping"),
        ("", "f.yaml:1:1: (document): the file is empty"),
        (" \n\n", "f.yaml:1:1: (document): the file is empty"),
        ("# only\n", "f.yaml:1:1: (document): the document is empty"),
        (b"a: 1\nb: \xff", "f.yaml:2:4: (document): expected UTF-8, found the byte 0xff"),
        (b"a: x\x00y", "f.yaml:1:5: (document): unexpected character U+0000; is this a text file?"),
        ("a: 1".encode("utf-16"), "f.yaml:1:1: (document): expected UTF-8, found UTF-16"),
        (b"\x7fELF\x02\x01", "f.yaml:1:1: (document): unexpected character U+007F; is this a text file?"),
    ],
)  # fmt: skip
def test_bad_yaml_is_refused_at_its_place(content: str | bytes, message: str) -> None:
    """A file of a thousand lines is mended by line and column, not by guessing."""
    assert said(content) == message


def test_tags_are_refused() -> None:
    """A tag is how YAML files run code in other programs."""
    assert said("a: !!python/object:os.system x").startswith("f.yaml:1:4: a: tags are not supported")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": 1,\n}', "1:8: (document): not JSON: unexpected ',' before '}'"),
        ("[1, 2, ]", "1:6: (document): not JSON: unexpected ',' before ']'"),
        ('{"a": 1,\n "a": 2}', "2:2: a: duplicate key 'a', also at line 1"),
        ('{"a": [NaN]}', "1:8: a[0]: expected a finite number of at most 64 bits, found NaN"),
        ('{"a": -Infinity}', "1:7: a: expected a finite number of at most 64 bits, found -Infinity"),
        ('{"a": 1e400}', "1:7: a: expected a finite number of at most 64 bits, found 1e400"),
        (f"[{'9' * 5000}]", f"1:2: [0]: expected a finite number of at most 64 bits, found {'9' * 40}"),
        ('["\\ud800"]', "1:2: [0]: half of a surrogate pair in '\\ud800' is no text"),
        ("{'a': 1}", "1:2: (document): not JSON: expecting property name enclosed in double quotes"),
        ("a: 1", "1:1: (document): not JSON: expecting value"),
        ("", "1:1: (document): the file is empty"),
    ],
)
def test_bad_json_is_refused_at_its_place(content: str | bytes, message: str) -> None:
    """The fast way through the standard library must refuse all that the slow one does, and say where."""
    assert said(content, "f.json") == f"f.json:{message}"


def test_every_problem_of_the_text_is_shown_at_once() -> None:
    """Whoever mends a file does not want to be told one error a run."""
    assert said("a: 1\na: 2\n1: x\nb: .inf").count("\n") == 2


@pytest.mark.parametrize("name", ["f.yaml", "f.json"])
def test_deep_nesting_ends_in_an_error_not_in_the_interpreters_stack(name: str) -> None:
    """A hostile file must not take the process with it."""
    assert "expected at most 64 levels of nesting" in said("[" * 100_000, name)
    assert parse_document("[" * 64 + "]" * 64, name).data


def test_a_bomb_of_anchors_is_refused_before_it_goes_off() -> None:
    """Nine lines that stand for 10^9 values fill all memory, unless counted before they are copied."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    began_s = time.process_time()
    assert "expected at most 1,000,000 values in a document, aliases expanded" in said("\n".join(lines))
    assert time.process_time() - began_s < 20


def test_long_text_weighs_as_much_as_many_values() -> None:
    """A megabyte repeated by a million aliases is a bomb of one level."""
    assert "aliases expanded" in said(f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 100)}]")


def test_too_many_values_are_refused_in_json_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is the document's, whatever its syntax."""
    monkeypatch.setattr(bounds, "MAX_VALUES", 100)
    monkeypatch.setattr("nodes.documents.json_text.MAX_VALUES", 100)
    assert "expected at most 100 values" in said(json.dumps([0] * 200), "f.json")
    assert "expected at most 100 values" in said("- 0\n" * 200)


def test_a_file_that_is_too_big_is_not_read_to_its_end(tmp_path: Path) -> None:
    """--points /dev/zero must not fill memory."""
    file = tmp_path / "big.yaml"
    with file.open("wb") as sparse:
        sparse.truncate(bounds.MAX_BYTES + 2)
    with pytest.raises(DocumentError, match="expected at most 32 MB"):
        read_document(file)


@pytest.mark.parametrize("name", ["missing.yaml", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_an_error_of_the_same_kind(name: str, tmp_path: Path) -> None:
    """The caller prints one kind of error."""
    with pytest.raises(DocumentError, match=r":1:1: \(document\): cannot be read: "):
        read_document(str(tmp_path / name))


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.text(), st.binary(), st.text("ab:-{}[],&*!|>'\"#%@ \n\t\\?<0.1")),
    st.sampled_from(["f.yaml", "f.json"]),
)
def test_no_text_raises_anything_else(content: str | bytes, name: str) -> None:
    """A traceback of a parser is no message to an operator."""
    try:
        document = parse_document(content, name)
    except DocumentError as error:
        lines = str(error).split("\n")
    else:
        assert isinstance(document.positions, Positions)
        lines = []
    assert all(re.match(r"f\.(yaml|json):[1-9]\d*:[1-9]\d*: .+: .", line) for line in lines)


# Models.


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Color(StrEnum):
    RED = "red"
    GREEN = "green"


class Constant(Strict):
    kind: Literal["constant"]
    constant: float


class Poisson(Strict):
    kind: Literal["poisson"]
    mean_s: float = Field(gt=0)


class Place(Strict):
    lat: float
    lon: float


class AnyOf(Strict):
    any_of: list[str]


class Scenario(Strict):
    arrivals: Annotated[Constant | Poisson, Field(discriminator="kind")] = Constant(kind="constant", constant=1)
    where: list[Place | AnyOf | Literal["closest"]] = []
    count: int = Field(default=1, ge=1, le=10)
    color: Color = Color.RED
    pair: tuple[int, int] = (1, 2)
    places: dict[str, Place] = {}
    limit: float | Literal["auto"] = "auto"
    maybe: Place | None = None

    @model_validator(mode="after")
    def _agree(self) -> "Scenario":
        if self.pair == (9, 9):
            raise ValueError("pair: expected two different numbers")
        return self


def problems_of(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        parse_document(text, "s.yaml").validate(Scenario)
    return str(caught.value).split("\n")


def test_a_strict_model_takes_what_json_can_say() -> None:
    """An enumeration is text in a file, and a tuple is a list; strictness is about 1 and '1'."""
    scenario = parse_document("color: green\npair: [3, 4]\nmaybe: null\n", "s.yaml").validate(Scenario)
    assert (scenario.color, scenario.pair, scenario.maybe) == (Color.GREEN, (3, 4), None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cuont: 1", "1:1: cuont: unknown key 'cuont'; did you mean 'count'?"),
        ("maybe: {lat: 1, lonn: 2, lon: 2}", "1:17: maybe.lonn: unknown key 'lonn'; did you mean 'lon'?"),
        ("count: 1\nmaybe:\n  lat: 1", "3:3: maybe.lon: required, but missing"),
        ("count: 22kW", "1:8: count: expected a whole number, found '22kW'; write the number alone, in the unit that the key names"),
        ("count: '3'", "1:8: count: expected a whole number, found '3'; write it without quotes"),
        ("count: true", "1:8: count: expected a whole number, found true"),
        ("count: 1.5", "1:8: count: expected a whole number, found 1.5"),
        ("count: 2026-01-01", "1:8: count: expected a whole number, found '2026-01-01'"),
        ("count:", "1:1: count: expected a whole number, found nothing (null)"),
        ("count: 11", "1:8: count: expected at most 10, found 11"),
        ("color: gren", "1:8: color: expected one of 'red' or 'green', found 'gren'; did you mean 'green'?"),
        ("pair: [1, 2, 3]", "1:7: pair: expected at most 2 entries, found a list of 3"),
        ("pair: [1, x]", "1:11: pair[1]: expected a whole number, found 'x'"),
        ("pair: [9, 9]", "1:7: pair: expected two different numbers"),
        ("places: {a.b: {lat: x, lon: 1}}", "1:21: places['a.b'].lat: expected a number, found 'x'"),
        ("- 1", "1:1: (document): expected a mapping, found a list of 1"),
    ],
)  # fmt: skip
def test_a_problem_says_what_was_expected_and_what_was_found(text: str, message: str) -> None:
    """The message is all that a user has."""
    assert problems_of(text) == [f"s.yaml:{message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arrivals: {kind: poison}", "1:18: arrivals.kind: expected one of 'constant', 'poisson', found 'poison'; did you mean 'poisson'?"),
        ("arrivals: {constant: 1}", "1:11: arrivals: the key 'kind' is required, but missing"),
        ("arrivals: {kind: poisson, mean_s: -1}", "1:35: arrivals.mean_s: expected more than 0, found -1"),
        ("arrivals: {kind: constant, constant: {}}", "1:38: arrivals.constant: expected a number, found an empty mapping"),
        ("limit: atuo", "1:8: limit: expected a number or 'auto', found 'atuo'; did you mean 'auto'?"),
        ("where: [{lat: 1}]", "1:9: where[0].lon: required, but missing"),
        ("where: [{any_of: [a, 1]}]", "1:22: where[0].any_of[1]: expected text, found 1; put it in quotes"),
        ("where: [7]", "1:9: where[0]: expected a mapping or 'closest', found 7"),
        ("maybe: []", "1:8: maybe: expected a mapping, found an empty list"),
    ],
)  # fmt: skip
def test_a_union_is_explained_by_the_branch_that_comes_nearest(text: str, message: str) -> None:
    """Pydantic reports every branch that failed; the reader meant one of them."""
    assert problems_of(text) == [f"s.yaml:{message}"]


def test_all_problems_of_a_model_come_in_the_order_of_the_text() -> None:
    """They are mended from the top."""
    lines = problems_of("limit: x\ncolor: 1\ncount: x\nnope: 1\n")
    assert [line.split(":")[1] for line in lines] == ["1", "2", "3", "4"]


KEYS = st.sampled_from(
    [*Scenario.model_fields, "kind", "constant", "poisson", "mean_s", "lat", "lon", "any_of", "", "x.y"]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.text(max_size=3), KEYS)
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, ANYTHING, max_size=5))
def test_no_data_raises_anything_else_and_every_problem_is_at_a_path_of_the_document(data: dict[str, Any]) -> None:
    """Unions nest, and pydantic's locations name things that are in no file."""
    document = Document("s.json", data, Positions(Mark(1, 1)))
    try:
        document.validate(Scenario)
    except DocumentError as error:
        paths = [problem.path for problem in error.problems]
    else:
        paths = []
    assert not any(tag in path for path in paths for tag in ("Place", "AnyOf", "literal", "float", "int", "str"))


def test_a_long_list_of_problems_is_cut_but_kept() -> None:
    """A screenful helps; ten thousand lines hide the first."""
    with pytest.raises(DocumentError) as caught:
        parse_document("where: [" + "7, " * 50 + "7]", "s.yaml").validate(Scenario)
    assert len(caught.value.problems) == 51
    assert str(caught.value).split("\n")[20:] == ["… and 31 more"]


def test_changed_data_is_validated_with_the_places_that_are_left() -> None:
    """Overrides from the command line change data before it is validated; the rest must still be found."""
    document = parse_document("count: 1\nmaybe:\n  lat: 1\n  lon: x\n", "s.yaml")
    changed = document.with_data({"count": 99, "maybe": {"lat": 1, "lon": "x"}})
    with pytest.raises(DocumentError) as caught:
        changed.validate(Scenario)
    assert [(problem.line, problem.column, problem.path) for problem in caught.value.problems] == [
        (1, 8, "count"),
        (4, 8, "maybe.lon"),
    ]
    assert changed.locate(("maybe", "elsewhere", 3)) == ("s.yaml", (3, 3))


def test_what_a_document_inherits_is_found_in_the_file_it_came_from() -> None:
    """An error in the base of a scenario is mended in the base."""
    base = parse_document("maybe:\n  lat: 1\n  lon: x\n", "base.yaml")
    child = parse_document("count: 2\n", "child.yaml").with_data({"count": 2, "maybe": {"lat": 1, "lon": "x"}}, base)
    assert str(child.error(("maybe", "lon"), "no")) == "base.yaml:3:8: maybe.lon: no"
    assert str(child.error(("count",), "no")) == "child.yaml:1:8: count: no"
    assert str(child.error(("nowhere",), "no")) == "child.yaml:1:1: nowhere: no"


def test_errors_can_be_made_by_callers_and_stay_on_one_line() -> None:
    """What the model cannot check is reported in the same form."""
    error = DocumentError.of("f.yaml", 3, 4, ("a", 0, "b c"), "one\ntwo")
    assert str(error) == "f.yaml:3:4: a[0]['b c']: one two"
    assert error.problems == (Problem("f.yaml", 3, 4, "a[0]['b c']", "one two"),)
    assert isinstance(error, RecargaError)
    document = Document("f.yaml", {}, Positions(Mark(1, 1)))
    assert str(document.error(("x" * 10_000,), "y" * 10_000)).count("\n") == 0
    assert len(str(document.error(("x" * 10_000,), "y" * 10_000))) < 1000
