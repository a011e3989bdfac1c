"""``recarga audit``: check a run's promises again, from its folder, or hand its history to other checkers."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.terminal import BadOption, ExitCode, JsonOption, console, foreseen, say


def audit(
    run_dir: Annotated[Path, typer.Argument(help="A run folder.")],
    export: Annotated[
        str | None, typer.Option(help="Check nothing; write the history for another checker: elle or porcupine.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where --export writes to; standard output, if left out.")] = None,
    json: JsonOption = False,
) -> None:
    """Check every promise against the history and the databases of a run.

    Exit code: 0 pass, 1 error, 2 an option that cannot be meant, 3 the run proves nothing (its history was cut),
    99 a promise broken. With --export: 0 written, 1 error, 2 an option that cannot be meant.
    """
    with foreseen(json=json):
        if export is not None:
            _export(run_dir, export, out, json=json)
        elif out is not None:
            raise BadOption("--out says where --export writes to; there is no --export")
        else:
            _audit(run_dir, json=json)


def _audit(run_dir: Path, *, json: bool) -> None:
    from sim.audit import Verdict
    from sim.audit import audit as check
    from sim.report.terminal import print_promises
    from sim.run_folder import RunFolder

    result = check(run_dir)
    promises = result.to_json()
    if json:
        say(event="result", verdict=result.verdict.value, promises=promises)
    else:
        print_promises(promises, console())
    if result.verdict is Verdict.NO_DATA:
        typer.echo(f"recarga: {RunFolder(run_dir).history}: {_why_nothing(promises)}", err=True)
    codes = {Verdict.PASS: ExitCode.PASS, Verdict.NO_DATA: ExitCode.INVALID, Verdict.FAIL: ExitCode.VIOLATION}
    raise typer.Exit(int(codes[result.verdict]))


def _why_nothing(promises: dict[str, Any]) -> str:
    """Return why nothing was checked: what the notes of all promises say."""
    notes = [(promise["note"] or "").split("; ") for promise in promises.values()]
    shared = [part for part in notes[0] if part and all(part in note for note in notes)]
    return "; ".join(shared) or "nothing in this run could have broken a promise"


def _export(run_dir: Path, name: str, out: Path | None, *, json: bool) -> None:
    from sim.audit.export import FORMATS, export

    if name not in FORMATS:
        raise BadOption(f"--export {name}: there is no such format; expected {' or '.join(FORMATS)}")
    if out is None and json:
        raise BadOption("--json with --export needs --out: standard output cannot be both")
    lines = export(run_dir, name)
    if out is None:
        sys.stdout.writelines(_ended(lines))
        return
    with out.open("w", encoding="utf-8") as file:
        file.writelines(_ended(lines))
    if json:
        say(event="export", format=name, path=str(out))


def _ended(lines: Iterator[str]) -> Iterator[str]:
    return (f"{line}\n" for line in lines)
