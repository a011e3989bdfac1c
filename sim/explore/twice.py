"""Every seed twice, in processes that hash differently, or in another Python: what depends on either is found."""

import sys
from collections.abc import Generator
from dataclasses import dataclass, replace

from sim.explore.exploration import Plan, explore
from sim.explore.outcome import SeedOutcome
from sim.explore.worker_process import Interpreter
from sim.explore.workers import Workers

_HASH_SEEDS = ("1", "4242")


@dataclass(frozen=True, slots=True)
class Played:
    """One playing of one seed."""

    round: int
    """0 for the first time, 1 for the second."""
    outcome: SeedOutcome
    same: bool
    """Whether it came to the same as the first time; true the first time."""


def explore_twice(plan: Plan, workers: int, python: str | None, planted: str | None) -> Generator[Played, None, None]:
    """Yield every playing as it ends: first all seeds, then all again, by the interpreter ``python`` if given."""
    first: dict[int, SeedOutcome] = {}
    everything = replace(plan, keep_going=True)
    with Workers(workers, Interpreter(planted=planted, hash_seed=_HASH_SEEDS[0])) as one:
        for outcome in explore(everything, one):
            first[outcome.seed] = outcome
            yield Played(0, outcome, same=True)
    with Workers(workers, Interpreter(python or sys.executable, planted, _HASH_SEEDS[1])) as other:
        for outcome in explore(everything, other):
            yield Played(1, outcome, same=outcome.same_as(first[outcome.seed]))
