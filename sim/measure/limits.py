"""Limits of a scenario against what was measured: what each figure is, and whether the limit holds."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sim.measure.contention import concentration, fairness
from sim.measure.fates import NO_SHOW, ClassFates
from sim.measure.operations import TIMEOUTS
from sim.measure.outcomes import Outcome
from sim.measure.percentiles import percentile
from sim.measure.points import PointFigures
from sim.measure.recording import Recording
from sim.scenario.limit_syntax import Comparison, Figure, Number, Term, Value
from sim.scenario.metrics import COUNTS, FUNCTIONS, OF_REQUESTS
from sim.scenario.slo import Limit

PASS, FAIL, NO_DATA, INVALID = "PASS", "FAIL", "NO DATA", "INVALID"


@dataclass(frozen=True, slots=True)
class LimitVerdict:
    """What became of one limit. ``verdict``: ``PASS``, ``FAIL``, ``NO DATA`` or ``INVALID``."""

    limit: str
    strict: bool
    """Whether the run fails by it."""
    abort_after_s: float | None
    verdict: str
    figure: float | None
    """The left side. None: there was nothing to measure."""
    bound: float | None
    """The right side."""
    margin: float | None
    """How far the figure is on the right side of the bound; below 0: on the wrong one."""
    note: str | None
    """What there was no data for."""

    @property
    def fails_the_run(self) -> bool:
        """Whether the run fails by it: also by what could not be measured."""
        return self.strict and self.verdict in (FAIL, NO_DATA)


@dataclass(slots=True)
class Measured:
    """Looks figures up. What is known only of a run that is over is given by who has it."""

    recording: Recording
    points: Sequence[PointFigures] = ()
    staleness_ms: Sequence[float] = ()
    """Rising."""
    _ordered: dict[Figure, Sequence[float]] = field(default_factory=dict)

    def value(self, figure: Figure) -> float | None:
        """Return a figure; None if there is no data for it."""
        if figure.function is not None:
            return self._of_distribution(figure)
        if figure.name in COUNTS:
            return float(self._counted(figure))
        return _SCALARS[figure.name](self)

    def _of_distribution(self, figure: Figure) -> float | None:
        same = Figure(figure.name, figure.kind, figure.outcome)
        if same not in self._ordered:
            self._ordered[same] = self._distribution(same)
        ordered = self._ordered[same]
        if not ordered:
            return None
        assert figure.function is not None
        share = FUNCTIONS[figure.function]
        return sum(ordered) / len(ordered) if share is None else percentile(ordered, share)

    def _distribution(self, figure: Figure) -> Sequence[float]:
        if figure.name == "waited_s":
            return self.recording.fates.waited_s()
        return sorted(self._times(figure)) if figure.name in OF_REQUESTS else self.staleness_ms

    def _times(self, figure: Figure) -> "array[float]":
        operations = self.recording.operations
        begin = operations.intended_ns if figure.name == "latency_ms" else operations.sent_ns
        outcome = None if figure.outcome is None else Outcome[figure.outcome.upper()]
        times = array("d")
        for row in self._rows(figure.kind):
            if operations.done_ns[row] < 0 or not operations.vehicle_class[row]:
                continue
            if outcome is not None and operations.outcome[row] != outcome:
                continue
            if figure.name in ("latency_ms", "sent_latency_ms"):
                times.append((operations.done_ns[row] - begin[row]) / 1e6)
            elif operations.queue_us[row] >= 0 and (operations.point[row] or figure.kind is not None):
                served_us = operations.decide_us[row] + operations.write_us[row]
                times.append((operations.queue_us[row] if figure.name == "queue_ms" else served_us) / 1000)
        return times

    def _rows(self, kind: str | None) -> Sequence[int]:
        operations = self.recording.operations
        return range(len(operations)) if kind is None else array("I", operations.rows_of(kind))

    def _counted(self, figure: Figure) -> int:
        operations, rows = self.recording.operations, self._rows(figure.kind)
        match figure.name:
            case "offered":
                return len(rows)
            case "goodput":
                return sum(operations.outcome[row] in (Outcome.ACCEPTED, Outcome.REFUSED) for row in rows)
            case "retried":
                return sum(operations.retried[row] for row in rows)
            case "timed_out":
                timeouts = {number for number, name in enumerate(operations.errors) if name in TIMEOUTS}
                return sum(operations.error[row] in timeouts for row in rows)
            case name:
                outcome = Outcome[name.upper()]
                return sum(operations.outcome[row] == outcome for row in rows)

    @property
    def fates(self) -> list[ClassFates]:
        """What became of vehicles, by class."""
        return self.recording.fates.by_class()

    def gini(self) -> float | None:
        """See ``sim.scenario.metrics``."""
        return concentration(self.points).gini

    def jain(self) -> float | None:
        """See ``sim.scenario.metrics``."""
        return fairness(self.fates).jain

    def attempts(self) -> float | None:
        """See ``sim.scenario.metrics``."""
        counts = [(number, count) for each in self.fates for number, count in each.attempts.items()]
        vehicles = sum(count for _, count in counts)
        return sum(number * count for number, count in counts) / vehicles if vehicles else None

    def share_of(self, fate: str) -> float | None:
        """Return the share of vehicles that came to that."""
        vehicles = sum(each.vehicles for each in self.fates)
        return sum(each.fates.get(fate, 0) for each in self.fates) / vehicles if vehicles else None

    def energy(self) -> float | None:
        """See ``sim.scenario.metrics``."""
        wanted_wh = sum(each.wanted_wh + each.unserved_wh for each in self.fates)
        return sum(each.energy_wh for each in self.fates) / wanted_wh if wanted_wh else None

    def utilisation(self) -> float | None:
        """See ``sim.scenario.metrics``."""
        own = [point for point in self.points if point.max_power_w is not None]
        return sum(point.busy_share for point in own) / len(own) if own else None

    def recovery(self) -> float | None:
        """See ``sim.scenario.metrics``."""
        return self.recording.faults.longest_recovery_s()


_SCALARS: Mapping[str, Callable[[Measured], float | None]] = {
    "jain_fairness": Measured.jain,
    "gini": Measured.gini,
    "attempts_per_intent": Measured.attempts,
    "served_share": lambda measured: measured.share_of("served"),
    "no_show_share": lambda measured: measured.share_of(NO_SHOW),
    "energy_share": Measured.energy,
    "utilisation": Measured.utilisation,
    "recovery_s": Measured.recovery,
}


def judge_limit(limit: Limit, measured: Measured, *, valid: bool = True) -> LimitVerdict:
    """Say whether a limit holds. ``valid``: whether the load was what the scenario says; if not, nothing is proven."""
    comparison = limit.comparison
    missing: list[str] = []
    left, right = (_evaluate(side, measured, missing) for side in (comparison.left, comparison.right))
    verdict, margin = NO_DATA, None
    if left is not None and right is not None:
        margin = right - left if comparison.relation in ("<", "<=") else left - right
        verdict = INVALID if not valid else PASS if _holds(comparison, left, right) else FAIL
    note = (
        None if verdict != NO_DATA else f"there is no data for {', '.join(dict.fromkeys(missing)) or 'a division by 0'}"
    )
    return LimitVerdict(limit.limit, limit.strict, limit.abort_after_s, verdict, left, right, margin, note)


def _holds(comparison: Comparison, left: float, right: float) -> bool:
    match comparison.relation:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right


def _evaluate(value: Value, measured: Measured, missing: list[str]) -> float | None:
    match value:
        case Number():
            return value.value
        case Figure():
            found = measured.value(value)
            if found is None:
                missing.append(value.name)
            return found
        case Term():
            left, right = _evaluate(value.left, measured, missing), _evaluate(value.right, measured, missing)
            return None if left is None or right is None else _computed(value.operator, left, right)


def _computed(operator: str, left: float, right: float) -> float | None:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right if right else None
