"""P8, as far as it is checked: a window nobody came for does not stay blocked."""

from pathlib import Path

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import RunFolder
from tests.sim.audit.scripted_run import A, D, at, scripted_run


def played_on(minutes: list[float]) -> RunFolder:
    """Let another point of the second node live on, while somebody's window passes."""
    run = scripted_run().copy().run
    for minute in minutes:
        run.add_reservation(D, at(minute), at(minute + 60), at(minute + 61))
    return run


def test_a_no_show_that_still_holds_its_window_when_another_is_granted(tmp_path: Path):
    """A point does what is due before it does what is asked."""
    script = scripted_run().copy()
    (event,) = script.run.events("reservation.released", reservation_id=script.ids["missed"])
    script.run.drop_event(event)
    story = expect(script.run, tmp_path, "P8", "no-show-held")
    assert any(script.ids["missed"] in line and "journal" in line for line in story)


def test_a_no_show_that_is_never_released(tmp_path: Path):
    """Without another driver nothing pushes the point; its own alarm must."""
    run = played_on([121, 140])
    expect(run, tmp_path, "P8", "no-show-leaked")


def test_a_clock_that_jumps_over_the_time_proves_nothing(tmp_path: Path):
    """The node had no time yet to do what has just become due."""
    assert played_on([126, 140]).audit_in(tmp_path).promises["P8"].verdict is Verdict.PASS


def test_a_run_that_ends_soon_after_proves_nothing(tmp_path: Path):
    """The alarm may be under way."""
    assert played_on([121, 124]).audit_in(tmp_path).promises["P8"].verdict is Verdict.PASS


def test_a_reservation_in_the_future_is_no_leak(tmp_path: Path):
    """The run may end before the window begins."""
    result = scripted_run().run.audit_in(tmp_path)
    assert result.promises["P8"].verdict is Verdict.PASS
    assert A in {row["point_id"] for row in scripted_run().run.rows("reservation") if row["status"] == "RESERVED"}
