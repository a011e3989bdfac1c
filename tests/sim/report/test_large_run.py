"""Building the report of a large run: in bounded time and memory, into a page of bounded size.

``RECARGA_REPORT_OPERATIONS=1000000`` measures the size that the report promises; by default a twentieth of it.
"""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.sim.report.large_run import write_large_run

_MILLION = 1_000_000
_CPU_S_PER_MILLION = 60.0
_BYTES_PER_MILLION = 1_000_000_000
_CPU_S_BASE, _BYTES_BASE = 5.0, 200_000_000
"""What Python and its libraries (pyarrow, where it is) take before there is any request."""
_HTML_MAX = 1_500_000
_BUILD = """
import os, sys
from pathlib import Path
import orjson
from sim.report import build_report, write_report
from sim.worlds.process_use import process_use
folder = Path(sys.argv[1])
write_report(build_report(folder, {"P1": {"verdict": "PASS", "checked": 1, "violations": []}}), folder)
print(orjson.dumps(process_use(os.getpid())).decode())  # getrusage would tell this process's parent's peak, before exec
"""


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="what a process has used is read in /proc")
def test_a_large_run_is_reported_in_bounded_time_and_memory(tmp_path: Path) -> None:
    operations = int(os.environ.get("RECARGA_REPORT_OPERATIONS", _MILLION // 20))
    folder = write_large_run(tmp_path / "run", operations)
    built = subprocess.run([sys.executable, "-c", _BUILD, str(folder)], capture_output=True, text=True, check=True)
    used = orjson.loads(built.stdout)
    share, html_bytes = operations / _MILLION, (folder / "report.html").stat().st_size
    print(
        f"{operations:,} requests: {used['cpu_s']:.1f} CPU-s, {used['rss_peak_bytes'] / 1e6:.0f} MB, page {html_bytes / 1e6:.2f} MB"
    )
    assert used["cpu_s"] < min(_CPU_S_PER_MILLION, _CPU_S_BASE + _CPU_S_PER_MILLION * share)
    assert used["rss_peak_bytes"] < min(_BYTES_PER_MILLION, _BYTES_BASE + _BYTES_PER_MILLION * share)
    assert html_bytes < _HTML_MAX
    report = orjson.loads((folder / "report.json").read_bytes())
    assert report["operations"]["reserve"]["total"]["offered"] == operations
    assert report["verdict"] == "PASS", report["explanation"]
