"""A private PostgreSQL for the baseline: its own directory, its own socket, durable settings, ended by its own id."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from bench.servers import free_port, process_cpu_s

READY_S = 30.0
SERVICE_USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "4GB",  # no forced checkpoint within a benchmark
}


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why there is no PostgreSQL here."""

    reason: str


class _Identity(TypedDict):
    user: int | None
    group: int | None
    extra_groups: list[int] | None


class Postgres:
    """A server in a directory of its own. Over the unix socket anybody may do anything, over TCP it asks for a password."""

    def __init__(self, binaries: Path, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self._binaries = binaries
        self._process: subprocess.Popen[bytes] | None = None
        self._identity = _Identity(user=None, group=None, extra_groups=None)
        account = _service_account() if os.geteuid() == 0 else None
        if account:
            os.chown(directory, account.pw_uid, account.pw_gid)
            self._identity = _Identity(user=account.pw_uid, group=account.pw_gid, extra_groups=[])
        command = ["initdb", "-D", str(directory / "data"), "-U", "bench", "-E", "UTF8", "--locale=C"]
        self.run(*command, "--auth-local=trust", "--auth-host=scram-sha-256")

    @property
    def version(self) -> str:
        """What it says it is."""
        return self.run("postgres", "--version")

    def run(self, program: str, *arguments: str) -> str:
        """Run one of its programs as the user that it runs as; return what that printed."""
        done = subprocess.run(
            [self._binaries / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.directory,
            **self._identity,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")
        return done.stdout.strip()

    def sql(self, statements: str, database: str = "postgres") -> str:
        """Run statements, each for itself; return the rows, a line each."""
        server = ["-h", str(self.directory), "-p", str(self.port), "-U", "bench"]
        return self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *server, "-d", database, "-c", statements)

    def new_database(self, name: str, options: str = "") -> str:
        """Create a database and give SQLAlchemy's URL for it: psycopg 3, over the unix socket."""
        self.sql(f'create database "{name}" {options}')
        return f"postgresql+psycopg://bench@:{self.port}/{name}?host={self.directory}"

    def start(self, **settings: str) -> None:
        """Start it, and wait until it takes connections."""
        argv = [str(self._binaries / "postgres"), "-D", str(self.directory / "data"), "-k", str(self.directory)]
        for name, value in {**SETTINGS, "port": str(self.port), **settings}.items():
            argv += ["-c", f"{name}={value}"]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, cwd=self.directory, **self._identity)
        self._wait_until_ready()

    def crash(self) -> None:
        """Kill all of its processes."""
        process = self._running()
        ours = [process.pid, *self._children()]
        for pid in ours:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        while any(_is_alive(pid) for pid in ours):
            time.sleep(0.01)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes, such as SIGSTOP."""
        for pid in [self._running().pid, *self._children()]:
            os.kill(pid, number)

    def stop(self) -> None:
        """Stop it without waiting for its clients."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # "fast shutdown"
            self._process.wait()

    def cpu_s(self) -> float:
        """CPU seconds of the postmaster and of every backend now alive."""
        return sum(process_cpu_s(pid) for pid in [self._running().pid, *self._children()])

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _children(self) -> list[int]:
        pid = self._running().pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_S
        server = ["-q", "-h", str(self.directory), "-p", str(self.port)]
        while subprocess.run([self._binaries / "pg_isready", *server], check=False).returncode != 0:
            if self._running().poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.directory / 'log').read_text()[-4000:]}")
            time.sleep(0.05)


@contextlib.contextmanager
def postgres(**settings: str) -> Iterator[Postgres | Unavailable]:
    """Give a fresh PostgreSQL, or the reason why not; both its processes and its files are gone after the block."""
    binaries = _binaries()
    if binaries is None:
        yield Unavailable("PostgreSQL is not installed (no initdb in /usr/lib/postgresql/*/bin or on the path)")
    elif find_spec("psycopg") is None:
        yield Unavailable("psycopg 3 is not installed: pip install 'psycopg[binary]'")
    else:
        with tempfile.TemporaryDirectory(prefix="recarga-pg-") as directory:
            ours = Postgres(binaries, Path(directory))
            try:
                ours.start(**settings)
                yield ours
            finally:
                ours.stop()


def _binaries() -> Path | None:
    def release(path: Path) -> int:
        return int(path.parts[-3]) if path.parts[-3].isdigit() else 0

    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=release)
    on_path = shutil.which("initdb")
    found = debian[-1] if debian else Path(on_path) if on_path else None
    return found.parent if found else None


def _service_account() -> pwd.struct_passwd:
    for name in SERVICE_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError(f"root may not run PostgreSQL, and there is no user {' or '.join(SERVICE_USERS)}")


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
