"""A sweep: tasks from the schedule to the engine, results back. A worker that dies does not end it."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress

from sim.experiments.engines import Engine
from sim.experiments.errors import ExperimentError
from sim.experiments.result import Result
from sim.experiments.results import Results
from sim.experiments.schedule import Schedule
from sim.experiments.task import Task

LOST_MAX = 20
"""More that cannot be played, and something is wrong with the sweep or the machine: it ends, and can be resumed."""
_NEWS_S = 1.0
_BREAKING_S = 30.0
"""When a pool breaks, its futures are told one after the other."""

OnNews = Callable[[Task | None, Result | None], None]
"""Hears of every result, and now and then of nothing (time has passed)."""


class Running:
    """Plays a schedule on an engine."""

    def __init__(self, schedule: Schedule, engine: Engine, results: Results, on_news: OnNews) -> None:
        self._schedule = schedule
        self._engine = engine
        self._results = results
        self._on_news = on_news
        self._playing: dict[Future[Result], Task] = {}
        self._suspects: deque[Task] = deque()
        """One of them killed its worker, and with it those of the others: they are played again one at a time."""

    def run(self) -> None:
        """Play all. Raises ``ExperimentError``; whatever ends it, what is done is on disk."""
        try:
            while True:
                self._begin_tasks()
                if not self._playing:
                    return
                done, _ = wait(self._playing, _NEWS_S, FIRST_COMPLETED)
                if not done:
                    self._on_news(None, None)
                for future in done:
                    if future in self._playing:
                        self._end(future)
        finally:
            self._engine.close()

    def _begin_tasks(self) -> None:
        while len(self._playing) < (1 if self._suspects else self._engine.slots):
            task = self._suspects[0] if self._suspects else self._schedule.next()
            if task is None:
                return
            try:
                future = self._engine.submit(task)
            except BrokenExecutor:
                if not self._suspects:
                    self._suspects.append(task)
                self._engine.renew()
                continue
            self._playing[future] = task
            if self._suspects:
                return

    def _end(self, future: "Future[Result]") -> None:
        try:
            result = future.result(0)
        except BrokenExecutor:
            self._mend(future)
            return
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on
            self._lose(self._playing.pop(future), f"{type(error).__name__}: {error}")
            return
        task = self._playing.pop(future)
        self._forget_suspect(task)
        self._results.keep(result)
        self._schedule.take(task, result)
        self._on_news(task, result)

    def _mend(self, broken: "Future[Result]") -> None:
        """Find out who is to be played again after a worker died."""
        wait(self._playing, _BREAKING_S)
        if len(self._playing) == 1:
            self._engine.renew()
            self._lose(self._playing.pop(broken), "its worker died, and nobody else's could be the reason")
            return
        for future, task in list(self._playing.items()):
            with suppress(BrokenExecutor, NotYet):
                if future is not broken and future.result(0) is not None:
                    self._end(future)
                    continue
            del self._playing[future]
            self._suspects.append(task)
        self._engine.renew()

    def _lose(self, task: Task, why: str) -> None:
        self._forget_suspect(task)
        self._schedule.lose(task, why)
        self._on_news(task, None)
        lost = len(self._schedule.lost)
        if lost > LOST_MAX:
            raise ExperimentError(f"{lost} replications could not be played; the last: {why}")

    def _forget_suspect(self, task: Task) -> None:
        if self._suspects and self._suspects[0] is task:
            self._suspects.popleft()
