"""What Linux tells of a process."""

import os
import sys

import pytest

from sim.worlds.process_use import process_use


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_a_process_that_runs_has_used_something() -> None:
    used = process_use(os.getpid())
    assert used is not None
    assert used["cpu_s"] > 0
    assert 10_000_000 < used["rss_peak_bytes"] < 100_000_000_000


def test_one_that_does_not_run_tells_nothing() -> None:
    """A node may be down when the run ends."""
    assert process_use(None) is None
    assert process_use(2**22 + 1) is None
