"""The command that a report gives must work when it is pasted: it is the way to see a run again."""

from pathlib import Path

from sim.cli.run import Mode, rerun_command
from sim.worlds.broker_kind import BrokerKind


def test_the_command_repeats_scenario_changes_and_seed() -> None:
    """What changed the run belongs to it."""
    command = rerun_command(Path("scenarios/smoke.yaml"), ["fleet.vehicles=20", "network.nodes=[a, b]"], 7)
    assert command == ("recarga run scenarios/smoke.yaml --set fleet.vehicles=20 --set 'network.nodes=[a, b]' --seed 7")


def test_the_command_names_no_folder() -> None:
    """A second run into the same folder would be refused."""
    assert rerun_command(Path("my run.yaml"), [], None) == "recarga run 'my run.yaml'"


def test_the_command_says_where_and_how_it_was_played() -> None:
    """Virtual is what it is without saying so."""
    path = Path("smoke.yaml")
    assert rerun_command(path, [], None, mode=Mode.LOCAL) == "recarga run smoke.yaml --mode local"
    assert rerun_command(path, [], 3, through_api=True) == "recarga run smoke.yaml --seed 3 --through-api"
    words = rerun_command(path, [], None, mode=Mode.LOCAL, broker=BrokerKind.MOSQUITTO)
    assert words == "recarga run smoke.yaml --mode local --broker mosquitto"
