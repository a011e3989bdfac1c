"""``recarga replay``: a virtual run again, from its folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import ExitCode, JsonOption, console, foreseen, say

if TYPE_CHECKING:
    from sim.explore.replay import Replayed


def replay(
    run_dir: Annotated[Path, typer.Argument(help="The folder of a virtual run.")],
    json: JsonOption = False,
) -> None:
    """Play a virtual run again from its folder, and compare: it must be the same, callback by callback.

    Exit code: 0 the same, 1 error, 99 it is not: the first line that differs is shown.
    """
    from sim.explore.replay import read_recorded
    from sim.explore.replay import replay as play_again

    with foreseen(json=json):
        replayed = play_again(read_recorded(run_dir))
        if json:
            _say(replayed)
        else:
            _print(replayed)
        raise typer.Exit(int(ExitCode.PASS if replayed.same else ExitCode.VIOLATION))


def _say(replayed: "Replayed") -> None:
    difference = replayed.difference
    say(
        event="result",
        same=replayed.same,
        trace_hash=replayed.outcome.trace_hash,
        recorded_trace_hash=replayed.recorded.trace_hash,
        verdict=replayed.outcome.verdict,
        line=None if difference is None else difference.number,
        recorded=None if difference is None else difference.recorded,
        replayed=None if difference is None else difference.replayed,
    )


def _print(replayed: "Replayed") -> None:
    outcome, difference = replayed.outcome, replayed.difference
    ended = outcome.first_failure if outcome.failed else outcome.verdict
    if replayed.same:
        what = f"same hash {outcome.trace_hash}" if outcome.trace_hash is not None else "same end"
        console().print(f"{what}; {ended}")
        return
    console().print(f"another run: hash {outcome.trace_hash}, recorded {replayed.recorded.trace_hash}; {ended}")
    if difference is None:
        console().print("the histories are the same, line by line")
        return
    console().print(f"the first difference is line {difference.number} of {replayed.recorded.folder.history}")
    console().print(f"  recorded: {difference.recorded or '(there is none)'}")
    console().print(f"  replayed: {difference.replayed or '(there is none)'}")
