"""The report, as ``report.json`` holds it (``docs/report.md``); everything else that reports is made from it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from sim.measure.contention import Concentration, Fairness
from sim.measure.course import VIRTUAL
from sim.measure.fates import ClassFates
from sim.measure.faults import Fault
from sim.measure.gauges import Agreed, Gauge, ProcessUse
from sim.measure.generator import GeneratorHealth
from sim.measure.heatmap import Heatmap
from sim.measure.latency import LatencyPair
from sim.measure.limits import LimitVerdict
from sim.measure.nodes import NodeFigures
from sim.measure.occupancy import Occupancy
from sim.measure.operation_table import OperationCounts, bookings, main_booking
from sim.measure.outcomes import Tally
from sim.measure.points import PointFigures
from sim.measure.queues import Queues
from sim.measure.timeline import Timeline
from sim.measure.views import RefusedByView, StalenessFigures
from sim.measure.ways import SlowRequest, WaySpread
from sim.report.promises import Promise
from sim.report.wording import clock

SCHEMA_VERSION = 3
"""Raised when a member changes its meaning or goes; new members do not raise it."""


class Run(BaseModel):
    """Which run this is, and how to repeat it."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    seed: int
    mode: str
    scenario_hash: str
    trace_hash: str | None
    """Of a virtual run: the same seed gives the same hash."""
    run_id: str
    started: datetime
    command: str
    versions: dict[str, str]
    duration_s: float
    """In the history's time: by the clock on the wall, or virtual."""
    scale: float
    """Seconds of the scenario's time per second of the history's."""
    civil_start: datetime
    civil_end: datetime
    """The scenario's time, in its time zone."""
    vehicles: int
    points: int
    nodes: int
    through_api: bool = False
    """Of virtual runs: whether requests went through the nodes' HTTP API."""
    planted: str | None = None
    """The bug that was planted in the nodes' code."""
    figures: dict[str, int] = {}
    """Of virtual runs: what their world has counted, by name."""
    aborted_by: str | None = None
    """The limit that ended it before its time."""

    @property
    def is_virtual(self) -> bool:
        """Whether it was played in virtual time: nothing in it says how fast the code is on a machine."""
        return self.mode == VIRTUAL

    def clock(self, civil_ms: int, *, seconds: bool = False) -> str:
        """Return a time of the scenario, with its date if the scenario is longer than a day."""
        zone, days = self.civil_start.tzinfo, (self.civil_end - self.civil_start).days
        assert zone is not None
        return clock(civil_ms, zone, seconds=seconds, date=days > 0)


class Report(BaseModel):
    """A report."""

    model_config = ConfigDict(frozen=True)

    schema_version: int
    run: Run
    verdict: str
    """``PASS``, ``FAIL`` or ``INVALID``."""
    explanation: str
    promises: dict[str, Promise]
    generator: GeneratorHealth
    slo: list[LimitVerdict]
    """Limits of the scenario."""
    operations: dict[str, OperationCounts]
    latency_ms: dict[str, dict[str, LatencyPair]]
    """By kind of request, then by outcome; ``all`` is all outcomes together."""
    heatmap: Heatmap | None
    """Of what was asked for most: ``reserve`` or ``trip``."""
    ways: list[WaySpread]
    """Where the time of requests went, by kind."""
    slowest: list[SlowRequest]
    timeline: Timeline
    concentration: Concentration
    fairness: Fairness
    refused_by_view: RefusedByView
    staleness: StalenessFigures
    gauges: list[Gauge]
    """Of virtual runs: how full each node's bounded things came to be."""
    agreed: Agreed | None
    """How fast views agreed in the end, where the run found out."""
    queues: Queues
    resources: list[ProcessUse]
    """Of local runs, on Linux."""
    fates: list[ClassFates]
    points: list[PointFigures]
    nodes: list[NodeFigures]
    faults: list[Fault]
    occupancy: Occupancy
    scenario: str
    """The resolved scenario, as YAML."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data, as ``report.json`` holds it."""
        return self.model_dump(mode="json")

    @property
    def bookings(self) -> Tally:
        """All requests to reserve: reservations, and whole trips, each one request."""
        return bookings(self.operations)

    @property
    def main_booking(self) -> str:
        """What was asked for more: ``reserve`` or ``trip``."""
        return main_booking(self.operations)

    @property
    def trips(self) -> Tally:
        """All requests for trips."""
        found = self.operations.get("trip")
        return Tally() if found is None else found.total
