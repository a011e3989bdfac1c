"""``recarga show``: what a scenario says once resolved, or what a run came to."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.terminal import CommandError, JsonOption, console, foreseen, say


def show(
    path: Annotated[Path, typer.Argument(help="A scenario file, or a run folder.")],
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show a scenario with everything that is left out filled in, or the summary of a run."""
    with foreseen(json=json):
        if path.is_dir():
            if change:
                raise CommandError("--set changes a scenario; this is a run")
            _show_run(path, json=json)
        else:
            _show_scenario(path, change or [], json=json)


def _show_run(path: Path, *, json: bool) -> None:
    from sim.report import read_report
    from sim.report.terminal import print_report

    report = read_report(path)
    if json:
        say(event="report", **report.to_json())
    else:
        print_report(report, path, console())


def _show_scenario(path: Path, changes: list[str], *, json: bool) -> None:
    from sim.fleet.fleet import Fleet
    from sim.run_folder import write_yaml
    from sim.scenario.load import load_scenario

    loaded = load_scenario(path, changes)
    fleet = Fleet(loaded.scenario)
    whole: dict[str, Any] = loaded.scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
    time = loaded.scenario.time
    facts = {
        "hash": loaded.hash,
        "nodes": fleet.city.node_ids,
        "points": len(fleet.city.points),
        "vehicles": fleet.size,
        "local_run_s_at_most": round((time.duration_s + time.drain_s) / time.scale, 1),
    }
    if json:
        say(event="scenario", scenario=whole, **facts)
        return
    write_yaml(whole, sys.stdout)
    for name, value in facts.items():
        console().print(f"# {name}: {value}")
