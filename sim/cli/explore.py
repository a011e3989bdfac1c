"""``recarga explore``: many seeds of a scenario in virtual time; what fails is shrunk and told."""

import os
import shlex
import shutil
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.terminal import BadOption, CommandError, JsonOption, foreseen

_ALL = "all"


def explore(
    scenario: Annotated[Path, typer.Argument(help="A scenario file.")] = Path("scenarios/exploration.yaml"),
    seeds: Annotated[
        str | None,
        typer.Option(
            metavar="A..B",
            help="Seeds, both ends included; one number is one seed. 1..100 if left out; of --planted all, "
            "as many as each bug's budget.",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1_024, help="Processes that play; as many as cores, if left out.")
    ] = None,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Go on after a seed that fails.")] = False,
    planted: Annotated[
        str | None,
        typer.Option(metavar="all|NAME", help="With a bug of the catalogue in the nodes' code; all: each in its turn."),
    ] = None,
    through_api_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of seeds whose requests go through the HTTP API.")
    ] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder of a seed that fails; runs/<name>-seed<seed>-<utc> if left out.")
    ] = None,
    shrink: Annotated[bool, typer.Option("--shrink/--no-shrink", help="Make what fails as small as it can be.")] = True,
    shrink_s: Annotated[float, typer.Option(min=1, help="Seconds that shrinking may take.")] = 300,
    twice: Annotated[
        bool, typer.Option("--twice", help="Play every seed twice, in processes that hash differently, and compare.")
    ] = False,
    python: Annotated[
        str | None, typer.Option(metavar="PATH", help="With --twice: the Python that plays the second time.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Play seeds A..B of a scenario in virtual time, each with faults and settings of its own, and audit every one.

    The first seed that breaks a promise is kept as a run folder, shrunk, and told as a story. Exit code: 0 nothing was
    broken (--planted all: every bug was found; --twice: nothing differs), 1 error, 2 bad scenario or option, 99 the rest.
    """
    from sim.cli.exploring import Exploring

    with foreseen(json=json):
        if python is not None and not twice:
            raise BadOption("--python is for --twice")
        if python is not None and shutil.which(python) is None:
            raise BadOption(f"--python {python}: there is no such program")
        if twice and planted == _ALL:
            raise BadOption("--twice and --planted all do not go together")
        _check(seeds, planted)
        exploring = Exploring(
            scenario=scenario,
            changes=change or [],
            workers=workers or os.cpu_count() or 1,
            through_api_share=through_api_share,
            planted=None if planted == _ALL else planted,
            out=out,
            again=_again(scenario, change or [], planted, through_api_share),
            json=json,
        )
        try:
            if planted == _ALL:
                code = exploring.planted_bugs(seeds)
            elif twice:
                code = exploring.twice(seeds or "1..100", python)
            else:
                code = exploring.seeds(seeds or "1..100", keep_going=keep_going, shrink_s=shrink_s if shrink else None)
        except KeyboardInterrupt:
            raise CommandError("interrupted") from None
        raise typer.Exit(int(code))


def _check(seeds: str | None, planted: str | None) -> None:
    """Raise ``BadOption`` for what cannot be meant."""
    from sim.audit.planted_bugs import UnknownBug, find
    from sim.explore.errors import BadSeeds
    from sim.explore.seeds import parse_seeds

    try:
        if seeds is not None:
            parse_seeds(seeds)
        if planted not in (None, _ALL):
            find(planted)
    except BadSeeds as error:
        raise BadOption(str(error)) from error
    except UnknownBug as error:
        raise BadOption(f"--planted {planted}: {error}; or all") from error


def _again(scenario: Path, changes: list[str], planted: str | None, through_api_share: float | None) -> str:
    """Return the command that explores the same, but for the seeds."""
    words = ["recarga", "explore", str(scenario)]
    for change in changes:
        words += ["--set", change]
    if planted is not None:
        words += ["--planted", planted]
    if through_api_share is not None:
        words += ["--through-api-share", str(through_api_share)]
    return shlex.join(words)
