"""P5, refusals that name the time: the history tells when they were asked for, and the end where each clock stood."""

from pathlib import Path

import pytest

from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import RunFolder
from tests.sim.audit.scripted_run import MINUTE_MS, A, B, Script, at, scripted_run
from tests.sim.audit.test_linearizability import refuse

NOW = 107
"""Minutes after the start at which the refusals below are asked for."""


def at_its_end(*, skew_ms: int = 0, bent: bool = False) -> Script:
    """Return the run with the time at its end, and where server1's clock stood then."""
    script = scripted_run().copy()
    run = script.run
    run.lines[0]["value"] = {"mode": "virtual", "civil_start_ms": at(0), "scale": 1.0}
    if bent:
        run.add_line("nemesis", "clock_jump", node="server1", value={"state": "mended"})
    run.lines[-1] |= {"time_ns": NOW * MINUTE_MS * 1_000_000, "value": {"clocks_ms": {"server1": at(NOW) + skew_ms}}}
    return script


def refused_a_window(run: RunFolder, start_minutes: float) -> None:
    start_ms = at(start_minutes)
    refuse(run, "reserve", B, "window-in-past", driver_id="v9", start_ms=start_ms, end_ms=start_ms + 10 * MINUTE_MS)


def untimely(run: RunFolder, folder: Path) -> list[str]:
    return [each.message for each in run.audit_in(folder).promises["P5"].violations if each.check == "refusal-untimely"]


def test_a_window_that_is_still_to_come_is_not_past(tmp_path: Path) -> None:
    """A node that says so to everybody keeps all other promises: it never grants anything."""
    script = at_its_end()
    refused_a_window(script.run, 200)
    assert "it was" in expect(script.run, tmp_path, "P5", "refusal-untimely")[0]


@pytest.mark.parametrize(("skew_minutes", "bent"), [(95, False), (0, True)])
def test_what_the_owners_clock_may_explain_is_believed(tmp_path: Path, skew_minutes: int, bent: bool) -> None:
    """It was ahead all the time, or somebody bent it: then nobody knows what it said."""
    script = at_its_end(skew_ms=skew_minutes * MINUTE_MS, bent=bent)
    refused_a_window(script.run, 200)
    assert untimely(script.run, tmp_path) == []


def test_what_is_past_may_be_refused(tmp_path: Path) -> None:
    """By the minute it was asked in, and a moment on either side."""
    script = at_its_end()
    refused_a_window(script.run, NOW)
    assert untimely(script.run, tmp_path) == []


@pytest.mark.parametrize(("hours", "is_untimely"), [(2, True), (25, False)])
def test_a_horizon_is_a_day_away(tmp_path: Path, hours: int, is_untimely: bool) -> None:
    """By the terms of the point; what begins sooner can be reserved."""
    script, start_ms = at_its_end(), at(NOW + 60 * hours)
    asked = {"driver_id": "v9", "start_ms": start_ms, "end_ms": start_ms + 10 * MINUTE_MS}
    refuse(script.run, "reserve", B, "window-beyond-horizon", 422, **asked)
    assert bool(untimely(script.run, tmp_path)) is is_untimely


def test_a_reservation_that_can_still_be_given_back(tmp_path: Path) -> None:
    """Its window begins in 13 minutes."""
    script = at_its_end()
    refuse(script.run, "cancel", A, "too-late-to-cancel", id=script.ids["retried"])
    expect(script.run, tmp_path, "P5", "refusal-untimely")


def test_a_reservation_that_can_be_used_already(tmp_path: Path) -> None:
    """By the terms a driver may plug in a quarter of an hour early."""
    script = at_its_end()
    refuse(script.run, "start", A, "too-early-to-start", reservation_id=script.ids["retried"])
    expect(script.run, tmp_path, "P5", "refusal-untimely")


@pytest.mark.parametrize(("f", "error"), [("start", "too-early-to-start"), ("cancel", "too-late-to-cancel")])
def test_a_clock_that_is_off_explains_what_the_terms_do(tmp_path: Path, f: str, error: str) -> None:
    """Half an hour behind it was too early, half an hour ahead too late."""
    script = at_its_end(skew_ms=(-30 if f == "start" else 30) * MINUTE_MS)
    refuse(script.run, f, A, error, reservation_id=script.ids["retried"], id=script.ids["retried"])
    assert untimely(script.run, tmp_path) == []
