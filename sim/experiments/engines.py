"""Where replications are played: processes on this machine, or a Dask cluster. Both are ``concurrent.futures`` executors."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Protocol

from sim.experiments.errors import BadSweep, ExperimentError
from sim.experiments.playing import play
from sim.experiments.result import Result
from sim.experiments.task import Task
from sim.experiments.worker import play_apart

_TASKS_PER_WORKER = 100
"""Then its process is replaced by a new one: what a library leaks ends with it."""
_DASK = "dask://"
_CONNECT_S = 10


class Engine(Protocol):
    """Plays tasks."""

    slots: int
    """How many tasks it plays at once."""

    def submit(self, task: Task) -> "Future[Result]":
        """Begin a task. Raises ``BrokenExecutor``."""

    def renew(self) -> None:
        """Begin anew after a ``BrokenExecutor``: one worker has died and taken the others with it."""

    def close(self) -> None:
        """End all that is under way, and all processes that were started."""


class LocalEngine:
    """Processes on this machine."""

    def __init__(self, workers: int) -> None:
        self.slots = workers
        self._pool = self._new_pool()

    def submit(self, task: Task) -> "Future[Result]":
        """See ``Engine.submit``."""
        return self._pool.submit(play, task)

    def renew(self) -> None:
        """See ``Engine.renew``."""
        self.close()
        self._pool = self._new_pool()

    def close(self) -> None:
        """See ``Engine.close``."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.kill()
            process.join()

    def _new_pool(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # a fork would share what virtual time fences
        return ProcessPoolExecutor(
            self.slots, mp_context=context, initializer=_begin_worker, max_tasks_per_child=_TASKS_PER_WORKER
        )


class ExecutorEngine:
    """Any other executor, whose workers may have threads: each task gets a process of its own there."""

    def __init__(self, executor: Executor, slots: int, close: Callable[[], None]) -> None:
        self.slots = slots
        self._executor = executor
        self._close = close
        self._futures: list[Future[Result]] = []

    def submit(self, task: Task) -> "Future[Result]":
        """See ``Engine.submit``."""
        future = self._executor.submit(play_apart, task)
        self._futures = [each for each in self._futures if not each.done()] + [future]
        return future

    def renew(self) -> None:
        """See ``Engine.renew``: the cluster replaces its own workers."""

    def close(self) -> None:
        """See ``Engine.close``."""
        for future in self._futures:
            future.cancel()
        self._executor.shutdown(wait=False)
        self._close()


def engine_of(name: str, workers: int) -> Engine:
    """Return the engine: ``local``, or ``dask://host:port``, a running scheduler. Raises ``BadSweep`` and ``ExperimentError``."""
    if name == "local":
        return LocalEngine(workers)
    if name.startswith(_DASK) and ":" in name.removeprefix(_DASK):
        return _dask(name.removeprefix(_DASK))
    raise BadSweep(f"--engine {name}: expected local, or dask://host:port")


def _dask(address: str) -> Engine:
    try:
        from distributed import Client
    except ImportError as error:
        raise BadSweep("--engine dask://…: Dask is not installed: pip install 'recarga[dask]'") from error
    try:
        client = Client(f"tcp://{address}", timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ExperimentError(f"dask://{address}: cannot be reached: {error}") from error
    slots = sum(client.ncores().values())
    if not slots:
        client.close()
        raise ExperimentError(f"dask://{address}: the cluster has no workers")
    return ExecutorEngine(client.get_executor(pure=False), slots, client.close)


def _begin_worker() -> None:
    """Ctrl-C is for the parent, who ends its workers; should the parent be gone, there is nobody to work for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    with suppress(OSError):
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)
