"""A worker process, as its parent sees it: given one task at a time, ended by its id."""

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

from sim.explore.errors import ExploreError, WorkerDied
from sim.explore.outcome import SeedOutcome
from sim.explore.task import Task

_ROOT = Path(__file__).parents[2]
"""Where the packages are: another interpreter finds them too."""
_LAST_WORDS = 12
"""Lines of a dead worker's stderr that its error shows."""
_END_S = 10.0


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Which Python plays, and what is special about its processes."""

    python: str = sys.executable
    planted: str | None = None
    """The planted bug in its node code."""
    hash_seed: str | None = None
    """``PYTHONHASHSEED``; None: as it comes, which is at random."""


class Worker:
    """One process that plays one task at a time. ``end`` it, whatever happens."""

    def __init__(self, interpreter: Interpreter) -> None:
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_ROOT), environment.get("PYTHONPATH"))))
        environment.pop("PYTHONHASHSEED", None)
        if interpreter.hash_seed is not None:
            environment["PYTHONHASHSEED"] = interpreter.hash_seed
        self.task: Task | None = None
        self.interpreter = interpreter
        # its runs go where its parent can remove them: who is killed while it plays removes nothing
        self._folder = tempfile.TemporaryDirectory(prefix="recarga-", ignore_cleanup_errors=True)
        environment["TMPDIR"] = self._folder.name
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [interpreter.python, "-P", "-m", "sim.explore.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=environment,
            )
        except OSError as error:
            self._errors.close()
            self._folder.cleanup()
            raise ExploreError(f"{interpreter.python}: cannot be started: {error.strerror}") from error
        self._write(orjson.dumps({"planted": interpreter.planted}) + b"\n")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def fileno(self) -> int:
        """Return what becomes readable when it has an answer, or is dead."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def give(self, task: Task) -> None:
        """Let it play. It must be idle."""
        assert self.task is None
        self.task = task
        self._write(task.to_line())

    def take(self) -> SeedOutcome:
        """Wait for its answer. Raises ``WorkerDied``, and ``ExploreError`` for what kept it from playing."""
        assert self._process.stdout is not None
        assert self.task is not None
        task, self.task = self.task, None
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise WorkerDied(task.seed, f"{self._how_it_ended()}{self._last_words()}")
        said = orjson.loads(line)
        if "error" in said:
            raise ExploreError(f"seed {task.seed}: {said['error']}: {said['message']}")
        return SeedOutcome.from_json(said)

    def kill(self) -> None:
        """Kill it, from whatever thread."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def end(self) -> None:
        """End it, playing or not; wait until it is gone, and remove what it has left in the temporary folder."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait(_END_S)
        self._errors.close()
        self._folder.cleanup()

    def _write(self, line: bytes) -> None:
        """Write to it. Should it be dead, reading its answer will tell."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _how_it_ended(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(_END_S)
            return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return "stopped answering"

    def _last_words(self) -> str:
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace").splitlines()
        return "".join(f"\n  {line}" for line in words[-_LAST_WORDS:])
