"""The same sweep on a Dask cluster: a real scheduler and real workers, on this machine."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sim.cli.commands import PATIENCE_S, command, recarga
from tests.sim.experiments.made import scenario_file

pytest.importorskip("distributed", reason="distributed is not installed")

_CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
"""In a process of its own: it ends when its standard input does."""


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a cluster; yield ``host:port``."""
    program = folder / "cluster.py"
    program.write_text(_CLUSTER)
    process = subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("tcp://"), "the cluster did not start"
        yield address.removeprefix("tcp://")
    finally:
        try:
            process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def test_a_cluster_comes_to_the_same_sweep_as_this_machine(tmp_path: Path) -> None:
    """The same figures, hashes and reports, whoever played them."""
    words = ("sweep", scenario_file(tmp_path), "--set", "fleet.rate_per_h=60,120", "--replications", "2", "--json")
    with (
        cluster(tmp_path) as address,
        command(tmp_path, *words, "--engine", f"dask://{address}", "--out", "far") as far,
    ):
        said = far.end()
    assert said.code == 0, said.err
    assert said.events[-1]["runs"] == 4
    with command(tmp_path, *words, "--out", "near") as near:
        assert near.end().code == 0
    one, other = (json.loads((tmp_path / name / "sweep.json").read_bytes()) for name in ("far", "near"))
    assert one["engine"].startswith("dask://")
    assert one["cells"] == other["cells"]
    assert (tmp_path / "far" / one["cells"][0]["runs"][0]["report"]).exists()


def test_a_cluster_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """In one line, after a few seconds."""
    said = recarga("sweep", scenario_file(tmp_path), "--engine", "dask://127.0.0.1:1", "--out", tmp_path / "out")
    assert said.code == 1
    assert "dask://127.0.0.1:1: cannot be reached" in said.err
