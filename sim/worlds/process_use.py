"""What a process has used so far, as Linux tells it."""

import os
from pathlib import Path
from typing import Any


def process_use(pid: int | None) -> dict[str, Any] | None:
    """Return ``cpu_s`` and ``rss_peak_bytes`` of a process that runs; None where that cannot be known."""
    if pid is None:
        return None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        ticks = stat.rpartition(")")[2].split()
        peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
        cpu_s = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, StopIteration, IndexError, ValueError):
        return None
    return {"cpu_s": round(cpu_s, 2), "rss_peak_bytes": peak_kb * 1024}
