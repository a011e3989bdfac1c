"""The facts without which a figure means nothing."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

PACKAGES = ("fastapi", "uvicorn", "uvloop", "httptools", "pydantic", "sqlalchemy", "psycopg", "aiohttp", "httpx")


def facts() -> dict[str, str]:
    """Describe this machine at this moment."""
    return {
        "cpu": f"{os.cpu_count()} x {_cpu_model()}",
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "os": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "disk": f"{tempfile.gettempdir()}: append 4 KiB + fdatasync {fsync_us():.0f} us (median)",
        "packages": ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name))),
    }


def fsync_us(times: int = 200) -> float:
    """Measure the median time to append 4 KiB to a file and get it on disk, in microseconds."""
    durations_s = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(times):
            start_s = time.perf_counter()
            os.write(file.fileno(), b"x" * 4096)
            os.fdatasync(file.fileno())
            durations_s.append(time.perf_counter() - start_s)
    return median(durations_s) * 1e6


def busy_s() -> float:
    """CPU seconds this machine has been busy since it started, all cores, time its host took included (Linux)."""
    try:
        user, nice, system, _idle, _iowait, *rest = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    except OSError:
        return 0.0
    return sum(map(int, (user, nice, system, *rest))) / os.sysconf("SC_CLK_TCK")


def peak_memory_mb(pid: int) -> float:
    """Return the most memory that a process has had (Linux): of this program alone, not of what its parent had."""
    return _status_mb(pid, "VmHWM")


def memory_mb(pid: int) -> float:
    """Return a process's memory now (Linux)."""
    return _status_mb(pid, "VmRSS")


def _status_mb(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
