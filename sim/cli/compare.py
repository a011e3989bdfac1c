"""``recarga compare``: what became worse from one run or sweep to another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import ExitCode, JsonOption, console, foreseen, say

if TYPE_CHECKING:
    from rich.table import Table

    from sim.experiments.comparison import Change, Comparison

_PATHS_MAX = 5
"""Of those at which two scenarios differ."""


def compare(
    before: Annotated[Path, typer.Argument(help="A run's folder, or a sweep's.")],
    after: Annotated[Path, typer.Argument(help="Another of the same kind.")],
    fail_on_regression: Annotated[
        bool, typer.Option("--fail-on-regression", help="Exit code 99 if anything became worse.")
    ] = False,
    tolerance: Annotated[
        float, typer.Option(min=0, max=10, help="By how much of its value a figure may become worse.")
    ] = 0.05,
    json: JsonOption = False,
) -> None:
    """Compare two runs, or two sweeps setting by setting: differences, with intervals where there are replications.

    Worse is what lies, with its whole interval, beyond the tolerance on the bad side; or a promise broken that was kept
    before, or a strict limit. Exit code: 0, 1 error; with --fail-on-regression 99 if anything became worse, and 3 if not, but
    a run on either side proves nothing.
    """
    from sim.experiments.comparison import compare as compare_folders

    with foreseen(json=json):
        found = compare_folders(before, after, tolerance)
        if json:
            _say(found)
        else:
            _print(found)
        raise typer.Exit(int(_exit_code(found) if fail_on_regression else ExitCode.PASS))


def _exit_code(found: "Comparison") -> ExitCode:
    if found.has_regressed:
        return ExitCode.VIOLATION
    return ExitCode.INVALID if found.proves_nothing else ExitCode.PASS


def _say(found: "Comparison") -> None:
    for change in found.changes:
        say(
            event="change",
            setting=change.cell,
            measure=change.measure.name,
            before=change.before,
            after=change.after,
            difference=change.difference.value,
            half_width=change.difference.half_width,
            paired=change.paired,
            verdict=change.verdict,
        )
    say(
        event="result",
        regressed=found.has_regressed,
        regressions=[[change.cell, change.measure.name] for change in found.regressions],
        newly_broken=list(found.newly_broken),
        why_broken=found.newly_broken,
        proves_nothing=found.proves_nothing,
        unlike=found.unlike,
        only_before=found.only_before,
        only_after=found.only_after,
        confidence=found.confidence,
    )


def _print(found: "Comparison") -> None:
    if any(change.difference.value for change in found.changes):
        console().print(_table(found.changes))
    for words, labels in (("before", found.only_before), ("after", found.only_after)):
        if labels:
            console().print(f"only {words}, not compared: {'; '.join(labels)}")
    _print_verdicts(found)
    if found.has_regressed:
        console().print(f"{len(found.regressions) + len(found.newly_broken)} became worse")
    else:
        same = all(change.difference.value == 0 for change in found.changes)
        console().print("all figures are the same" if same else "nothing became worse")


def _print_verdicts(found: "Comparison") -> None:
    """Say what figures alone do not."""
    lines = [f"{label}: fails, and did not before: {why}" for label, why in found.newly_broken.items()]
    lines += [
        f"{label}: a run proves nothing, so neither does what it is compared with" for label in found.proves_nothing
    ]
    if found.unlike:
        more = f", and at {len(found.unlike) - _PATHS_MAX} more" if len(found.unlike) > _PATHS_MAX else ""
        lines.append(f"the two scenarios are not the same: they differ at {', '.join(found.unlike[:_PATHS_MAX])}{more}")
    for line in lines:
        console().print(line, markup=False)


def _table(changes: "list[Change]") -> "Table":
    from rich.table import Table

    from sim.experiments.figures import words_of

    table = Table("", "figure", "before", "after", "difference", "", box=None)
    for change in changes:
        if change.difference.value:
            measure, found = change.measure, change.difference
            width = "" if found.half_width is None else f" ± {words_of(measure, found.half_width)}"
            values = (words_of(measure, change.before), words_of(measure, change.after))
            sign = "+" if found.value > 0 else ""
            table.add_row(
                change.cell, measure.title, *values, f"{sign}{words_of(measure, found.value)}{width}", change.verdict
            )
    return table
