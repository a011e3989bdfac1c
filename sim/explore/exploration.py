"""All seeds in order, up to the first that fails."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sim.explore.outcome import SeedOutcome
from sim.explore.task import Task
from sim.explore.workers import Workers
from sim.history import Json


@dataclass(frozen=True, slots=True)
class Plan:
    """What to explore."""

    data: Json
    """The scenario as plain data; every seed draws its own faults and settings into it."""
    seeds: range
    keep_going: bool = False
    through_api_share: float | None = None

    def task(self, seed: int) -> Task:
        """Return the task of one seed."""
        return Task(seed, self.data, through_api_share=self.through_api_share)


def explore(plan: Plan, workers: Workers) -> Iterator[SeedOutcome]:
    """Yield the outcome of every seed as it ends. Raises ``WorkerDied``.

    Seeds are begun in order. After a failure no more are begun, unless the plan says to keep going, and what a later
    seed came to is not told: the lowest seed that fails is always among what is yielded, whichever ended first.
    """
    lowest_failed: list[int] = []

    def tasks() -> Iterable[Task]:
        for seed in plan.seeds:
            if lowest_failed and not plan.keep_going:
                return
            yield plan.task(seed)

    for task, outcome in workers.play(tasks()):
        if lowest_failed and not plan.keep_going and task.seed > lowest_failed[0]:
            continue
        if outcome.failed:
            lowest_failed[:] = [min([task.seed, *lowest_failed])]
        yield outcome
