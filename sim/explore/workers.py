"""Several worker processes: tasks are begun in order, answers come as they end."""

import selectors
from collections.abc import Generator, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from sim.explore.errors import ExploreError
from sim.explore.outcome import SeedOutcome
from sim.explore.task import Task
from sim.explore.worker_process import Interpreter, Worker


class Workers:
    """As many workers as there is work for, up to ``count``. A context manager that ends them by their ids."""

    def __init__(self, count: int, interpreter: Interpreter | None = None) -> None:
        self._count = count
        self._interpreter = interpreter or Interpreter()
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        """Watches those that play."""
        self._abandoned: list[Worker] = []
        """Playing what nobody waits for any more."""

    @property
    def count(self) -> int:
        """How many may play at once."""
        return self._count

    @property
    def pids(self) -> list[int]:
        """Process ids of those that were started."""
        return [worker.pid for worker in self._workers]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._selector.close()
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def play(self, tasks: Iterable[Task]) -> Generator[tuple[Task, SeedOutcome], None, None]:
        """Yield what became of every task as it ends; a task is taken from ``tasks`` when somebody is free to play it.

        Close the generator to abandon what is under way. Raises ``WorkerDied`` and ``ExploreError``.
        """
        waiting = iter(tasks)
        playing: list[Worker] = []
        try:
            while True:
                while self._has_room and (task := next(waiting, None)) is not None:
                    playing.append(self._give(task))
                if not playing:
                    return
                worker = self._wait()
                task = worker.task
                assert task is not None
                if worker in self._abandoned:
                    self._forget(worker)
                    continue
                playing.remove(worker)
                yield task, worker.take()
        finally:
            self._abandoned += playing

    def kill(self) -> None:
        """Kill those that there are, from another thread: whoever listens gets ``WorkerDied``."""
        for worker in list(self._workers):
            worker.kill()

    @property
    def _has_room(self) -> bool:
        return len(self._workers) < self._count or any(worker.task is None for worker in self._workers)

    def _give(self, task: Task) -> Worker:
        worker = next((each for each in self._workers if each.task is None), None)
        if worker is None:
            worker = Worker(self._interpreter)
            self._workers.append(worker)
        worker.give(task)
        self._selector.register(worker, selectors.EVENT_READ)
        return worker

    def _wait(self) -> Worker:
        """Wait until one that plays has something to say."""
        ready = self._selector.select()
        worker = ready[0][0].fileobj
        assert isinstance(worker, Worker)
        self._selector.unregister(worker)
        return worker

    def _forget(self, worker: Worker) -> None:
        self._abandoned.remove(worker)
        with suppress(ExploreError):
            worker.take()
            return
        self._workers.remove(worker)
        worker.end()
