"""From the results of a sweep to its report."""

import platform
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from nodes.version import VERSION
from sim.experiments.grid import Axis, written
from sim.experiments.measures import MEASURES, Measure
from sim.experiments.model import SCHEMA_VERSION, AxisRow, CellRow, Interval, RunRow, SweepReport
from sim.experiments.precision import estimates_of, pooled_percentile
from sim.experiments.result import Result
from sim.experiments.schedule import CellState, Enough, Schedule
from sim.report.wording import count
from sim.statistics.estimate import CONFIDENCE, Estimate, paired_difference, pooled_difference

ReportOf = Callable[[Result], str | None]
"""Tells where the page of a replication is, relative to the sweep's folder."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    scenario: str
    command: str
    engine: str
    warm_up: float | str
    axes: list[Axis]
    enough: Enough
    started: datetime
    command_of: Callable[[CellState, int], str]
    """Tells how to play a cell's replication of that seed alone."""


def summarise(asked: Asked, schedule: Schedule, report_of: ReportOf) -> SweepReport:
    """Return the report of a sweep that is over."""
    varied = [axis for axis in asked.axes if len(axis.values) > 1]
    rows = [_row(asked, schedule, state, varied, report_of) for state in schedule.cells]
    first = schedule.cells[0].cell.loaded
    results = [result for state in schedule.cells for result in state.in_order]
    verdict, explanation = _judge(results, len(schedule.lost))
    return SweepReport(
        schema_version=SCHEMA_VERSION,
        name=first.scenario.name,
        description=first.scenario.description,
        scenario=asked.scenario,
        scenario_hash=first.hash,
        command=asked.command,
        started=asked.started.isoformat(timespec="seconds"),
        versions={"recarga": VERSION, "python": platform.python_version(), "machine": platform.platform()},
        engine=asked.engine,
        confidence=CONFIDENCE,
        warm_up=asked.warm_up,
        replications=asked.enough.replications,
        until_half_width=asked.enough.until_half_width,
        replications_max=asked.enough.replications_max,
        measures=list(asked.enough.measures),
        axes=[AxisRow(axis.path, list(axis.values)) for axis in varied],
        verdict=verdict,
        explanation=explanation,
        cpu_s=round(sum(result.cpu_s for result in results), 1),
        cells=rows,
    )


def _row(asked: Asked, schedule: Schedule, state: CellState, varied: Sequence[Axis], report_of: ReportOf) -> CellRow:
    cell, results = state.cell, state.in_order
    before = _before(schedule, state, varied)
    return CellRow(
        number=cell.number,
        settings=dict(cell.settings),
        label=label_of(cell.settings) or cell.loaded.scenario.name,
        scenario_hash=cell.loaded.hash,
        verdicts=dict(Counter(result.verdict for result in results)),
        settled=sum(result.settled for result in results),
        precise=schedule.is_precise(state),
        lost=[f"replication {number}: {why}" for number, why in sorted(state.lost.items())],
        estimates={name: interval_of(each) for name, each in estimates_of(results).items()},
        against=None if before is None else before.cell.number,
        differences={} if before is None else differences(before.in_order, results),
        runs=[_run(result, asked.command_of(state, result.seed), report_of(result)) for result in results],
    )


def _run(result: Result, command: str, report: str | None) -> RunRow:
    return RunRow(
        seed=result.seed,
        verdict=result.verdict,
        explanation=result.explanation,
        trace_hash=result.trace_hash,
        from_s=result.from_s,
        settled=result.settled,
        report=report,
        command=command,
        figures=dict(result.figures),
    )


def interval_of(estimate: Estimate) -> Interval:
    """Return an estimate as JSON can say it."""
    low, high = (end if isfinite(end) else None for end in (estimate.low, estimate.high))
    return Interval(estimate.value, low, high, estimate.half_width, estimate.count)


def differences(before: Sequence[Result], after: Sequence[Result]) -> dict[str, Interval]:
    """Return ``after`` minus ``before`` for every figure, of replications of the same seed in pairs."""
    earlier = {result.seed: result for result in before}
    pairs = [(earlier[result.seed], result) for result in after if result.seed in earlier]
    found = {measure.name: _difference(measure, pairs) for measure in MEASURES.values()}
    return {name: interval_of(each) for name, each in found.items() if each is not None}


def _difference(measure: Measure, pairs: Sequence[tuple[Result, Result]]) -> Estimate | None:
    there = [
        (one, first, other, second)
        for one, other in pairs
        if (first := one.figures.get(measure.name)) is not None
        and (second := other.figures.get(measure.name)) is not None
    ]
    early, late = [first for _, first, _, _ in there], [second for *_, second in there]
    if measure.percentile is None:
        return paired_difference(early, late)
    before = pooled_percentile(measure.percentile, [one for one, *_ in there])
    after = pooled_percentile(measure.percentile, [other for _, _, other, _ in there])
    return None if before is None or after is None else pooled_difference(before, early, after, late, paired=True)


def label_of(settings: dict[str, Any]) -> str:
    """Return ``rate_per_h 100, nodes 3``: what a cell is called."""
    return ", ".join(f"{path.rpartition('.')[2]} {written(value)}" for path, value in settings.items())


def _before(schedule: Schedule, state: CellState, varied: Sequence[Axis]) -> CellState | None:
    """Return the cell that differs by one step on the first axis."""
    if not varied:
        return None
    axis, settings = varied[0], state.cell.settings
    at = axis.values.index(settings[axis.path])
    if at == 0:
        return None
    wanted = settings | {axis.path: axis.values[at - 1]}
    return next(each for each in schedule.cells if each.cell.settings == wanted)


def _judge(results: Sequence[Result], lost: int) -> tuple[str, str]:
    """Return the verdict and why, in a sentence."""
    verdicts = Counter(result.verdict for result in results)
    failed = verdicts["FAIL"] + verdicts["MISTAKE"]
    played = count(len(results), "replication")
    if failed:
        first = next(result for result in results if result.failed)
        return "FAIL", f"{failed} of {played} failed; the first (seed {first.seed}): {first.explanation}"
    if lost:
        return "ERROR", f"{count(lost, 'replication')} could not be played; the same command tries again."
    if verdicts["INVALID"] or not results:
        return "INVALID", f"{verdicts['INVALID']} of {played} prove nothing; their reports say why."
    return "PASS", f"{played} played and audited; no promise was broken in any of them."
