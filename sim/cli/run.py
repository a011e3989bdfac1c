"""``recarga run``: play a scenario, audit it, report."""

import asyncio
import shlex
from collections.abc import Coroutine, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.progress import ProgressDisplay
from sim.cli.remote_options import CLUSTER, RemoteOptions
from sim.cli.terminal import BadOption, CommandError, ExitCode, JsonOption, console, foreseen, say
from sim.worlds.broker_kind import BrokerKind

if TYPE_CHECKING:
    from sim.run_folder import RunFolder
    from sim.scenario.load import LoadedScenario


class Mode(StrEnum):
    """Where a scenario is played."""

    VIRTUAL = "virtual"
    LOCAL = "local"
    REMOTE = "remote"


class CodeFinding(CommandError):
    """The code that ran ended the run: a mistake in it, not in the scenario."""


def run(
    scenario: Annotated[Path, typer.Argument(help="A scenario file, such as scenarios/rush_hour.yaml.")],
    mode: Annotated[
        Mode,
        typer.Option(
            help="virtual: in virtual time, in this process; local: real node processes on this machine; "
            "remote: nodes that run already (--target)."
        ),
    ] = Mode.VIRTUAL,
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="A node that runs already; one for each node of the scenario. Implies remote."
        ),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="Remote runs: a file with an operator's token; or it is in RECARGA_TOKEN.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the scenario's seed.")] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated.")
    ] = None,
    through_api: Annotated[
        bool, typer.Option("--through-api", help="Virtual runs: through the nodes' HTTP API; slower.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="The run folder; runs/<name>-<utc> if left out.")] = None,
    auth_keys: Annotated[
        Path | None, typer.Option(help="Remote runs: the nodes' keys; every driver then has a token of their own.")
    ] = None,
    cluster: Annotated[str, typer.Option(help="Remote runs: the network that these tokens are for.")] = CLUSTER,
    broker: Annotated[
        BrokerKind, typer.Option(help="Local runs: the embedded broker, or mosquitto, which must be installed.")
    ] = BrokerKind.EMBEDDED,
    json: JsonOption = False,
) -> None:
    """Play a scenario, audit every answer, and write a report.

    Exit code: 0 pass, 1 error, 2 bad scenario, 3 the run proves nothing (the generator fell behind), 99 a promise broken, or a limit failed.
    """
    from sim.run_folder import RunFolder
    from sim.scenario.load import load_scenario
    from sim.scenario.local import check_local

    with foreseen(json=json):
        remote = RemoteOptions(tuple(target or ()), token_file, auth_keys, cluster)
        mode = _mode(mode, remote.targets)
        if through_api and mode is not Mode.VIRTUAL:
            raise BadOption("--through-api is for virtual runs; local runs always go through the API")
        if broker is BrokerKind.MOSQUITTO and mode is not Mode.LOCAL:
            raise BadOption("--broker is for local runs; virtual ones simulate it")
        changes = [*(change or ()), *([] if seed is None else [f"seed={seed}"])]
        changes += ["virtual.through_api=true"] if through_api else []
        loaded = load_scenario(scenario, changes)
        if mode is Mode.LOCAL:
            check_local(loaded)
        try:
            folder = RunFolder.unused(out, loaded.scenario.name)
        except FileExistsError as error:
            raise CommandError(str(error)) from error
        command = rerun_command(
            scenario, change or (), seed, mode=mode, through_api=through_api, broker=broker, remote=remote
        )
        if mode is Mode.REMOTE:
            _play_remote(scenario, changes, remote, folder, command, json=json)
        else:
            _play(loaded, folder, command, mode, broker, json=json)
        raise typer.Exit(int(report_on(folder, json=json)))


def _mode(mode: Mode, targets: Sequence[str]) -> Mode:
    """Return the mode that is meant."""
    if mode is Mode.REMOTE and not targets:
        raise BadOption("--mode remote: expected a --target URL for each node")
    if targets and mode is Mode.LOCAL:
        raise BadOption("--target is for remote runs; local ones start nodes of their own")
    for url in targets:
        if not url.startswith(("http://", "https://")) or "@" in url:
            raise BadOption("--target: expected http://host:port or https://host:port")
    return Mode.REMOTE if targets else mode


def _play_remote(
    path: Path, changes: Sequence[str], remote: RemoteOptions, folder: "RunFolder", command: str, *, json: bool
) -> None:
    from sim.remote_run import RemoteRun

    credentials = remote.credentials()
    with ProgressDisplay(json=json, time_lapse=False) as display:
        try:
            _run_loop(RemoteRun(path, changes, remote.targets, folder, command, display.show, credentials).play())
        except KeyboardInterrupt:
            raise _interrupted(folder) from None


def _interrupted(folder: "RunFolder") -> CommandError:
    left = f"; what there is of the run is in {folder.path}" if folder.scenario.exists() else ""
    return CommandError(f"interrupted{left}")


def _play(
    loaded: "LoadedScenario", folder: "RunFolder", command: str, mode: Mode, broker: BrokerKind, *, json: bool
) -> None:
    with ProgressDisplay(json=json, time_lapse=mode is Mode.VIRTUAL) as display:
        try:
            if mode is Mode.LOCAL:
                from sim.local_run import LocalRun

                _run_loop(LocalRun(loaded, folder, command, display.show, broker).play())
            else:
                _play_virtual(loaded, folder, command, display)
        except KeyboardInterrupt:
            raise _interrupted(folder) from None


def _play_virtual(loaded: "LoadedScenario", folder: "RunFolder", command: str, display: ProgressDisplay) -> None:
    from sim.engine.errors import CodeMistake, Deadlock, Livelock, RealIOError
    from sim.explore.one_seed import keep_mistake
    from sim.virtual_run import VirtualRun

    try:
        VirtualRun(loaded, folder, command, display.show).play()
    except (CodeMistake, Deadlock, Livelock, RealIOError) as error:
        keep_mistake(error, loaded.scenario.seed, folder)
        what = f"{type(error).__name__} {error}"
        about = (
            f"a finding about the code that ran, not about the scenario; what there is of the run is in {folder.path}"
        )
        raise CodeFinding(f"{what}\n{about}") from error


def report_on(folder: "RunFolder", *, json: bool) -> ExitCode:
    """Audit a run, write its report, tell it; return what that means to a script."""
    from sim.audit import audit
    from sim.report import build_report, write_report
    from sim.report.terminal import print_report

    report = build_report(folder.path, audit(folder.path).to_json())
    write_report(report, folder.path)
    if json:
        say(event="result", verdict=report.verdict, folder=str(folder.path), report=str(folder.report_html))
    else:
        print_report(report, folder.path, console())
    return _EXIT_CODES[report.verdict]


_EXIT_CODES = {"PASS": ExitCode.PASS, "INVALID": ExitCode.INVALID, "FAIL": ExitCode.VIOLATION}


def _run_loop(playing: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(playing)
    else:
        uvloop.run(playing)


def rerun_command(
    scenario: Path,
    changes: Sequence[str],
    seed: int | None,
    *,
    mode: Mode = Mode.VIRTUAL,
    through_api: bool = False,
    broker: BrokerKind = BrokerKind.EMBEDDED,
    remote: RemoteOptions | None = None,
) -> str:
    """Return the command that plays the same again, into a folder of its own: one that holds a run is refused."""
    words = ["recarga", "run", str(scenario)]
    for change in changes:
        words += ["--set", change]
    if seed is not None:
        words += ["--seed", str(seed)]
    if remote is not None and mode is Mode.REMOTE:
        words += remote.words()
    if mode is Mode.LOCAL:
        words += ["--mode", mode.value]
    if through_api:
        words.append("--through-api")
    if broker is not BrokerKind.EMBEDDED:
        words += ["--broker", broker.value]
    return shlex.join(words)
