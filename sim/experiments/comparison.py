"""Two runs, or two sweeps: what became worse.

A regression is a promise that is broken in the second and was not in the first, or a figure that is worse, beyond chance where
there are replications, by more than the tolerance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nodes.documents import DocumentError
from sim.audit import audit
from sim.experiments.errors import ExperimentError
from sim.experiments.files import JSON_FILE, read_sweep
from sim.experiments.measures import MEASURES, Measure
from sim.experiments.measuring import measure
from sim.experiments.model import CellRow, RunRow
from sim.experiments.records import read_records
from sim.measure.errors import MeasureError
from sim.run_folder import RunFolder
from sim.statistics.estimate import CONFIDENCE, Estimate, difference, paired_difference

BETTER, SAME, WORSE, UNCLEAR = "better", "same", "worse", "unclear"
_BROKEN = ("FAIL", "MISTAKE")


@dataclass(frozen=True, slots=True)
class Side:
    """One setting of one of the two."""

    label: str
    runs: list[RunRow]

    @property
    def broken(self) -> int:
        """Runs in which a promise was broken."""
        return sum(run.verdict in _BROKEN for run in self.runs)


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
    newly_broken: list[str]
    """Settings in which a promise is broken that was kept before."""
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
    one, other = _sides(before), _sides(after)
    if (before / JSON_FILE).exists() != (after / JSON_FILE).exists():
        raise ExperimentError("one is a run and the other a sweep: there is nothing to compare")
    common = [key for key in one if key in other]
    if not common:
        raise ExperimentError(f"{before} and {after} have no setting in common")
    pairs = [(one[key], other[key], each) for key in common for each in MEASURES.values()]
    confidence = 1 - (1 - CONFIDENCE) / max(1, len(pairs))  # Bonferroni: many intervals, one verdict
    found = (_change(first, second, each, tolerance, confidence) for first, second, each in pairs)
    return Comparison(
        changes=[change for change in found if change is not None],
        newly_broken=[other[key].label for key in common if other[key].broken and not one[key].broken],
        only_before=[side.label for key, side in one.items() if key not in other],
        only_after=[side.label for key, side in other.items() if key not in one],
        confidence=confidence,
    )


def _sides(folder: Path) -> dict[str, Side]:
    """Return the settings of a folder by name; a run has one."""
    if (folder / JSON_FILE).exists():
        return {_key(cell): Side(cell.label, cell.runs) for cell in read_sweep(folder).cells}
    if not RunFolder(folder).history.exists():
        raise ExperimentError(f"{folder}: holds neither a run (history.jsonl) nor a sweep ({JSON_FILE})")
    try:
        records = read_records(folder)
    except (MeasureError, OSError) as error:
        raise ExperimentError(str(error)) from error
    except DocumentError as error:
        raise ExperimentError(str(error.problems[0])) from error
    begin = records.recording.begin
    run = RunRow(
        seed=begin.seed,
        verdict=audit(folder).verdict.value,
        explanation="",
        trace_hash=None,
        from_s=0.0,
        settled=True,
        report=None,
        command=begin.command,
        figures=measure(records).figures,
    )
    return {"": Side(begin.name, [run])}


def _key(cell: CellRow) -> str:
    return cell.label if cell.settings else ""


def _change(before: Side, after: Side, what: Measure, tolerance: float, confidence: float) -> Change | None:
    one, other = _values(before.runs, what.name), _values(after.runs, what.name)
    if not one or not other:
        return None
    paired = list(one) == list(other) and len(one) > 1
    early, late = list(one.values()), list(other.values())
    found = paired_difference(early, late, confidence) if paired else difference(early, late, confidence)
    assert found is not None
    first, second = sum(early) / len(early), sum(late) / len(late)
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
