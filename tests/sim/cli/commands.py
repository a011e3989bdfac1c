"""The command ``recarga``: in this process where it only reads and prints, as a process where it starts others."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.worlds.ports import free_port

PATIENCE_S = 120.0
"""After this a process counts as hanging; a busy machine stays far below."""
QUICK = """\
name: quick
time: {duration_s: 60, drain_s: 600, scale: 300}
network: {nodes: 1, points_per_node: 2, terms: {min_window_s: 30}}
fleet: {vehicles: 4, classes: [{lead_s: 0, stay_s: {uniform: [60, 120]}}]}
"""
LONG = QUICK.replace("duration_s: 60", "duration_s: 36000").replace("vehicles: 4", "vehicles: 400")


@dataclass
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The output of ``--json``: one object a line, and nothing else."""
        return events_of(self.out)


def events_of(text: str) -> list[dict[str, Any]]:
    """Return the JSON objects of a text that holds nothing else, one a line."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(each, dict) and each["event"] for each in found), text
    return found


def recarga(*arguments: str | Path) -> Said:
    """Run a command in this process."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


class Command:
    """A command as a process of its own."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self.process = process
        self._errors = errors
        self._read = ""

    def wait_for_line(self, holds: str) -> str:
        """Read its output up to a line that holds this; return the line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._read += line
            if holds in line:
                return line
        raise AssertionError(f"it ended without {holds!r}: {self._read}\n{self._errors.read_text()}")

    def end(self) -> Said:
        """Wait until it ends by itself."""
        out, _ = self.process.communicate(timeout=PATIENCE_S)
        return Said(self.process.returncode, self._read + out, self._errors.read_text())

    def children(self) -> list[int]:
        """Return the ids of the processes that it has started and that still run."""
        if not Path("/proc/self/stat").exists():
            pytest.skip("the processes are looked up in /proc")
        return [pid for pid, (parent, state) in processes().items() if parent == self.process.pid and state != "Z"]


@contextmanager
def command(folder: Path, *arguments: str | Path) -> Iterator[Command]:
    """Start a command in a folder; it is killed when it hangs or when the test is over."""
    errors = folder / "stderr.txt"
    environment = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, "-m", "sim", *(str(argument) for argument in arguments)]
    with errors.open("w") as file:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=file, text=True)
    watchdog = Timer(PATIENCE_S, process.kill)
    watchdog.start()
    try:
        yield Command(process, errors)
    finally:
        watchdog.cancel()
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C reach processes started within, even where the tests themselves were started to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def processes() -> dict[int, tuple[int, str]]:
    """Return the parent and the state of every process."""
    found: dict[int, tuple[int, str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = path.read_text().rpartition(") ")[2].split()[:2]
            found[int(path.parent.name)] = (int(parent), state)
    return found


def running(pids: list[int]) -> list[int]:
    """Return those of the processes that still run."""
    states = processes()
    return [pid for pid in pids if pid in states and states[pid][1] != "Z"]


def words_of(pid: int) -> list[str]:
    """Return a process's command line."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")


def wait_until(holds: Callable[[], object]) -> None:
    """Wait until it holds."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(0.02)


def free_ports(count: int) -> int:
    """Return the first of so many free ports in a row."""
    while True:
        first = free_port()
        if all(_is_free(port) for port in range(first + 1, first + count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
