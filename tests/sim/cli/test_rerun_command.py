"""The command that a report gives must work when it is pasted: it is the way to see a run again."""

from pathlib import Path

from sim.cli.remote_options import RemoteOptions
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


def test_a_remote_run_is_asked_of_the_same_nodes_with_the_same_rights():
    """Where tokens are is told, never what they are."""
    remote = RemoteOptions(("http://a:1", "http://b:2"), Path("operator.token"), Path("keys.json"), "north")
    words = rerun_command(Path("smoke.yaml"), [], None, mode=Mode.REMOTE, remote=remote)
    assert words == (
        "recarga run smoke.yaml --target http://a:1 --target http://b:2"
        " --token-file operator.token --auth-keys keys.json --cluster north"
    )
    plain = rerun_command(Path("smoke.yaml"), [], 2, mode=Mode.REMOTE, remote=RemoteOptions(("http://a:1",)))
    assert plain == "recarga run smoke.yaml --seed 2 --target http://a:1"
