"""Which replications are played, how often, and what a dead worker changes: nothing."""

from pathlib import Path

import pytest

from sim.experiments.errors import ExperimentError
from sim.experiments.result import Result
from sim.experiments.results import Results
from sim.experiments.running import LOST_MAX, Running
from sim.experiments.schedule import Enough, Schedule
from sim.experiments.task import Task
from tests.sim.experiments.made import MadeEngine, cells, result_of, task_for


def ignore(_task: Task | None, _result: Result | None) -> None:
    """Hear of it."""


def played(folder: Path, engine: MadeEngine, enough: Enough, rates: tuple[float, ...] = (10, 20)) -> Schedule:
    results = Results(folder / "sweep")
    schedule = Schedule(cells(folder, *rates), enough, task_for, lambda task: results.find(task.key, with_report=False))
    Running(schedule, engine, results, ignore).run()
    assert engine.closed
    return schedule


def test_every_replication_is_played_once_and_found_the_next_time(tmp_path: Path) -> None:
    """A finished one is never played again; more of them only adds those that are missing."""
    first, second = MadeEngine(result_of), MadeEngine(result_of)
    played(tmp_path, first, Enough(2))
    assert sorted(first.played) == ["0-0", "0-1", "1-0", "1-1"]
    schedule = played(tmp_path, second, Enough(3))
    assert sorted(second.played) == ["0-2", "1-2"]
    assert (schedule.reused, schedule.done) == (4, 6)


def test_a_result_that_was_cut_is_played_again(tmp_path: Path) -> None:
    """A file without its end is as good as none."""
    played(tmp_path, MadeEngine(result_of), Enough(2))
    path = tmp_path / "sweep" / "results" / "1-0.json"
    path.write_bytes(path.read_bytes()[:-20])
    again = MadeEngine(result_of)
    played(tmp_path, again, Enough(2))
    assert again.played == ["1-0"]


def test_the_killer_of_its_worker_is_found_and_the_others_are_played(tmp_path: Path) -> None:
    """One deadly replication takes innocent ones with it; only it is lost."""
    engine = MadeEngine(result_of, deadly=("0-1",))
    schedule = played(tmp_path, engine, Enough(3))
    assert [(cell.number, number) for cell, number, _ in schedule.lost] == [(0, 1)]
    assert schedule.done == 5
    assert engine.renewed >= 1


def test_when_nothing_can_be_played_the_sweep_ends(tmp_path: Path) -> None:
    """A thousand failures teach nothing that twenty do not."""

    def fail(_: Task) -> Result:
        raise OSError("no space left")

    engine = MadeEngine(fail)
    with pytest.raises(ExperimentError, match="no space left"):
        played(tmp_path, engine, Enough(100))
    assert len(engine.played) <= LOST_MAX + 1 + engine.slots
    assert engine.closed


def test_replications_are_added_until_the_interval_is_narrow(tmp_path: Path) -> None:
    """A cell that wavers gets more than one that does not, and none gets more than the most."""

    def wavering(task: Task) -> Result:
        return result_of(task, 0.5 + (0.1 * (-1) ** task.seed if task.cell == 1 else 0.0))

    enough = Enough(4, 0.1, 400, ("served_share",))
    schedule = played(tmp_path, MadeEngine(wavering), enough)
    quiet, noisy = (len(state.results) for state in schedule.cells)
    assert quiet == 5
    assert 16 <= noisy <= 40, "t * 0.2 / sqrt(n) <= 0.1 needs about 19"
    assert [schedule.is_precise(state) for state in schedule.cells] == [True, True]
    few = played(tmp_path, MadeEngine(wavering), Enough(4, 0.001, 9, ("served_share",)))
    assert [len(state.results) for state in few.cells] == [5, 9]
    assert few.is_precise(few.cells[1]) is False


def test_the_order_in_which_they_end_does_not_decide_how_many_there_are(tmp_path: Path) -> None:
    """Two machines must come to the same sweep."""

    def wavering(task: Task) -> Result:
        return result_of(task, 0.5 + 0.02 * ((task.seed * 7919) % 11))

    counts = []
    for slots in (1, 2, 7):
        folder = tmp_path / str(slots)
        folder.mkdir()
        schedule = played(folder, MadeEngine(wavering, slots), Enough(3, 0.05, 60, ("served_share",)))
        counts.append([len(state.results) for state in schedule.cells])
    assert counts[0] == counts[1] == counts[2]


def test_a_stopping_rule_does_not_stop_at_two_that_agree(tmp_path: Path) -> None:
    """Two replications are alike by chance often enough to make a rule that believes them wrong."""
    enough = Enough(2, 0.1, 400, ("served_share",))
    schedule = played(tmp_path, MadeEngine(result_of), enough)
    assert [len(state.results) for state in schedule.cells] == [5, 5]
    few = played(tmp_path, MadeEngine(result_of), Enough(2, 0.1, 3, ("served_share",)))
    assert [(len(state.results), few.is_precise(state)) for state in few.cells] == [(3, True), (3, True)]


def test_the_time_left_goes_by_how_fast_it_went(tmp_path: Path) -> None:
    """Two CPU seconds each: on a busy machine they took ten, and so will the others."""
    schedule = Schedule(cells(tmp_path, 10, 20), Enough(4), task_for, lambda _: None)
    assert schedule.left_s(0.0, 2) is None
    for _ in range(2):
        task = schedule.next()
        assert task is not None
        schedule.take(task, result_of(task))
    assert schedule.left_s(2.0, 2) == pytest.approx(6.0), "six of two seconds each on two cores"
    assert schedule.left_s(10.0, 2) == pytest.approx(30.0)
    assert schedule.left_s(0.5, 2) == pytest.approx(6.0), "a slot brings no more than a CPU second a second"
