"""``recarga audit``: check a run's promises again, from its folder."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.terminal import ExitCode, JsonOption, console, foreseen, say


def audit(
    run_dir: Annotated[Path, typer.Argument(help="A run folder.")],
    json: JsonOption = False,
) -> None:
    """Check every promise against the history and the databases of a run.

    Exit code: 0 pass, 1 error, 3 the run proves nothing (its history was cut), 99 a promise broken.
    """
    from sim.audit import Verdict
    from sim.audit import audit as check
    from sim.report.terminal import print_promises

    with foreseen(json=json):
        result = check(run_dir)
        promises = result.to_json()
        if json:
            say(event="result", verdict=result.verdict.value, promises=promises)
        else:
            print_promises(promises, console())
        codes = {Verdict.PASS: ExitCode.PASS, Verdict.NO_DATA: ExitCode.INVALID, Verdict.FAIL: ExitCode.VIOLATION}
        raise typer.Exit(int(codes[result.verdict]))
