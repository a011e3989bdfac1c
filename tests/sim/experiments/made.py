"""Results, cells and engines for tests."""

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from sim.experiments.grid import Axis, Cell, cells_of
from sim.experiments.result import Result
from sim.experiments.task import Task
from sim.statistics.histogram import Histogram

QUICK = """\
name: quick
time: {duration_s: 600, drain_s: 600}
network: {nodes: 1, points_per_node: 2, terms: {min_window_s: 30}}
fleet: {rate_per_h: 60, classes: [{lead_s: 0, stay_s: {uniform: [60, 120]}}]}
"""


def scenario_file(folder: Path, text: str = QUICK) -> Path:
    path = folder / "quick.yaml"
    path.write_text(text)
    return path


def cells(folder: Path, *rates: float) -> list[Cell]:
    return cells_of(scenario_file(folder), [Axis("fleet.rate_per_h", list(rates))])


def task_for(cell: Cell, number: int) -> Task:
    return Task(f"{cell.number}-{number}", cell.number, 1 + number, {}, "none", "")


def result_of(
    task: Task, served_share: float = 0.5, waits: tuple[float, ...] = (1.0,), verdict: str = "PASS"
) -> Result:
    waiting = Histogram(waits)
    figures: dict[str, float | None] = {
        "served_share": served_share,
        "waiting_mean_s": waiting.mean,
        "waiting_p90_s": waiting.percentile(0.9),
    }
    histograms = {"waiting_s": waiting, "reserve_ms": Histogram()}
    return Result(task.key, task.seed, verdict, "as made", "hash", "hash", figures, histograms, 0.0, True, 2.0)


class MadeEngine:
    """Plays at once what a function says; a task that kills its worker breaks all that are under way."""

    def __init__(self, play: Callable[[Task], Result], slots: int = 3, deadly: tuple[str, ...] = ()) -> None:
        self.slots = slots
        self.played: list[str] = []
        self.renewed = 0
        self.closed = False
        self._play = play
        self._deadly = deadly
        self._waiting: list[tuple[Task, Future[Result]]] = []

    def submit(self, task: Task) -> "Future[Result]":
        future: Future[Result] = Future()
        self._waiting.append((task, future))
        if len(self._waiting) == self.slots or task.key in self._deadly:
            self._settle()
        else:
            self._settle_all_but_deadly(task, future)
        return future

    def _settle_all_but_deadly(self, task: Task, future: "Future[Result]") -> None:
        self._waiting.remove((task, future))
        self._finish(task, future)

    def _settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        broken = any(task.key in self._deadly for task, _ in waiting)
        for task, future in waiting:
            if broken:
                future.set_exception(BrokenProcessPool("a worker died"))
            else:
                self._finish(task, future)

    def _finish(self, task: Task, future: "Future[Result]") -> None:
        self.played.append(task.key)
        try:
            future.set_result(self._play(task))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)

    def renew(self) -> None:
        self.renewed += 1

    def close(self) -> None:
        self.closed = True
