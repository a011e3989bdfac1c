"""The strategies in virtual time: three keep the promises under contention, with faults too; what keeps none is caught."""

from pathlib import Path

import pytest

from sim.audit import AuditResult, Verdict, audit
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario
from sim.virtual_run import VirtualRun

SCENARIO = Path("scenarios/strategies.yaml").absolute()
SHORT = ["time.duration_s=300", "time.drain_s=900", "fleet.vehicles=6"]
BROKEN = ["random_faults.crash.per_hour=60", "virtual.crash_at_commit_share=0.01", "virtual.repeat_share=0.2"]


def play(folder: Path, strategy: str, *changes: str) -> AuditResult:
    loaded = load_scenario(SCENARIO, [*SHORT, f"network.strategy={strategy}", *changes])
    VirtualRun(loaded, RunFolder(folder), "test", lambda _: None).play()
    return audit(folder)


@pytest.mark.parametrize("strategy", ["mailbox", "row_lock", "optimistic"])
def test_what_serialises_keeps_every_promise(tmp_path: Path, strategy: str) -> None:
    """Crashes, torn disks and repeated requests included."""
    found = play(tmp_path / "run", strategy, *BROKEN)
    assert found.verdict is Verdict.PASS, found.to_json()


def test_what_serialises_nothing_sells_a_window_twice_and_is_caught(tmp_path: Path) -> None:
    """The reason for all of it: read, decide and write without a look back."""
    found = play(tmp_path / "run", "none")
    assert found.promises["P1"].verdict is Verdict.FAIL
    assert found.promises["P1"].violation_count > 1
