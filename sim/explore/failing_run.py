"""The run folders of a seed that failed: as it was played, and shrunk."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sim.audit import audit
from sim.errors import LaboratoryError
from sim.explore.oracle import WorkersOracle
from sim.explore.outcome import OUTCOME_FILE, SeedOutcome, Signature
from sim.explore.shrink import TRIES_MAX, Shrinker
from sim.explore.simpler import size_of
from sim.explore.story import tell_failure
from sim.explore.task import Task
from sim.explore.workers import Workers
from sim.history import Json
from sim.report import build_report, write_report
from sim.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run that was left in a folder."""

    folder: Path
    data: Json
    outcome: SeedOutcome

    def sizes(self) -> dict[str, float]:
        """Return how large it is: vehicles, faults, settings, seconds, requests."""
        return size_of(self.data) | {"requests": self.outcome.figures.get("requests", 0)}


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest run that fails in the same way."""

    run: KeptRun
    tries: int
    story: list[str]


def keep_run(workers: Workers, seed: int, data: Json, folder: Path, command: str) -> KeptRun:
    """Play explicit data once more, into a folder, with its outcome and a report beside it."""
    task = Task(seed, data, swarm=False, folder=str(folder), command=command)
    ((_, outcome),) = workers.play([task])
    (folder / OUTCOME_FILE).write_bytes(outcome.to_line())
    with suppress(LaboratoryError):  # a run that ended by a mistake may have left too little for a report
        write_report(build_report(folder, audit(folder).to_json()), folder)
    return KeptRun(folder, data, outcome)


def shrink(
    workers: Workers, run: KeptRun, signature: Signature, command: str, for_s: float, tries_max: int = TRIES_MAX
) -> Shrunk:
    """Look for the smallest scenario that fails like this; leave its run in ``shrunk/``, with its ``story.txt``.

    ``for_s``: wall-clock seconds to look for at most. Raises ``WorkerDied``.
    """
    oracle = WorkersOracle(workers, run.outcome, signature, time.monotonic() + for_s)
    shrinker = Shrinker(run.data, oracle, tries_max)
    smallest = shrinker.shrink(oracle.suspects)
    kept = keep_run(workers, run.outcome.seed, smallest, run.folder / "shrunk", command)
    story = tell_failure(kept.outcome, signature, RunFolder(kept.folder).history)
    (kept.folder / "story.txt").write_text("\n".join([*story, ""]), encoding="utf-8")
    return Shrunk(kept, shrinker.tries, story)
