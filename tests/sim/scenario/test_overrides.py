"""``--set a.b=c``: a scenario changed from the command line, with the same checks as the file."""

from pathlib import Path

import pytest

from tests.sim.scenario.scenario_files import SMALLEST, refusal_of, scenario_of

TEXT = SMALLEST + "fleet:\n  classes:\n    - {name: car}\n    - {name: taxi, stay_s: {uniform: [1, 2]}}\n"


def test_values_are_yaml(tmp_path: Path) -> None:
    """What means a number in the file means one on the command line."""
    scenario = scenario_of(
        tmp_path,
        TEXT,
        "seed=12",
        "time.duration_s=1e3",
        "network.nodes=[a, b]",
        "name='12'",
        "description=",
        "fleet.classes.1.stay_s={constant: 4}",
        "time.start=2026-01-01T00:00:00Z",
    )
    assert (scenario.seed, scenario.time.duration_s, scenario.network.node_ids) == (12, 1000, ["a", "b"])
    assert (scenario.name, scenario.description) == ("12", "")
    assert scenario.fleet.classes[1].stay_s.constant == 4
    assert scenario.fleet.classes[0].name == "car"
    assert scenario.time.start.year == 2026


def test_a_value_may_hold_an_equals_sign_and_words_that_yaml_1_1_takes_for_something_else(tmp_path: Path) -> None:
    """Only the first equals sign parts path and value."""
    assert scenario_of(tmp_path, TEXT, "description=a=b").description == "a=b"
    assert scenario_of(tmp_path, TEXT, "description=22:00").description == "22:00"
    assert scenario_of(tmp_path, TEXT, "name=no").name == "no"


def test_the_last_of_two_wins_and_mappings_that_are_missing_are_made(tmp_path: Path) -> None:
    """A sweep puts its own changes behind the user's."""
    scenario = scenario_of(tmp_path, TEXT, "client.timeout_ms=100", "client.timeout_ms=200")
    assert scenario.client.timeout_ms == 200


def test_changes_apply_after_extends_and_before_the_schema(tmp_path: Path) -> None:
    """A base that is incomplete can be completed."""
    (tmp_path / "base.yaml").write_text("name: base\n")
    assert scenario_of(tmp_path, "extends: base.yaml\n", "time.duration_s=5").time.duration_s == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("time.duration_s=abc", "s.yaml:2:20: time.duration_s: expected a number, found 'abc'"),
        ("time.duration_s='60'", "s.yaml:2:20: time.duration_s: expected a number, found '60'; write it without quotes"),
        ("time.duration_s=60s", "s.yaml:2:20: time.duration_s: expected a number, found '60s'; write the number alone, in the unit that the key names"),
        ("time.duratoin_s=60", "s.yaml:2:7: time.duratoin_s: unknown key 'duratoin_s'; did you mean 'duration_s'?"),
        ("network.nodes=two", "s.yaml:1:1: network.nodes: expected a whole number or a list, found 'two'"),
        ("fleet=5", "s.yaml:4:3: fleet: expected a mapping, found 5"),
        ("extends=other.yaml", "s.yaml:1:1: extends: unknown key 'extends'"),
        ("fleet.classes.1.stay_s.uniform.0=9", "s.yaml:6:38: fleet.classes[1].stay_s.uniform: expected numbers in rising order"),
        ("fleet.classes.2.name=x", "--set fleet.classes.2.name=x:1:1: fleet.classes.2.name: expected an index below 2, found '2'"),
        ("fleet.classes.-1.name=x", "--set fleet.classes.-1.name=x:1:1: fleet.classes.-1.name: expected an index below 2, found '-1'"),
        ("fleet.classes.car.name=x", "--set fleet.classes.car.name=x:1:1: fleet.classes.car.name: expected an index below 2, found 'car'"),
        ("time.duration_s.x=1", "--set time.duration_s.x=1:1:1: time.duration_s.x: there is a plain value above 'x', nothing below it can be set"),
        ("seed", "--set seed:1:1: seed: expected path.to.key=value"),
        ("=2", "--set =2:1:1: (document): expected path.to.key=value"),
        ("a..b=2", "--set a..b=2:1:1: a..b: expected path.to.key=value"),
        (".=2", "--set .=2:1:1: .: expected path.to.key=value"),
        ("", "--set :1:1: (document): expected path.to.key=value"),
        ("name=[1", "--set name=[1:1:1: name: the value: not YAML: expected ',' or ']', but got '<stream end>', while parsing a flow sequence"),
        ("name=# no value", "--set name=# no value:1:1: name: the value: the document is empty"),
        ("seed=.inf", "--set seed=.inf:1:1: seed: the value: expected a finite number of at most 64 bits, found .inf"),
        ("seed=18446744073709551616", "--set seed=18446744073709551616:1:1: seed: the value: expected a finite number of at most 64 bits, found 18446744073709551616"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_change_is_said_with_its_path(tmp_path: Path, change: str, message: str) -> None:
    """A mistyped path must not silently change nothing."""
    lines = refusal_of(tmp_path, TEXT, change).split("\n")
    assert [line for line in lines if line.startswith(message)], lines


@pytest.mark.parametrize("change", [f"faults.{'9' * 5000}=1", f"{'a.' * 3000}a=1", f"name=a\n{'x' * 5000}: ["])
def test_a_monstrous_change_is_refused_in_a_line(tmp_path: Path, change: str) -> None:
    """Neither Python's limit on digits nor its stack is an answer."""
    text = refusal_of(tmp_path, SMALLEST + "faults: []\n", change)
    assert text.startswith("--set ")
    assert "\n" not in text
    assert len(text) < 2_000
