"""The JSON Schema that editors use, and the scenarios that come with the project."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nodes.documents import DocumentError, parse_document
from sim.fleet.fleet import Fleet
from sim.scenario.json_schema import scenario_json_schema
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from tests.sim.scenario.scenario_files import SMALLEST

SCENARIOS = Path(__file__).parents[3] / "scenarios"
COMMITTED = sorted(SCENARIOS.glob("*.yaml"))
DAY = "arrival,departure,delivered_energy (kWh),station_id\n{0}T08:00:00-07:00,{0}T09:00:00-07:00,7.5,CA-1\n"


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_every_scenario_of_the_project_is_valid_and_names_its_schema(path: Path, tmp_path: Path) -> None:
    """They are what people start from; one of real sessions gets a made one here."""
    assert path.read_text().startswith("# yaml-language-server: $schema=scenario.schema.json\n")
    document = parse_document(path.read_bytes(), str(path))
    assert isinstance(document.data, dict)
    changes = []
    if "replay" in path.read_text():
        recorded = tmp_path / "day.csv"
        start: Any = document.data["time"]
        recorded.write_text(DAY.format(start["start"][:10]))
        changes = [f"fleet.replay.path={recorded}"]
    loaded = load_scenario(path, changes)
    assert loaded.scenario.name == path.stem
    assert loaded.scenario.description
    assert Fleet(loaded.scenario).size >= 1


def test_there_are_scenarios() -> None:
    """A pattern that finds nothing would leave the test above with nothing to do."""
    assert {"smoke", "rush_hour"} <= {path.stem for path in COMMITTED}


def test_the_committed_schema_is_the_one_that_the_code_makes() -> None:
    """Drift would let editors praise what the loader refuses. Mend it with make schemas."""
    committed = (SCENARIOS / "scenario.schema.json").read_text()
    command = [sys.executable, "-m", "sim.scenario.json_schema"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=SCENARIOS.parent)
    assert made.stdout == committed
    assert json.loads(committed) == scenario_json_schema()


def test_every_key_says_what_it_means() -> None:
    """An editor shows the description where the unit alone does not tell it."""
    schema = scenario_json_schema()
    time = schema["$defs"]["Time"]["properties"]
    assert "civil time" in time["duration_s"]["description"].lower()
    assert schema["properties"]["extends"]["type"] == "string"
    assert "required" not in schema


@pytest.mark.parametrize(
    ("line", "is_valid"),
    [
        ("seed: 3", True),
        ("fleet: {vehicles: 10, classes: [{name: a, stay_s: {uniform: [1, 2]}}]}", True),
        ("network: {nodes: [a, b], points_files: {a: x.json}}", True),
        ("faults: [{at_s: 5, kind: broker_pause, for_s: 2}]", True),
        ("network: {nodes: 4}", True),
        ("seed: -1", False),
        ("seed: x", False),
        ("nope: 1", False),
        ("fleet: {vehicles: 0}", False),
        ("fleet: {meter_every: 3}", False),
        ("fleet: {classes: []}", False),
        ("fleet: {classes: [{no_show_share: 2}]}", False),
        ("fleet: {replay: {format: csv, path: a}}", False),
        ("network: {kinds: [{connector: CCS}]}", False),
        ("network: {nodes: [A b]}", False),
        ("faults: [{at_s: 5, kind: explode}]", False),
        ("fleet: {classes: [{stay_s: {lognormal: [1, 99]}}]}", False),
        ("client: {timeout_ms: 1.5}", False),
    ],
)
def test_the_schema_and_the_loader_agree(line: str, is_valid: bool) -> None:
    """What the editor marks red is what the command refuses."""
    jsonschema = pytest.importorskip("jsonschema_rs")
    document = parse_document(SMALLEST + line + "\n", "s.yaml")
    assert jsonschema.is_valid(scenario_json_schema(), document.data) is is_valid
    try:
        document.validate(Scenario)
    except DocumentError:
        assert not is_valid
    else:
        assert is_valid


def test_a_plain_number_is_a_distribution_for_the_schema_too() -> None:
    """``stay_s: 900`` is the shortest way to write one; the loader takes it."""
    jsonschema = pytest.importorskip("jsonschema_rs")
    document = parse_document(SMALLEST + "fleet: {classes: [{stay_s: 900}]}\n", "s.yaml")
    assert document.validate(Scenario).fleet.classes[0].stay_s.constant == 900
    assert jsonschema.is_valid(scenario_json_schema(), document.data)
