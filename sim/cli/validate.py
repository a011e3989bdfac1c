"""``recarga validate``: is a scenario file right?"""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.terminal import JsonOption, console, foreseen, say


def validate(
    scenarios: Annotated[list[Path], typer.Argument(help="Scenario files.")],
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check scenario files, and the files they name. Exit code 2, with every problem and its place, if one is wrong."""
    codes = []
    for path in scenarios:
        try:
            with foreseen(json=json):
                _validate(path, change or [], json=json)
        except typer.Exit as wrong:
            codes.append(wrong.exit_code)
    if codes:
        raise typer.Exit(max(codes))


def _validate(path: Path, changes: list[str], *, json: bool) -> None:
    from sim.fleet.fleet import Fleet
    from sim.report.wording import count
    from sim.scenario.load import load_scenario

    loaded = load_scenario(path, changes)
    scenario, fleet = loaded.scenario, Fleet(loaded.scenario)
    left_out = sum(fault.at_s >= scenario.time.duration_s for fault in scenario.faults)
    if json:
        more = {"faults_left_out": left_out} if left_out else {}
        say(event="valid", path=str(path), name=scenario.name, hash=loaded.hash, **more)
        return
    points = f"{count(len(fleet.city.points), 'point')} on {count(len(fleet.city.node_ids), 'node')}"
    console().print(f"{path}: valid ({count(fleet.size, 'vehicle')}, {points})")
    if left_out:
        begins = f"{count(left_out, 'fault')} of {len(scenario.faults)} would begin at time.duration_s or later"
        console().print(f"{path}: {begins}: virtual runs leave out such")
