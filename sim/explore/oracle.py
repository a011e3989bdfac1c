"""Asks workers which of some candidates still fails in the same way."""

import time
from collections.abc import Sequence

from sim.explore.outcome import SeedOutcome, Signature
from sim.explore.shrink import OutOfTries
from sim.explore.task import Task
from sim.explore.workers import Workers
from sim.history import Json


class WorkersOracle:
    """Plays candidates on all workers. Its answer does not depend on how many there are, or which is faster."""

    def __init__(self, workers: Workers, failed: SeedOutcome, signature: Signature, until_s: float) -> None:
        """``failed``: what is to be shrunk; ``until_s``: monotonic time after which nothing is tried any more."""
        self._workers = workers
        self._last = failed
        self._signature = signature
        self._until_s = until_s

    def suspects(self) -> list[list[int]]:
        """Return groups of vehicles that may suffice, of the last scenario that failed; likely ones first."""
        return self._last.suspects(self._signature)

    def __call__(self, candidates: Sequence[Json]) -> int | None:
        """Return the place of the first that fails. Raises ``OutOfTries`` when time is up, and ``WorkerDied``."""
        if not candidates:
            return None
        failed: dict[int, SeedOutcome] = {}
        done: set[int] = set()
        playing = self._workers.play(
            Task(self._last.seed, data, swarm=False, number=place) for place, data in enumerate(candidates)
        )
        try:
            for task, outcome in playing:
                done.add(task.number)
                if self._signature in outcome.signatures:
                    failed[task.number] = outcome
                if failed and all(before in done for before in range(min(failed))):
                    self._last = failed[min(failed)]
                    return min(failed)
                if time.monotonic() > self._until_s:
                    raise OutOfTries
        finally:
            playing.close()
        return None
