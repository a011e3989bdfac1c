"""Settings that vary."""

from pathlib import Path

import pytest

from nodes.documents import DocumentError
from sim.experiments.errors import BadSweep
from sim.experiments.grid import axes_of, cells_of, read_axis
from sim.scenario.load import load_scenario
from tests.sim.experiments.made import QUICK, cells, scenario_file


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a.b=1,2,3", [1, 2, 3]),
        ("a=100..400:100", [100, 200, 300, 400]),
        ("a=0..1:0.25", [0, 0.25, 0.5, 0.75, 1]),
        ("a=0.1..0.3:0.1", [0.1, 0.2, 0.3]),
        ("a=1..3", [1, 2, 3]),
        ("a=x,y", ["x", "y"]),
        ("a={uniform: [1, 2]},{exponential: 3}", [{"uniform": [1, 2]}, {"exponential": 3}]),
        ("a=1..3,10", [1, 2, 3, 10]),
        ("a=true", [True]),
    ],
)
def test_values_and_ranges(text: str, values: list[object]) -> None:
    """Lists, ranges with both ends, and anything that YAML can say; 0.1 + 0.1 + 0.1 is 0.3 here."""
    assert read_axis(text).values == values


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rate", "expected path.to.key"),
        ("a=", "expected a value at least"),
        ("a=1,1", "expected different values"),
        ("a=5..1", "expected a range that rises"),
        ("a=1..5:0", "by steps above 0"),
        ("a=1..x", "expected a range such as"),
        ("a=0..1000000000", "at most 1000 values"),
        ("a=[1", "--set a=[1"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_was_expected(text: str, words: str) -> None:
    """Before anything is played."""
    with pytest.raises(BadSweep) as refused:
        read_axis(text)
    assert words in str(refused.value)


def test_a_grid_has_every_combination_and_names_what_varies(tmp_path: Path) -> None:
    """A setting with one value changes the scenario and no cell's name."""
    axes = axes_of({}, ["fleet.rate_per_h=10,20", "network.nodes=1,2", "client.retries_max=1"])
    made = cells_of(scenario_file(tmp_path), axes)
    assert [cell.settings for cell in made] == [
        {"fleet.rate_per_h": rate, "network.nodes": nodes} for rate in (10, 20) for nodes in (1, 2)
    ]
    assert {cell.loaded.scenario.client.retries_max for cell in made} == {1}
    assert len({cell.loaded.hash for cell in made}) == 4


def test_options_come_on_top_of_the_scenarios_section(tmp_path: Path) -> None:
    """And what a cell plays does not hang on the section: its hash is that of the scenario alone."""
    path = scenario_file(tmp_path, QUICK + "sweep: {set: {fleet.rate_per_h: [10, 20], network.nodes: 1..2}}\n")
    section = load_scenario(path).scenario.sweep
    assert section is not None
    made = cells_of(path, axes_of(section.set, ["fleet.rate_per_h=30,40"]))
    assert [cell.settings["fleet.rate_per_h"] for cell in made] == [30, 30, 40, 40]
    alone = cells_of(scenario_file(tmp_path), axes_of({}, ["fleet.rate_per_h=30", "network.nodes=1"]))
    assert made[0].loaded.hash == alone[0].loaded.hash


def test_a_setting_that_makes_no_scenario_is_a_bad_scenario(tmp_path: Path) -> None:
    """With the path, as everywhere."""
    with pytest.raises(DocumentError) as refused:
        cells(tmp_path, 10, -1)
    assert "fleet.rate_per_h" in str(refused.value)


def test_a_seed_changes_nothing_but_the_seed(tmp_path: Path) -> None:
    """Common random numbers: replication n has the same seed in every cell."""
    for cell in cells(tmp_path, 10, 20):
        seeded = cell.with_seed(7)
        assert seeded.scenario.seed == seeded.resolved["seed"] == 7
        assert seeded.hash != cell.loaded.hash
        assert seeded.scenario.fleet == cell.loaded.scenario.fleet
