"""What the nodes of a simulated network log: into one file, with virtual time and whose process it was."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.engine.life import LIFE
from sim.engine.loop import VirtualLoop


class _NodeLog(logging.Handler):
    def __init__(self, path: Path, loop: VirtualLoop) -> None:
        super().__init__(logging.WARNING)
        self._path = path
        self._loop = loop

    def emit(self, record: logging.LogRecord) -> None:
        life = LIFE.get()
        who = "network" if life is None else life.name
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{self._loop.time():.3f} s {who} {record.levelname}: {record.getMessage()}\n")


@contextmanager
def node_log(path: Path, loop: VirtualLoop) -> Iterator[None]:
    """While inside, warnings and errors of node code go to that file, and nowhere else."""
    logger, handler = logging.getLogger("nodes"), _NodeLog(path, loop)
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated
