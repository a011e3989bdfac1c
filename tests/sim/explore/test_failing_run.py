"""A planted bug from the first seed to the story of the smallest run: all of it, with real workers."""

from pathlib import Path

import pytest

from sim.explore.failing_run import keep_run, shrink
from sim.explore.simpler import faults_of, vehicles_of
from sim.explore.task import Task
from sim.explore.worker_process import Interpreter
from sim.explore.workers import Workers
from tests.sim.explore.scenarios import FAULTS, TINY

pytestmark = pytest.mark.system


def test_a_wrong_bill_is_shrunk_to_one_vehicle_and_no_fault(tmp_path: Path) -> None:
    """One driver who pays a cent too much is all that it takes; the story says who, and what the disk holds."""
    data = TINY | {"faults": FAULTS}
    with Workers(2, Interpreter(planted="cost-off-by-one")) as workers:
        run = keep_run(workers, 1, data, tmp_path / "run", "the command")
        assert run.outcome.signatures[0] == ("P9", "cost")
        small = shrink(workers, run, ("P9", "cost"), "the command", 120)
        ((_, outcome),) = workers.play([Task(1, small.run.data, swarm=False)])
    assert outcome.same_as(small.run.outcome)
    assert len(vehicles_of(small.run.data)) == 1
    assert faults_of(small.run.data) == []
    assert small.run.sizes()["requests"] < run.sizes()["requests"]
    vehicle = vehicles_of(small.run.data)[0]
    assert small.story[0].startswith("P9 cost: session ")
    assert any(f"vehicle {vehicle} asks" in line for line in small.story)
    assert "what the disk holds:" in small.story
    for folder in (tmp_path / "run", tmp_path / "run" / "shrunk"):
        for name in ("scenario.yaml", "history.jsonl", "report.html", "report.json", "outcome.json"):
            assert (folder / name).is_file(), name
    assert (small.run.folder / "story.txt").read_text().splitlines() == small.story
