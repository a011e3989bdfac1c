"""The run that mutations bend is correct, and holds what they look for."""

from pathlib import Path

from sim.audit import Verdict
from tests.sim.audit.scripted_run import scripted_run


def test_the_unbent_run_passes(tmp_path: Path):
    """Else a mutation that is found proves nothing."""
    result = scripted_run().run.audit_in(tmp_path)
    assert [each.message for promise in result.promises.values() for each in promise.violations] == []
    assert result.verdict is Verdict.PASS


def test_everything_happened():
    """Each state and each refusal is there once at least."""
    script = scripted_run()
    status = {name: script.held(name)["status"] for name in ("used", "missed", "returned", "overrun", "retried")}
    assert status == {
        "used": "FULFILLED",
        "missed": "NO_SHOW",
        "returned": "CANCELED",
        "overrun": "FULFILLED",
        "retried": "RESERVED",
    }
    sessions = {name: script.session(name)["status"] for name in ("charge", "walk-up", "overrun-charge", "running")}
    assert sessions == {
        "charge": "COMPLETED",
        "walk-up": "INVALID",
        "overrun-charge": "COMPLETED",
        "running": "ACTIVE",
    }
    assert script.held("overrun")["extended"]
