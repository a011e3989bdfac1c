"""Worker processes: what they play, how they die, that they end."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from sim.explore.errors import ExploreError, WorkerDied
from sim.explore.exploration import Plan, explore
from sim.explore.task import Task
from sim.explore.worker_process import Interpreter, Worker
from sim.explore.workers import Workers
from tests.sim.cli.commands import running, wait_until
from tests.sim.explore.scenarios import FAULTS, TINY

pytestmark = pytest.mark.system


def tasks(count: int) -> list[Task]:
    return [Task(1, TINY | {"seed": 1}, swarm=False, number=number) for number in range(count)]


def test_a_task_taken_by_any_worker_comes_to_the_same() -> None:
    """Processes that have played before, and processes that have not; with faults."""
    data = TINY | {"faults": FAULTS}
    with Workers(2) as workers:
        played = [outcome for _, outcome in workers.play(Task(5, data, swarm=False, number=n) for n in range(5))]
    assert len(played) == 5
    assert all(outcome.same_as(played[0]) for outcome in played)
    assert (played[0].verdict, played[0].violations, played[0].mistake) == ("PASS", [], None)
    assert played[0].figures["requests"] > 10
    assert len(played[0].history_hash) == 32


def test_a_worker_that_is_killed_is_an_error_that_names_its_seed() -> None:
    """Out of memory, say: whoever explores has to know which seed did it."""
    worker = Worker(Interpreter())
    try:
        worker.give(Task(77, TINY))
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(WorkerDied, match="seed 77: its worker process was killed by signal 9") as raised:
            worker.take()
        assert raised.value.seed == 77
    finally:
        worker.end()


def test_a_worker_that_is_ended_while_it_plays_leaves_no_run_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every Ctrl-C, and every bug that was found, ends workers in the middle of a run: hundreds of databases."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    worker = Worker(Interpreter())
    try:
        worker.give(Task(1, TINY | {"fleet": {"vehicles": 5_000}}, swarm=False))
        wait_until(lambda: any(tmp_path.rglob("*.db")))
    finally:
        worker.end()
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_scenario_is_an_error_that_names_its_seed() -> None:
    """And no finding about the nodes."""
    with Workers(1) as workers, pytest.raises(ExploreError, match="seed 3: DocumentError: seed 3:1:1: fleat: unknown"):
        list(workers.play([Task(3, TINY | {"fleat": {}}, swarm=False)]))


def test_no_worker_outlives_those_who_asked_for_it() -> None:
    """Also when somebody stops listening while they play."""
    with Workers(2) as workers:
        playing = workers.play(tasks(4))
        next(playing)
        playing.close()
        pids = workers.pids
        assert len(pids) == 2
    assert running(pids) == []


def test_a_worker_whose_parent_is_gone_ends_by_itself() -> None:
    """Nobody else would end it. Its parent is gone when nobody holds the other end of its input."""
    worker = Worker(Interpreter())
    try:
        assert worker._process.stdin is not None
        worker._process.stdin.close()
        assert worker._process.wait(60) == 0
    finally:
        worker.end()


def test_answers_that_nobody_waits_for_are_not_taken_for_others() -> None:
    """A shrinker moves on as soon as it knows which candidate fails."""
    with Workers(2) as workers:
        abandoned = workers.play(tasks(3))
        next(abandoned)
        abandoned.close()
        numbers = sorted(task.number for task, _ in workers.play(tasks(3)))
    assert numbers == [0, 1, 2]


def test_a_worker_killed_from_another_thread_is_told_of() -> None:
    """So that Ctrl-C ends a hunt for planted bugs at once."""
    with Workers(1) as workers:
        next(workers.play(tasks(1)))
        workers.kill()
        wait_until(lambda: not running(workers.pids))
        with pytest.raises(WorkerDied):
            list(workers.play(tasks(1)))


@pytest.mark.parametrize("workers", [1, 3])
def test_the_lowest_seed_that_fails_is_among_what_is_told(workers: int) -> None:
    """However many play, and whichever ends first; what later seeds came to is not told."""
    plan = Plan(TINY, range(1, 40))
    with Workers(workers, Interpreter(planted="cost-off-by-one")) as pool:
        outcomes = list(explore(plan, pool))
    failed = min(outcome.seed for outcome in outcomes if outcome.failed)
    assert sorted(outcome.seed for outcome in outcomes if outcome.seed <= failed) == list(range(1, failed + 1))
    assert failed == 1


def test_keeping_going_all_seeds_are_told() -> None:
    """Failed or not."""
    with Workers(2, Interpreter(planted="cost-off-by-one")) as pool:
        outcomes = list(explore(Plan(TINY, range(3, 7), keep_going=True), pool))
    assert sorted(outcome.seed for outcome in outcomes) == [3, 4, 5, 6]
    assert any(outcome.failed for outcome in outcomes)


def test_the_share_of_seeds_through_the_api_can_be_said() -> None:
    """All or none of them, and the runs are others."""
    with Workers(2) as pool:
        hashes = [
            [outcome.trace_hash for outcome in explore(Plan(TINY, range(5, 6), through_api_share=share), pool)]
            for share in (0.0, 1.0)
        ]
    assert hashes[0] != hashes[1]
