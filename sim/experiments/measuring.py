"""From a replication's records to its figures, without its warm-up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from sim.experiments.measures import LATENCY, WAITING
from sim.experiments.records import Records, Visit
from sim.measure.intervals import Interval, clipped
from sim.measure.operations import BOOKINGS
from sim.measure.outcomes import Outcome
from sim.measure.use import use_by_point
from sim.scenario.schema import Scenario
from sim.statistics.histogram import Histogram
from sim.statistics.warm_up import mser5

WarmUp = float | str
"""Seconds, ``mser5`` or ``none``."""
SLICES = 500
"""Of the time in which vehicles arrive: 100 batches for MSER-5."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one replication says."""

    from_s: float
    """What was before is warm-up and counts for nothing."""
    settled: bool
    """Whether MSER-5, where it was asked, found where the run settles."""
    figures: dict[str, float | None]
    """By name (``sim.experiments.measures``); None: there was nothing to measure."""
    histograms: dict[str, Histogram] = field(default_factory=dict)


def usual_warm_up(scenario: Scenario) -> WarmUp:
    """Return MSER-5 for what can have a steady state: one rate of arrivals, and nothing that breaks."""
    breaks = bool(scenario.faults) or bool(scenario.random_faults.model_dump(exclude_none=True, exclude_defaults=True))
    steady = len(scenario.fleet.arrivals) == 1 and scenario.fleet.replay is None and not breaks
    return "mser5" if steady else "none"


def measure(records: Records, warm_up: WarmUp = "none") -> Measured:
    """Return the figures of a run: of the vehicles that decided, and the requests that were due, after the warm-up and
    while vehicles arrive.
    """
    until_s = _until_s(records)
    cut_s = _cut_s(records.visits, until_s, warm_up)
    from_s = 0.0 if cut_s is None else min(cut_s, until_s)
    hours = max(until_s - from_s, 1e-9) / 3_600
    visits = [visit for visit in records.visits if from_s <= visit.decided_s < until_s]
    waits = [visit.waited_s for visit in visits if visit.waited_s is not None]
    counts, latency = _requests(records, from_s, until_s)
    asked = sum(counts)
    span = (records.start_ms + round(from_s * 1000), records.start_ms + round(until_s * 1000))
    busy, charging, energy_wh = _use(records, span)
    waiting = Histogram(waits)
    figures: dict[str, float | None] = {
        "offered_per_h": len(visits) / hours,
        "served_per_h": len(waits) / hours,
        "served_share": len(waits) / len(visits) if visits else None,
        "waiting_mean_s": sum(waits) / len(waits) if waits else None,
        "waiting_p90_s": waiting.percentile(0.9),
        "granted_per_h": counts[Outcome.ACCEPTED] / hours,
        "refused_share": counts[Outcome.REFUSED] / asked if asked else None,
        "unanswered_share": (counts[Outcome.UNAVAILABLE] + counts[Outcome.UNKNOWN]) / asked if asked else None,
        "reserve_p50_ms": latency.percentile(0.5),
        "reserve_p99_ms": latency.percentile(0.99),
        "busy_share": busy,
        "charging_share": charging,
        "energy_kwh_per_h": energy_wh / 1_000 / hours,
    }
    return Measured(from_s, cut_s is not None, figures, {WAITING: waiting, LATENCY: latency})


def _until_s(records: Records) -> float:
    """Return when vehicles stop arriving: of a run that was ended early, its end."""
    end, until_s = records.recording.end, records.scenario.time.duration_s
    was_cut = end is None or end.aborted_by is not None
    return min(until_s, records.recording.civil_duration_s) if was_cut else until_s


def presence(visits: Sequence[Visit], until_s: float) -> list[float]:
    """Return how many vehicles were there (decided, and not done yet) in the middle of each slice of the time."""
    steps = [0] * (SLICES + 1)
    width_s = until_s / SLICES
    for visit in visits:
        first = max(0, min(SLICES, round(visit.decided_s / width_s)))
        last = max(first, min(SLICES, round(visit.ended_s / width_s)))
        steps[first] += 1
        steps[last] -= 1
    return [float(there) for there in accumulate(steps)][:SLICES]


def _cut_s(visits: Sequence[Visit], until_s: float, warm_up: WarmUp) -> float | None:
    """Return what is warm-up; None: no steady state was found."""
    if warm_up == "none":
        return 0.0
    if warm_up != "mser5":
        return float(warm_up)
    slices = mser5(presence(visits, until_s))
    return None if slices is None else slices * until_s / SLICES


def _requests(records: Records, from_s: float, until_s: float) -> tuple[list[int], Histogram]:
    """Return the outcomes of the requests to reserve that were due in that time, and the latencies, in ms, of ``reserve``."""
    operations, scale = records.recording.operations, records.recording.begin.scale
    low, high = from_s / scale * 1e9, until_s / scale * 1e9
    counts, latency, reserve = [0] * len(Outcome), Histogram(), operations.kinds.get("reserve")
    for row in operations.rows_of(*BOOKINGS):
        if low <= operations.intended_ns[row] < high:
            counts[operations.outcome[row]] += 1
            if operations.done_ns[row] >= 0 and operations.function[row] == reserve:
                latency.add((operations.done_ns[row] - operations.intended_ns[row]) / 1e6)
    return counts, latency


def _use(records: Records, span: Interval) -> tuple[float | None, float | None, float]:
    """Return which share of the points' time they were busy and charging, and the energy in Wh of that time."""
    use = use_by_point(records.databases, span)
    whole_ms = len(use) * (span[1] - span[0])
    energy_wh = 0.0
    for database in records.databases:
        for session in database.sessions:
            ended_ms = span[1] if session.ended_ms is None else session.ended_ms
            within = clipped([(session.started_ms, ended_ms)], span)
            length_ms = ended_ms - session.started_ms
            energy_wh += sum(session.energy_wh * (end - begin) / length_ms for begin, end in within)
    if whole_ms <= 0:
        return None, None, energy_wh
    busy_ms, charging_ms = (sum(getattr(each, name) for each in use.values()) for name in ("busy_ms", "charging_ms"))
    return busy_ms / whole_ms, charging_ms / whole_ms, energy_wh
