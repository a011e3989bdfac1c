"""A sample of what ``make explore`` and ``make nightly`` play: correct code breaks no promise, and every seed repeats."""

from pathlib import Path

import pytest

from sim.explore.exploration import Plan
from sim.explore.twice import explore_twice
from sim.scenario.load import load_scenario

pytestmark = pytest.mark.system

EXPLORATION = Path("scenarios/exploration.yaml")
SEEDS = range(1, 17)
THROUGH_API_SHARE = 0.25


def test_a_sample_of_seeds_breaks_nothing_and_repeats() -> None:
    """Every seed is played in two processes that hash differently, a quarter of them through the HTTP API."""
    plan = Plan(load_scenario(EXPLORATION).resolved, SEEDS, through_api_share=THROUGH_API_SHARE)
    playings = list(explore_twice(plan, 2, None, None))
    assert [playing.outcome.first_failure for playing in playings if playing.outcome.failed] == []
    assert [playing.outcome.seed for playing in playings if not playing.same] == []
    assert sorted(playing.outcome.seed for playing in playings) == sorted([*SEEDS, *SEEDS])
