"""P10: a gauge over its bound, and a refusal that does not say when to come again, are found out."""

from pathlib import Path
from typing import Any

import pytest

from sim.audit import AuditError, Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import RunFolder
from tests.sim.audit.scripted_run import A, scripted_run


def virtual() -> RunFolder:
    run = scripted_run().copy().run
    run.lines[0]["value"] = {"mode": "virtual"}
    return run


def gauge(run: RunFolder, **members: Any) -> None:
    told = {"name": "mailbox_depth", "value": 16, "bound": 16} | members
    run.add_line("run", "gauges", node="server1", value={"gauges": [told]})


def turned_away(run: RunFolder, status: int, **members: Any) -> None:
    run.add_operation("read", A, {"what": "point"}, "fail", status=status, error="point-busy", **members)


def test_what_stays_within_its_bounds_passes(tmp_path: Path):
    """The bound itself is allowed."""
    run = virtual()
    gauge(run)
    turned_away(run, 429, retry_after_s=1)
    turned_away(run, 503, retry_after_s=5)
    promise = run.audit_in(tmp_path).promises["P10"]
    assert (promise.verdict, promise.checked) == (Verdict.PASS, 3)


def test_a_gauge_over_its_bound(tmp_path: Path):
    """By one."""
    run = virtual()
    gauge(run, value=17)
    (violation,) = run.audit_in(tmp_path).promises["P10"].violations
    assert violation.check == "over-bound"
    assert violation.message.startswith("server1: mailbox_depth came to 17, its bound is 16 (history ")


@pytest.mark.parametrize("told", [{}, {"retry_after_s": 0}, {"retry_after_s": "soon"}, {"retry_after_s": 0.5}])
@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_that_does_not_say_when_to_come_again(tmp_path: Path, status: int, told: dict[str, Any]):
    """Clients would ask again at once, all of them."""
    run = virtual()
    turned_away(run, status, **told)
    expect(run, tmp_path, "P10", "retry-after")


def test_local_runs_do_not_record_when_to_come_again(tmp_path: Path):
    """Their histories of before cannot be held against anybody."""
    run = scripted_run().copy().run
    turned_away(run, 503)
    assert run.audit_in(tmp_path).promises["P10"].verdict is Verdict.NO_DATA


@pytest.mark.parametrize(
    "value", [None, {}, {"gauges": 7}, {"gauges": [7]}, {"gauges": [{"name": "x", "value": 1, "bound": None}]}]
)
def test_gauges_that_cannot_be_read(tmp_path: Path, value: object):
    """One line with its place, and no guess."""
    run = virtual()
    run.add_line("run", "gauges", node="server1", value=value)
    with pytest.raises(AuditError) as caught:
        run.audit_in(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/history.jsonl:{len(run.lines) - 1}: gauges: expected ")
