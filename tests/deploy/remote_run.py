"""``recarga run … --target``: a scenario on the trio as a process of its own, whose history is followed while it grows."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.deploy.engine import ROOT, Project

TARGETS = ("http://localhost:9007", "http://localhost:9002", "http://localhost:9003")
_CHANGES = (
    "fleet.vehicles=300",
    "slo=[]",  # how fast it is while parts of it are broken is not asked
    "generator.late_ms_p99_max=60000",  # nor whether this machine has the time to ask punctually
    "time.drain_s=3",
)
_PATIENCE_S = 240


class RemoteRun:
    """A run under way. ``folder``: its run folder."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process = process
        self.folder = folder

    def wait_for_promises(self, more: int, at: str = "") -> None:
        """Wait until so many more reservations and charges have been acknowledged, at one server or at any."""
        wanted = self._promises(at) + more
        until_s = time.monotonic() + _PATIENCE_S
        while self._promises(at) < wanted:
            assert time.monotonic() < until_s, f"{self._promises(at)} promises, {wanted} wanted"
            assert self._process.poll() is None, self._process.communicate()[0]
            time.sleep(0.1)

    def end(self) -> tuple[int, str]:
        """Wait for its end; return its exit code and what it printed."""
        told, _ = self._process.communicate(timeout=_PATIENCE_S)
        return self._process.returncode, told

    def report(self) -> Any:
        return json.loads((self.folder / "report.json").read_bytes())

    def _promises(self, at: str) -> int:
        history = self.folder / "history.jsonl"
        lines = history.read_bytes().splitlines(keepends=True) if history.exists() else []
        told = [json.loads(line) for line in lines if line.endswith(b"\n") and b'"ok"' in line]
        return sum(each["f"] in ("reserve", "start") and str(each["point"]).startswith(at) for each in told)


@contextmanager
def remote_run(trio: Project, folder: Path, duration_s: int) -> Iterator[RemoteRun]:
    """Play scenarios/remote_rush.yaml for a while. Every driver has a token, made with the trio's keys."""
    keys = folder / "keys.json"
    keys.write_text(trio.execute("keeper", "cat", "/keys/keys.json"))
    keys.chmod(0o600)
    command = [sys.executable, "-m", "sim", "run", "scenarios/remote_rush.yaml", "--auth-keys", str(keys)]
    command += [word for url in TARGETS for word in ("--target", url)]
    command += [word for change in (*_CHANGES, f"time.duration_s={duration_s}") for word in ("--set", change)]
    command += ["--out", str(folder / "run")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield RemoteRun(process, folder / "run")
    finally:
        process.kill()
        process.communicate()
