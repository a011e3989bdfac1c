"""``recarga audit``: check a run's promises again, from its folder."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.terminal import ExitCode, JsonOption, console, foreseen, say


def audit(
    run_dir: Annotated[Path, typer.Argument(help="A run folder.")],
    json: JsonOption = False,
) -> None:
    """Check every promise against the history and the databases of a run. Exit code 99: a promise was broken."""
    from sim.audit import audit as check
    from sim.report.terminal import print_promises

    with foreseen(json=json):
        promises = check(run_dir).to_json()
        failed = any(promise["verdict"] == "FAIL" for promise in promises.values())
        if json:
            say(event="result", verdict="FAIL" if failed else "PASS", promises=promises)
        else:
            print_promises(promises, console())
        raise typer.Exit(int(ExitCode.VIOLATION if failed else ExitCode.PASS))
