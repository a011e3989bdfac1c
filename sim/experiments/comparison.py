"""Two runs, or two sweeps: what became worse.

A regression is a run that fails (a promise broken, a strict limit not held) in the second and did not in the first, or a figure
that is worse, beyond chance where there are replications, by more than the tolerance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.experiments.errors import ExperimentError
from sim.experiments.measures import MEASURES, Measure
from sim.experiments.model import RunRow
from sim.experiments.sides import Side, is_sweep, sides
from sim.statistics.estimate import (
    CONFIDENCE,
    Estimate,
    difference,
    paired_difference,
    pooled_difference,
)

BETTER, SAME, WORSE, UNCLEAR = "better", "same", "worse", "unclear"


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of one setting, before and after."""

    cell: str
    measure: Measure
    before: float
    after: float
    difference: Estimate
    """With an interval where there are replications."""
    paired: bool
    """Whether replications of the same seed were compared."""
    verdict: str
    """``better``, ``same``, ``worse``, or ``unclear``: it differs, but by no more than chance or the tolerance."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of every figure."""

    changes: list[Change]
    newly_broken: dict[str, str]
    """Settings of which a run fails that did not fail before, and why."""
    proves_nothing: list[str]
    """Settings of which a run on either side is invalid: what was measured is not what the scenario asks for."""
    unlike: list[str]
    """Of two runs: paths at which their scenarios differ. They are compared, but differences may come from there."""
    only_before: list[str]
    only_after: list[str]
    """Settings that one of the two does not have; they are not compared."""
    confidence: float
    """Of every single interval, so that all of them together are right with 95 %."""

    @property
    def regressions(self) -> list[Change]:
        """The figures that became worse."""
        return [change for change in self.changes if change.verdict == WORSE]

    @property
    def has_regressed(self) -> bool:
        """Whether anything became worse."""
        return bool(self.regressions or self.newly_broken)


def compare(before: Path, after: Path, tolerance: float) -> Comparison:
    """Compare two run folders, or two sweeps' folders. ``tolerance``: as a share of the value before.

    Raises ``ExperimentError`` for folders that hold neither, one of each, or nothing in common.
    """
    one, other = sides(before), sides(after)
    if is_sweep(before) != is_sweep(after):
        raise ExperimentError("one is a run and the other a sweep: there is nothing to compare")
    common = [key for key in one if key in other]
    if not common:
        raise ExperimentError(f"{before} and {after} have no setting in common")
    pairs = [(one[key], other[key], each) for key in common for each in MEASURES.values()]
    confidence = 1 - (1 - CONFIDENCE) / max(1, len(pairs))  # Bonferroni: many intervals, one verdict
    found = (_change(first, second, each, tolerance, confidence) for first, second, each in pairs)
    failed = ((other[key].label, other[key].newly_failed(one[key])) for key in common)
    return Comparison(
        changes=[change for change in found if change is not None],
        newly_broken={label: run.explanation for label, run in failed if run is not None},
        proves_nothing=[other[key].label for key in common if one[key].invalid or other[key].invalid],
        unlike=[path for key in common for path in _unlike(one[key], other[key])],
        only_before=[side.label for key, side in one.items() if key not in other],
        only_after=[side.label for key, side in other.items() if key not in one],
        confidence=confidence,
    )


def _unlike(before: Side, after: Side) -> list[str]:
    one, other = before.scenario, after.scenario
    return [path for path in sorted(one.keys() | other.keys()) if one.get(path) != other.get(path)]


def _change(before: Side, after: Side, what: Measure, tolerance: float, confidence: float) -> Change | None:
    one, other = _values(before.runs, what.name), _values(after.runs, what.name)
    if not one or not other:
        return None
    seeds = [seed for seed in one if seed in other]
    paired = len(seeds) > 1
    if paired:  # replications that only one side has are in no pair
        one, other = ({seed: each[seed] for seed in seeds} for each in (one, other))
    early, late = list(one.values()), list(other.values())
    first, second = sum(early) / len(early), sum(late) / len(late)
    if what.percentile is not None:
        first, second = before.pooled.get(what.name, first), after.pooled.get(what.name, second)
        found = pooled_difference(first, early, second, late, confidence, paired=paired)
    else:
        made = paired_difference(early, late, confidence) if paired else difference(early, late, confidence)
        assert made is not None
        found = made
    verdict = _verdict(found, what.better, tolerance * abs(first))
    return Change(before.label, what, first, second, found, paired, verdict)


def _values(runs: Sequence[RunRow], name: str) -> dict[int, float]:
    return {
        run.seed: value
        for run in sorted(runs, key=lambda run: run.seed)
        if (value := run.figures.get(name)) is not None
    }


def _verdict(found: Estimate, better: int, allowed: float) -> str:
    """Judge a difference. Without an interval (single runs) the tolerance alone decides."""
    if found.value == 0:
        return SAME
    low, high = (found.value, found.value) if found.half_width is None else (found.low, found.high)
    if better and low * better > allowed and high * better > allowed:
        return BETTER
    if better and low * better < -allowed and high * better < -allowed:
        return WORSE
    return UNCLEAR
