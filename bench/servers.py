"""Server processes: started from an argv, waited for until their port answers, measured, and ended by their own id."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

READY_S = 30.0  # importing FastAPI and SQLAlchemy takes two seconds on a busy core
STOP_S = 10.0  # after SIGTERM; then SIGKILL


class ServerError(Exception):
    """A server process ended before its port answered, or never answered. The text ends with what it logged."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server process on this machine."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu_s(self) -> float:
        """CPU seconds used so far, user and system."""
        return process_cpu_s(self.process.pid)


@contextlib.contextmanager
def running(argv: Sequence[str], port: int, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run ``argv`` until the block ends; enter it when ``port`` accepts. ``env`` is added to this process's own.

    Raises `ServerError`. On leaving, also by an exception, the process has ended: SIGTERM, `STOP_S`, SIGKILL.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log, env={**os.environ, **(env or {})})
        try:
            _wait_for_port(process, port, log)
            yield Server(port, process)
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End one process of ours and collect it."""
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Give a TCP port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def process_cpu_s(pid: int) -> float:
    """CPU seconds a process has used, from /proc (Linux), in steps of 10 ms; 0.0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_for_port(process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError(f"{process.args!r} ended with {process.returncode}:\n{_tail(log)}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise ServerError(f"{process.args!r} did not answer on {port} within {READY_S:g} s:\n{_tail(log)}")


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read()[-4000:].decode(errors="replace")
