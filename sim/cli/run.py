"""``recarga run``: play a scenario, audit it, report."""

import asyncio
import shlex
from collections.abc import Coroutine, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.progress import ProgressDisplay
from sim.cli.terminal import CommandError, ExitCode, JsonOption, console, foreseen, say


class Mode(StrEnum):
    """Where a scenario is played."""

    LOCAL = "local"


def run(
    scenario: Annotated[Path, typer.Argument(help="A scenario file, such as scenarios/rush_hour.yaml.")],
    mode: Annotated[Mode, typer.Option(help="local: real node processes and a broker on this machine.")] = Mode.LOCAL,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the scenario's seed.")] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The run folder; runs/<name>-<utc> if left out.")] = None,
    json: JsonOption = False,
) -> None:
    """Play a scenario, audit every answer, and write a report.

    Exit code: 0 pass, 1 error, 2 bad scenario, 3 the run proves nothing (the generator fell behind), 99 a promise broken.
    """
    from sim.audit import audit
    from sim.local_run import LocalRun
    from sim.report import build_report, write_report
    from sim.report.terminal import print_report
    from sim.run_folder import RunFolder
    from sim.scenario.load import load_scenario

    assert mode is Mode.LOCAL
    with foreseen(json=json):
        changes = [*(change or ()), *([] if seed is None else [f"seed={seed}"])]
        loaded = load_scenario(scenario, changes)
        try:
            folder = RunFolder.unused(out, loaded.scenario.name)
        except FileExistsError as error:
            raise CommandError(str(error)) from error
        with ProgressDisplay(json=json) as display:
            playing = LocalRun(loaded, folder, rerun_command(scenario, change or (), seed), display.show)
            try:
                _run_loop(playing.play())
            except KeyboardInterrupt:
                raise CommandError(f"interrupted; what there is of the run is in {folder.path}") from None
        result = audit(folder.path)
        report = build_report(folder.path, result.to_json())
        write_report(report, folder.path)
        if json:
            say(event="result", verdict=report.verdict, folder=str(folder.path), report=str(folder.report_html))
        else:
            print_report(report, folder.path, console())
        raise typer.Exit(int(_EXIT_CODES[report.verdict]))


_EXIT_CODES = {"PASS": ExitCode.PASS, "INVALID": ExitCode.INVALID, "FAIL": ExitCode.VIOLATION}


def _run_loop(playing: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(playing)
    else:
        uvloop.run(playing)


def rerun_command(scenario: Path, changes: Sequence[str], seed: int | None) -> str:
    """Return the command that plays the same again, into a folder of its own: one that holds a run is refused."""
    words = ["recarga", "run", str(scenario)]
    for change in changes:
        words += ["--set", change]
    if seed is not None:
        words += ["--seed", str(seed)]
    return shlex.join(words)
