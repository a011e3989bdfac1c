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
    from sim.scenario.load import load_scenario

    loaded = load_scenario(path, changes)
    fleet = Fleet(loaded.scenario)
    if json:
        say(event="valid", path=str(path), name=loaded.scenario.name, hash=loaded.hash)
    else:
        points = f"{len(fleet.city.points)} points on {len(fleet.city.node_ids)} nodes"
        console().print(f"{path}: valid ({fleet.size} vehicles, {points})")
