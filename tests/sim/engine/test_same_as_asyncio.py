"""What runs on the virtual loop does what it does on the standard one: the same things, in the same order, at the same times."""

import asyncio
from random import Random

import pytest
from simpy import Environment

from sim.engine.loop import VirtualLoop
from tests.sim.engine import programs
from tests.sim.engine.instant_loop import InstantLoop
from tests.sim.engine.programs import Log, Program


def on_the_standard_loop(program: Program) -> Log:
    log = Log()
    with asyncio.Runner(loop_factory=InstantLoop) as runner:
        runner.run(program(log))
    return log


def on_the_virtual_loop(program: Program, shuffle: Random | None = None) -> Log:
    log = Log()
    VirtualLoop(Environment(), shuffle=shuffle).run_until_complete(program(log))  # type: ignore[abstract]
    return log


@pytest.mark.parametrize("program", programs.ALL.values(), ids=programs.ALL.keys())
def test_the_same_happens_in_the_same_order_at_the_same_times(program: Program) -> None:
    """A node that is right in virtual time is right live only if both loops mean the same."""
    log = on_the_virtual_loop(program)
    assert len(log.entries) >= 1
    assert log.entries == on_the_standard_loop(program).entries


def test_an_executor_gives_the_same_results() -> None:
    """Its threads take real time, so only what comes of it is compared."""
    said = [what for _, what in on_the_virtual_loop(programs.executors).entries]
    log = Log()
    asyncio.run(programs.executors(log))
    assert said == [what for _, what in log.entries]


TURNS_MATTER = (programs.callbacks, programs.cancel_meets_a_result, programs.timeouts_of_nothing, programs.locks)
"""What happens in these depends on the turns, as it may."""


@pytest.mark.parametrize("program", [each for each in programs.ALL.values() if each not in TURNS_MATTER])
def test_shuffled_it_takes_other_turns_at_the_same_times(program: Program) -> None:
    """A drawn order must not lose, repeat or delay anything that does not depend on turns."""
    expected = sorted(on_the_standard_loop(program).entries)
    for seed in range(20):
        assert sorted(on_the_virtual_loop(program, Random(seed)).entries) == expected
