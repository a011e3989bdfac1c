"""``recarga sweep``: a scenario under different settings, each repeated, with intervals."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from sim.cli.terminal import BadOption, JsonOption, foreseen


def sweep(
    scenario: Annotated[
        Path, typer.Argument(help="A scenario file; its section `sweep` says what these options do not.")
    ],
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUES",
            help="What varies: a,b,c or from..to:step; several make a grid. One value alone changes the scenario.",
        ),
    ] = None,
    replications: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Of every setting, under the same seeds in all of them; 10.")
    ] = None,
    until_half_width: Annotated[
        float | None,
        typer.Option(min=0.0001, max=10, help="More of them, until intervals are this narrow: half the width / value."),
    ] = None,
    replications_max: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="The most that --until-half-width may lead to; 50.")
    ] = None,
    measure: Annotated[
        list[str] | None, typer.Option(help="Whose intervals --until-half-width is about; may be repeated.")
    ] = None,
    warm_up: Annotated[
        str | None,
        typer.Option(
            metavar="mser5|none|SECONDS",
            help="What is left out; mser5 where arrivals have one rate and nothing breaks.",
        ),
    ] = None,
    engine: Annotated[str, typer.Option(help="local, or dask://host:port: a running Dask scheduler.")] = "local",
    workers: Annotated[
        int | None, typer.Option(min=1, max=1_024, help="Processes of the local engine; as many as cores, if left out.")
    ] = None,
    keep_reports: Annotated[
        Literal["first", "all", "none"],
        typer.Option(help="Whose reports are kept; those of runs that fail always are."),
    ] = "first",
    out: Annotated[Path | None, typer.Option(help="The sweep's folder; runs/<name>-sweep-<hash> if left out.")] = None,
    json: JsonOption = False,
) -> None:
    """Play a scenario under every combination of settings, several times each, in virtual time; report with intervals.

    What is in the sweep's folder is not played again: the same command goes on where it was interrupted. Exit code: 0 pass,
    1 error (some could not be played), 2 bad scenario or option, 3 a run proves nothing, 99 a promise broken.
    """
    from sim.cli.sweeping import Sweeping, cores, settings_of
    from sim.experiments.errors import BadSweep
    from sim.experiments.measures import MEASURES

    with foreseen(json=json):
        for name in measure or ():
            if name not in MEASURES:
                raise BadOption(f"--measure {name}: there is no such figure; there are {', '.join(MEASURES)}")
        given: dict[str, object] = {
            "replications": replications,
            "until_half_width": until_half_width,
            "replications_max": replications_max,
            "measures": measure or None,
            "warm_up": None if warm_up is None else _warm_up(warm_up),
        }
        try:
            sweeping = Sweeping(
                scenario=scenario,
                changes=change or [],
                settings=settings_of(scenario, given),
                engine=engine,
                workers=workers or cores(),
                keep_reports=keep_reports,
                out=out,
                command=shlex.join(["recarga", *sys.argv[1:]]),
                json=json,
            )
            code = sweeping.run()
        except BadSweep as error:
            raise BadOption(str(error)) from error
        raise typer.Exit(int(code))


def _warm_up(text: str) -> float | str:
    if text in ("mser5", "none"):
        return text
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise BadOption(f"--warm-up {text}: expected mser5, none, or seconds from 0")
    return seconds
