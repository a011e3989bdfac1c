"""P1 is found broken wherever it shows: in the journal, in the tables, or in what vehicles were told."""

from pathlib import Path

import pytest

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.scripted_run import MINUTE_MS, A, B, at, scripted_run


@pytest.mark.parametrize("check", ["overlap-in-journal", "overlap-in-table", "overlap-acknowledged"])
def test_an_overlap_of_one_millisecond(tmp_path: Path, check: str):
    """The smallest double booking is one."""
    run = scripted_run().copy().run
    run.acknowledge(run.add_reservation(A, at(106), at(110), at(120) + 1))
    story = expect(run, tmp_path, "P1", check)
    assert any("history" in line for line in story)


def test_windows_that_touch_do_not_overlap(tmp_path: Path):
    """Windows are half-open; an audit that is off by one the other way would cry wolf."""
    run = scripted_run().copy().run
    run.acknowledge(run.add_reservation(A, at(106), at(110), at(120)))
    assert run.audit_in(tmp_path).promises["P1"].verdict is Verdict.PASS


def test_a_window_that_begins_before_it_was_granted(tmp_path: Path):
    """Somebody may have used that moment; the point's own time counts, also where its clock went back."""
    run = scripted_run().copy().run
    run.add_reservation(A, at(106), at(105), at(107))
    expect(run, tmp_path / "late", "P1", "past-in-journal")
    run = scripted_run().copy().run
    run.add_reservation(A, at(80), at(81), at(82))
    expect(run, tmp_path / "back", "P1", "past-in-journal")


def test_an_overlap_in_the_table_alone(tmp_path: Path):
    """The tables are what people query."""
    script = scripted_run().copy()
    script.held("used")["released_ms"] = at(40) + 1
    story = expect(script.run, tmp_path, "P1", "overlap-in-table")
    assert sum("table reservation" in line for line in story) == 2


def test_two_acknowledged_windows_of_which_the_disk_knows_one(tmp_path: Path):
    """A lost booking is a double booking to the driver."""
    script = scripted_run().copy()
    granted = script.held("retried") | {"id": f"{A}.r2-99", "driver_id": "v9"}
    script.run.acknowledge(granted)
    story = expect(script.run, tmp_path, "P1", "overlap-acknowledged")
    assert sum("is told ok" in line for line in story) == 2


def test_a_window_taken_before_its_cancellation(tmp_path: Path):
    """To cancel frees a window from then on, and not before: at no moment may both be in force."""
    script = scripted_run().copy()
    (released,) = script.run.events("reservation.released", reservation_id=script.ids["returned"])
    (reserved,) = script.run.events("reservation.reserved", reservation_id=script.ids["overrun"])
    for column in ("ver", "point_seq"):
        released[column], reserved[column] = reserved[column], released[column]
    expect(script.run, tmp_path, "P1", "overlap-in-journal")


def test_an_extension_into_the_next_window(tmp_path: Path):
    """A session that runs over may not run into somebody else's time."""
    script = scripted_run().copy()
    (extended,) = script.run.events("reservation.extended", reservation_id=script.ids["overrun"])
    extended["data"]["end_ms"] = at(120) + 1
    expect(script.run, tmp_path, "P1", "overlap-in-journal")


@pytest.mark.parametrize("check", ["second-session-in-journal", "second-session-in-table"])
def test_a_second_active_session(tmp_path: Path, check: str):
    """One vehicle at a time, whatever the windows say."""
    run = scripted_run().copy().run
    run.add_session(run.add_reservation(B, at(106), at(140), at(170)), at(106))
    expect(run, tmp_path, "P1", check)


def test_a_session_that_starts_before_another_has_ended(tmp_path: Path):
    """Also when both are long over."""
    script = scripted_run().copy()
    script.session("charge")["ended_ms"] = script.session("walk-up")["started_ms"] + 1
    expect(script.run, tmp_path, "P1", "second-session-in-table")


def test_a_session_outside_its_window(tmp_path: Path):
    """Who plugs in early gets a window that begins then."""
    script = scripted_run().copy()
    script.held("overrun")["start_ms"] += 6 * MINUTE_MS
    expect(script.run, tmp_path, "P1", "session-outside-window")


def test_a_copy_of_a_cancellation_may_have_freed_a_window(tmp_path: Path):
    """The network repeated it: one copy found the point too busy and was told so, the other freed the window."""
    script = scripted_run().copy()
    (told,) = script.run.completions("cancel", id=script.ids["returned"])
    told |= {"type": "fail", "error": "point-busy", "status": 429}
    for name in ("value", "witness"):
        told.pop(name)
    expect(script.run, tmp_path / "once", "P1", "overlap-acknowledged")
    script.run.add_line("run", "copy", key=told["key"])
    for name, result in script.run.audit_in(tmp_path / "twice").promises.items():
        assert result.verdict is not Verdict.FAIL, name
