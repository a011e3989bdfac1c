"""Every seed twice."""

import pytest

from sim.explore.exploration import Plan
from sim.explore.twice import explore_twice
from tests.sim.explore.scenarios import TINY

pytestmark = pytest.mark.system


def test_seeds_come_to_the_same_in_processes_that_hash_differently() -> None:
    """Sets and hashes must not decide anything; with faults, limits and an order that the seed draws."""
    playings = list(explore_twice(Plan(TINY, range(1, 7)), 2, None, None))
    assert sorted((played.round, played.outcome.seed) for played in playings) == [
        (again, seed) for again in (0, 1) for seed in range(1, 7)
    ]
    assert all(played.same for played in playings)
    assert len({played.outcome.trace_hash for played in playings}) == 6
