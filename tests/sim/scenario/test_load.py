"""From files to a scenario: what ``extends`` merges, what paths are relative to, what makes two scenarios the same."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodes.documents import parse_document
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario
from tests.sim.scenario.scenario_files import SMALLEST, refusal, scenario_of, write

BASE = """\
name: base
seed: 7
time: {duration_s: 600, scale: 30}
fleet:
  vehicles: 5
  classes: [{name: one, stay_s: 300}, {name: two}]
network:
  nodes: [a, b]
"""


def test_everything_that_is_left_out_has_a_default(tmp_path: Path) -> None:
    """The smallest scenario is a name and a duration."""
    scenario = scenario_of(tmp_path, SMALLEST)
    assert scenario.name == "small"
    assert scenario.network.node_ids == ["server1", "server2", "server3"]
    assert scenario.fleet.vehicles == 100


def test_a_scenario_that_extends_another_says_only_what_differs(tmp_path: Path) -> None:
    """Mappings merge at any depth; lists and plain values are replaced whole."""
    write(tmp_path, BASE, "base.yaml")
    scenario = scenario_of(
        tmp_path, "extends: base.yaml\nname: mine\ntime: {scale: 60}\nfleet: {classes: [{name: three}]}\n"
    )
    assert (scenario.name, scenario.seed, scenario.time.scale, scenario.time.duration_s) == ("mine", 7, 60, 600)
    assert [each.name for each in scenario.fleet.classes] == ["three"]
    assert scenario.fleet.vehicles == 5
    assert scenario.network.node_ids == ["a", "b"]


def test_a_chain_of_scenarios_is_followed(tmp_path: Path) -> None:
    """A sweep extends a variant that extends a base; the nearest to the file wins."""
    (tmp_path / "below").mkdir()
    write(tmp_path / "below", BASE, "base.yaml")
    write(tmp_path, "extends: below/base.yaml\nseed: 8\ntime: {scale: 1}\n", "middle.yaml")
    scenario = scenario_of(tmp_path, "extends: middle.yaml\nseed: 9\n")
    assert (scenario.name, scenario.seed, scenario.time.scale) == ("base", 9, 1)


def test_an_error_is_where_it_has_to_be_mended(tmp_path: Path) -> None:
    """What the base says wrongly is mended in the base, what this file says wrongly in this file."""
    write(tmp_path, BASE.replace("vehicles: 5", "vehicles: many"), "base.yaml")
    lines = refusal(write(tmp_path, "extends: base.yaml\nseed: x\n")).split("\n")
    assert lines == [
        "base.yaml:5:13: fleet.vehicles: expected a whole number, found 'many'",
        "s.yaml:2:7: seed: expected a whole number, found 'x'",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: s.yaml\n", "s.yaml:1:10: extends: the scenarios extend one another in a circle"),
        ("extends: [a]\n", "s.yaml:1:10: extends: expected the path of another scenario"),
        ("extends: 1\n", "s.yaml:1:10: extends: expected the path of another scenario"),
        ("extends: nowhere.yaml\n", "s.yaml:1:10: extends: there is no file 'nowhere.yaml'"),
        ("extends: .\n", "s.yaml:1:10: extends: there is no file '.'"),
        ('extends: "a\\0b"\n', "s.yaml:1:10: extends: there is no file 'a\\x00b'"),
        (f"extends: {'a' * 400}\n", f"s.yaml:1:10: extends: there is no file '{'a' * 400}'"),
    ],
)  # fmt: skip
def test_what_cannot_be_extended_is_said_at_the_key(tmp_path: Path, text: str, message: str) -> None:
    """A traceback names a line of ours, not of the file; the last two ended in one."""
    assert refusal(write(tmp_path, text)) == message


def test_a_circle_of_two_files_ends(tmp_path: Path) -> None:
    """Two people refactor a base at the same time."""
    write(tmp_path, "extends: s.yaml\n", "other.yaml")
    assert "circle" in refusal(write(tmp_path, "extends: other.yaml\n"))


def test_files_are_relative_to_the_scenario_that_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And absolute once resolved, so that the copy in a run's folder can be played again from anywhere."""
    (tmp_path / "below").mkdir()
    named = "fleet: {replay: {format: acn, path: day.csv}}\nnetwork: {nodes: 1, points_files: {server1: p.json}}\n"
    write(tmp_path / "below", SMALLEST + named, "base.yaml")
    write(tmp_path, "extends: below/base.yaml\n")
    monkeypatch.chdir(tmp_path)
    loaded = load_scenario(Path("s.yaml"))
    assert loaded.scenario.network.points_files == {"server1": str(tmp_path / "below" / "p.json")}
    assert loaded.scenario.fleet.replay is not None
    assert loaded.scenario.fleet.replay.path == str(tmp_path / "below" / "day.csv")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    changed = load_scenario(Path("../s.yaml"), ["fleet.replay.path=mine.csv"]).scenario
    assert changed.fleet.replay is not None
    assert changed.fleet.replay.path == str(tmp_path / "elsewhere" / "mine.csv")


def test_the_hash_says_whether_two_runs_played_the_same(tmp_path: Path) -> None:
    """Comments, order and ``extends`` are how it is written; every value is what it says."""
    plain = load_scenario(write(tmp_path, BASE))
    reordered = "# a comment\nseed: 7\n" + BASE.replace("seed: 7\n", "")
    other = load_scenario(write(tmp_path, reordered, "t.yaml"))
    extending = load_scenario(write(tmp_path, "extends: s.yaml\n", "u.yaml"))
    assert plain.hash == other.hash == extending.hash
    assert load_scenario(tmp_path / "s.yaml", ["seed=8"]).hash != plain.hash
    assert len(plain.hash) == 16


def test_a_resolved_scenario_says_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    """The copy in a run's folder is how a run is repeated."""
    write(tmp_path, BASE, "base.yaml")
    loaded = load_scenario(write(tmp_path, "extends: base.yaml\nname: mine\n"), ["description=22:00 no 1e3"])
    folder = RunFolder.create(tmp_path / "run", "mine")
    folder.write_scenario(loaded.resolved)
    again = load_scenario(folder.scenario)
    assert (again.scenario, again.hash) == (loaded.scenario, loaded.hash)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30) | st.sampled_from(["22:00", "no", "1e3", "0x1F", "~", "<<", "=", "1_000", "2026-01-01", " x "]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(min_size=1, max_size=8), PLAIN, min_size=1, max_size=3))
def test_whatever_a_scenario_holds_is_written_so_that_we_read_the_same(tmp_path: Path, data: dict[str, object]) -> None:
    """One program writes YAML and another reads it; they must agree on every scalar."""
    folder = RunFolder(tmp_path)
    folder.write_scenario(data)  # type: ignore[arg-type]  # hypothesis makes plain data
    assert parse_document(folder.scenario.read_bytes(), "scenario.yaml").data == data
