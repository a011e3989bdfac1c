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

from bench.servers import process_cpu_s

READY_S = 30.0
SERVICE_USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": "",  # the unix socket only
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


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server."""

    binaries: Path
    directory: Path
    process: subprocess.Popen[bytes]

    @property
    def version(self) -> str:
        """What it says it is."""
        question = [str(self.binaries / "postgres"), "--version"]
        return subprocess.run(question, check=True, capture_output=True, text=True).stdout.strip()

    def new_database(self, name: str) -> str:
        """Create a database and give SQLAlchemy's URL for it: psycopg 3, over the unix socket."""
        subprocess.run([self.binaries / "createdb", "-h", self.directory, "-U", "bench", name], check=True)
        return f"postgresql+psycopg://bench@/{name}?host={self.directory}"

    def cpu_s(self) -> float:
        """CPU seconds of the postmaster and of every backend now alive."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return process_cpu_s(pid) + sum(process_cpu_s(int(child)) for child in children)


@contextlib.contextmanager
def postgres() -> Iterator[Postgres | Unavailable]:
    """Give a fresh PostgreSQL, or the reason why not; both its process and its files are gone after the block."""
    binaries = _binaries()
    if binaries is None:
        yield Unavailable("PostgreSQL is not installed (no initdb in /usr/lib/postgresql/*/bin or on the path)")
    elif find_spec("psycopg") is None:
        yield Unavailable("psycopg 3 is not installed: pip install 'psycopg[binary]'")
    else:
        with (
            tempfile.TemporaryDirectory(prefix="recarga-pg-") as directory,
            _started(binaries, Path(directory)) as ours,
        ):
            yield ours


class _Identity(TypedDict):
    user: int | None
    group: int | None
    extra_groups: list[int] | None


@contextlib.contextmanager
def _started(binaries: Path, directory: Path) -> Iterator[Postgres]:
    account = _service_account() if os.geteuid() == 0 else None
    identity = _Identity(user=None, group=None, extra_groups=None)
    if account:
        os.chown(directory, account.pw_uid, account.pw_gid)
        identity = _Identity(user=account.pw_uid, group=account.pw_gid, extra_groups=[])
    initdb: list[str | Path] = [
        binaries / "initdb",
        "-D",
        directory / "data",
        "-U",
        "bench",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(initdb, check=True, capture_output=True, cwd=directory, **identity)
    argv: list[str | Path] = [binaries / "postgres", "-D", directory / "data", "-k", directory]
    for name, value in SETTINGS.items():
        argv += ["-c", f"{name}={value}"]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log, cwd=directory, **identity)
    try:
        _wait_until_ready(binaries, directory, process)
        yield Postgres(binaries, directory, process)
    finally:
        process.send_signal(signal.SIGINT)  # "fast shutdown": does not wait for clients
        process.wait()


def _wait_until_ready(binaries: Path, directory: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    question: list[str | Path] = [binaries / "pg_isready", "-q", "-h", directory, "-U", "bench", "-d", "postgres"]
    while subprocess.run(question, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{(directory / 'log').read_text()[-4000:]}")
        time.sleep(0.05)


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
