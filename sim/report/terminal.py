"""The summary after a run: coloured in a terminal, plain lines where output goes to a file or another program."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sim.measure.latency import ALL
from sim.report.captions import contended_points, faults_caption
from sim.report.model import Report
from sim.report.promises import NO_DATA, PROMISES, Promise, promises_from
from sim.report.stories import story_of
from sim.report.wording import decimal, duration, figure, listed, milliseconds, request_name, share, visible, whole
from sim.run_folder import RunFolder

_POINTS_MAX = 5
_VIOLATIONS_MAX = 3
_STYLES = {"PASS": "green", "FAIL": "red", "INVALID": "yellow", NO_DATA: "dim"}


@dataclass(frozen=True, slots=True)
class _Section:
    """A table; the first ``words`` columns are words, the others numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1


def print_report(report: Report, run_dir: Path, console: Console | None = None) -> None:
    """Print the summary of a report that lies in ``run_dir``, to standard output by default."""
    console = console or Console()
    generator = ["", "Load generator", report.generator.verdict, _lateness(report)]
    sections = [_promises(report.promises, [generator]), *_limits(report), _requests(report), *_contended(report)]
    if console.is_terminal:
        console.print(_banner(report))
    else:
        _plain(console, f"{report.verdict}: {report.run.name}: {report.explanation}", "")
    _print(console, sections, report.promises)
    for name, what in _last_lines(report, run_dir):
        if console.is_terminal:
            console.print(Text.assemble((f"{name}  ", "bold"), visible(what)), soft_wrap=True)
        else:
            _plain(console, f"{name}: {what}")


def print_promises(audit: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what an audit found (its JSON data), to standard output by default."""
    promises = promises_from(audit)
    _print(console or Console(), [_promises(promises)], promises)


def _print(console: Console, sections: Sequence[_Section], promises: Mapping[str, Promise]) -> None:
    for section in sections:
        if console.is_terminal:
            console.print(_table(section))
        else:
            _plain(console, section.title, *_aligned(section), "")
    for story in _stories(promises):
        if console.is_terminal:
            console.print(Text(visible(story[0]), style="red"))
            console.print(Text(visible("\n".join(story[1:]))))
        else:
            _plain(console, *story, "")


def _plain(console: Console, *lines: str) -> None:
    for line in lines:
        console.print(visible(line), markup=False, highlight=False, soft_wrap=True)


def _banner(report: Report) -> Panel:
    style = _STYLES.get(report.verdict, "")
    run = report.run
    of_time = "of virtual time" if run.is_virtual else f"({run.mode})"
    return Panel(
        Text(report.explanation),
        title=Text(f" {report.verdict} ", style=f"bold reverse {style}"),
        title_align="left",
        subtitle=Text(f"{run.name}, seed {run.seed}, {duration(run.duration_s)} {of_time}"),
        border_style=style,
    )


def _table(section: _Section) -> Table:
    table = Table(title=Text(section.title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for at, name in enumerate(section.columns):
        table.add_column(name, justify="left" if at < section.words else "right", overflow="fold")
    for row in section.rows:
        table.add_row(*(Text(visible(cell), style=_STYLES.get(cell, "")) for cell in row))
    return table


def _last_lines(report: Report, run_dir: Path) -> Iterator[tuple[str, str]]:
    """Yield what broke, where to read more, and how to have it again."""
    run = report.run
    if report.faults:
        yield "Broken", faults_caption(report)
    if run.planted is not None:
        yield "Planted", f"the bug {run.planted}, in the nodes' code"
    yield "Report", str(RunFolder(run_dir).report_html)
    yield "Again", run.command
    if run.trace_hash is not None:
        yield "Replay", f"recarga replay {shlex.quote(str(run_dir))} (trace hash {run.trace_hash})"


def _lateness(report: Report) -> str:
    late_ms = report.generator.late_ms_p99
    if late_ms is None:
        return ""
    return "never late" if report.run.is_virtual else f"{milliseconds(late_ms)} ms late (p99)"


def _promises(promises: Mapping[str, Promise], more: Sequence[Sequence[str]] = ()) -> _Section:
    checked = {name: promise for name, promise in promises.items() if promise.verdict != NO_DATA}
    rows = [[name, PROMISES[name].title, promise.verdict, whole(promise.checked)] for name, promise in checked.items()]
    unchecked = listed(name for name in promises if name not in checked)
    title = f"Promises ({unchecked}: no data)" if unchecked else "Promises"
    return _Section(title, ["", "Promise", "Verdict", "Facts compared"], [*rows, *more], words=3)


def _limits(report: Report) -> list[_Section]:
    rows = [
        [
            limit.limit if limit.strict else f"{limit.limit} (not strict)",
            limit.verdict,
            figure(limit.figure),
            figure(limit.bound),
            figure(limit.margin),
        ]
        for limit in report.slo
    ]
    return [_Section("Limits", ["Limit", "Verdict", "Figure", "Bound", "Margin"], rows, words=2)] if rows else []


def _requests(report: Report) -> _Section:
    rows = []
    for name, counts in report.operations.items():
        total, pairs = counts.total, report.latency_ms.get(name)
        times = pairs[ALL].from_intended if pairs else None
        tallied = [total.offered, total.accepted, total.refused, total.unavailable, total.unknown]
        taken = [times.p50, times.p99, times.max] if times else [None] * 3
        rows.append(
            [request_name(name), *(whole(number) for number in tallied), *(milliseconds(value) for value in taken)]
        )
    names = ["Request", "Offered", "Accepted", "Refused", "Unavailable", "Unknown", "p50", "p99", "max"]
    measured = "milliseconds of virtual time" if report.run.is_virtual else "milliseconds from the intended time"
    return _Section(f"Requests, and {measured}", names, rows)


def _contended(report: Report) -> list[_Section]:
    points = contended_points(report, _POINTS_MAX)
    rows = [
        [
            point.id,
            whole(point.demand.refused),
            whole(point.demand.accepted),
            decimal(point.demand.attempts_per_acceptance),
            share(point.busy_share, 1),
        ]
        for point in points
    ]
    names = ["Point", "Refused", "Accepted", "Tries per acceptance", "Busy"]
    return [_Section("Most contended points", names, rows)] if rows else []


def _stories(promises: Mapping[str, Promise]) -> Iterator[list[str]]:
    """Yield the first violations of every broken promise."""
    for name, promise in promises.items():
        for violation in promise.violations[:_VIOLATIONS_MAX]:
            story = story_of(violation)
            yield [f"{name}: {story.title}", *(f"    {line}" for line in story.lines)]
        more = promise.violation_count - min(_VIOLATIONS_MAX, len(promise.violations))
        if more > 0:
            yield [f"{name}: … and {more:,} more"]


def _aligned(section: _Section) -> Iterator[str]:
    table = [list(section.columns), *(list(row) for row in section.rows)]
    widths = [max(len(row[at]) for row in table) for at in range(len(section.columns))]
    for row in table:
        cells = (
            cell.ljust(width) if at < section.words else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {'  '.join(cells)}".rstrip()
