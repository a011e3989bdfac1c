"""From a run's folder to its report."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nodes.documents import DocumentError
from sim.measure.contention import concentration, fairness
from sim.measure.databases import NodeDatabase, read_databases
from sim.measure.demand import demand_by_point, requests_by_node
from sim.measure.errors import MeasureError
from sim.measure.generator import INVALID, generator_health
from sim.measure.heatmap import heatmap
from sim.measure.intervals import Interval
from sim.measure.latency import latencies
from sim.measure.limits import Measured, judge_limit
from sim.measure.nodes import node_figures
from sim.measure.occupancy import occupancy
from sim.measure.operation_table import main_booking, operation_table
from sim.measure.outcomes import Tally
from sim.measure.points import point_figures
from sim.measure.queues import queues
from sim.measure.recording import OnLines, Recording, read_recording
from sim.measure.timeline import timeline
from sim.measure.use import use_by_point
from sim.measure.views import refused_by_view, staleness, staleness_figures
from sim.measure.ways import slowest, way_spreads
from sim.report.errors import ReportError
from sim.report.model import SCHEMA_VERSION, Report, Run
from sim.report.promises import promises_from
from sim.report.verdict import explain, judge
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario


def build_report(run_dir: Path, promises: Mapping[str, Any], on_lines: OnLines = lambda _: None) -> Report:
    """Measure a run. ``promises`` is what the audit found, as JSON data; ``on_lines`` is told of progress.

    Raises ``ReportError`` for files that are missing, cut or damaged.
    """
    folder = RunFolder(run_dir)
    if not run_dir.is_dir():
        raise ReportError(f"{run_dir}: there is no such folder")
    try:
        scenario = load_scenario(folder.scenario).scenario
        recording = read_recording(folder.history, on_lines)
        databases = read_databases(folder.nodes, scenario.network.node_ids)
        text = folder.scenario.read_text(encoding="utf-8")
    except (MeasureError, OSError) as error:
        raise ReportError(str(error)) from error
    except DocumentError as error:
        raise ReportError(str(error.problems[0])) from error
    return _report(scenario, text, recording, databases, promises)


def _report(
    scenario: Scenario,
    scenario_text: str,
    recording: Recording,
    databases: list[NodeDatabase],
    audit: Mapping[str, Any],
) -> Report:
    operations, start_ms = recording.operations, recording.begin.civil_start_ms
    played: Interval = (start_ms, start_ms + max(1, round(recording.civil_duration_s * 1000)))
    use = use_by_point(databases, played)
    points = point_figures(databases, demand_by_point(operations), use, played)
    promises = promises_from(audit)
    generator = generator_health(recording.end, recording.begin.vehicles)
    table = operation_table(operations)
    reserve, trips = (table[name].total if name in table else Tally() for name in ("reserve", "trip"))
    told, series, fates = (
        staleness(recording.views, databases, recording.begin.scale),
        timeline(recording),
        recording.fates.by_class(),
    )
    measured = Measured(recording, points, sorted(told.behind_ms))
    limits = [judge_limit(limit, measured, valid=generator.verdict != INVALID) for limit in scenario.slo]
    run = _run(scenario, recording, played, len(databases))
    return Report(
        schema_version=SCHEMA_VERSION,
        run=run,
        verdict=judge(promises, generator, limits),
        explanation=explain(promises, generator, reserve, len(use), trips, limits, run.aborted_by),
        promises=promises,
        generator=generator,
        slo=limits,
        operations=table,
        latency_ms=latencies(operations),
        heatmap=heatmap(recording, main_booking(table)),
        ways=way_spreads(operations),
        slowest=slowest(operations),
        timeline=series,
        concentration=concentration(points),
        fairness=fairness(fates),
        refused_by_view=refused_by_view(recording.views, databases),
        staleness=staleness_figures(told, start_ms, series.civil_bucket_ms, len(series.offered)),
        gauges=recording.gauges.all(),
        agreed=recording.agreed,
        queues=queues(operations, recording.gauges.all(), recording.duration_s, series.bucket_s, len(series.offered)),
        resources=recording.resources,
        fates=fates,
        points=points,
        nodes=node_figures(databases, points, requests_by_node(operations)),
        faults=recording.faults.with_requests(operations, told),
        occupancy=occupancy(points, use, played),
        scenario=scenario_text,
    )


def _run(scenario: Scenario, recording: Recording, played: Interval, nodes: int) -> Run:
    begin, zone = recording.begin, scenario.time.start.tzinfo
    epoch = datetime.fromtimestamp(0, UTC)
    return Run(
        name=begin.name,
        description=scenario.description,
        seed=begin.seed,
        mode=begin.mode,
        scenario_hash=begin.scenario_hash,
        trace_hash=None if recording.end is None else recording.end.trace_hash,
        run_id=begin.run_id,
        started=epoch + timedelta(milliseconds=begin.started_ms),
        command=begin.command,
        versions=begin.versions,
        duration_s=recording.duration_s,
        scale=begin.scale,
        civil_start=(epoch + timedelta(milliseconds=played[0])).astimezone(zone),
        civil_end=(epoch + timedelta(milliseconds=played[1])).astimezone(zone),
        vehicles=begin.vehicles,
        points=begin.points,
        nodes=nodes,
        through_api=begin.through_api,
        planted=begin.planted,
        figures={} if recording.end is None else recording.end.figures,
        aborted_by=None if recording.end is None else recording.end.aborted_by,
    )
