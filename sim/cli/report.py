"""``recarga report``: audit a run and write its report anew."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.terminal import CommandError, JsonOption, foreseen


def report(
    run_dir: Annotated[Path, typer.Argument(help="A run folder: history.jsonl, scenario.yaml, nodes/*.db.")],
    json: JsonOption = False,
) -> None:
    """Audit a run and write report.html, report.json and the tables anew, as this version makes them.

    Exit codes as of `recarga run`.
    """
    from sim.cli.run import report_on
    from sim.run_folder import RunFolder

    with foreseen(json=json):
        if not run_dir.is_dir():
            raise CommandError(f"{run_dir}: there is no such folder")
        raise typer.Exit(int(report_on(RunFolder(run_dir), json=json)))
