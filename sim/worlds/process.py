"""A child process of a run: started, awaited until it is ready, killed, paused, stopped; always by its own id."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sim.errors import LaboratoryError

_START_S = 60.0
"""A node of any size is ready by then, on a busy machine too."""
_STOP_S = 30.0
_TAIL_CHARS = 2_000


class ChildError(LaboratoryError):
    """A child process did not do what it should: it did not start, or ended by itself. The text holds its last words."""


class Child:
    """``python -m nodes …`` with its output in a log file. It stops when this process ends, however that happens.

    ``inside``: words before the command that run it elsewhere, under the same process id.
    """

    def __init__(self, name: str, arguments: Sequence[str], log: Path, inside: Sequence[str] = ()) -> None:
        self.name = name
        self.starts = 0
        self._arguments = arguments
        self._inside = inside
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._expected = False

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start it and wait until it says that it is ready. Raises ``ChildError``."""
        self.starts += 1
        with self._log.open("ab") as log:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._inside,
                *self._words(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                start_new_session=True,  # Ctrl-C is for this process, which stops its children in order
            )
        self._expected = False
        try:
            async with asyncio.timeout(_START_S):
                is_ready = await self._says_ready(process)
        except TimeoutError:
            await self.kill()
            raise ChildError(f"{self.name} was not ready within {_START_S:.0f} s; {self._tail()}") from None
        if not is_ready:
            code = await process.wait()
            raise ChildError(f"{self.name} ended with exit code {code} before it was ready; {self._tail()}")

    async def ended(self) -> None:
        """Wait until it ends by itself, and raise ``ChildError`` then."""
        while True:
            process = self._process
            assert process is not None
            code = await process.wait()
            if self._process is process and not self._expected:
                raise ChildError(f"{self.name} ended by itself with exit code {code}; {self._tail()}")
            await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """Kill it (SIGKILL): it can do nothing about it."""
        await self._signal_and_wait(signal.SIGKILL)

    def pause(self) -> None:
        """Stop it from running (SIGSTOP)."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run again."""
        self._send(signal.SIGCONT)

    async def stop(self) -> int:
        """Ask it to stop (SIGTERM); kill it if it does not. Returns its exit code."""
        self.resume()
        try:
            async with asyncio.timeout(_STOP_S):
                return await self._signal_and_wait(signal.SIGTERM)
        except TimeoutError:
            return await self._signal_and_wait(signal.SIGKILL)

    def _words(self) -> list[str]:
        """Return the command."""
        return [sys.executable, "-m", "nodes", *self._arguments, "--stop-with-parent"]

    async def _says_ready(self, process: asyncio.subprocess.Process) -> bool:
        """Wait until it says that it is ready; return False if it ends before."""
        assert process.stdout is not None
        return bool(await process.stdout.readline())

    def _send(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def _signal_and_wait(self, number: signal.Signals) -> int:
        self._expected = True
        if self._process is None:
            return 0
        self._send(number)
        return await self._process.wait()

    def _tail(self) -> str:
        with suppress(OSError):
            end = self._log.read_text(errors="replace")[-_TAIL_CHARS:].strip()
            return f"{self._log} ends:\n{end}" if end else f"its log {self._log} is empty"
        return "it has no log"
