"""P8 after all faults were mended: what is still held although it was due is found out."""

from pathlib import Path

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import RunFolder
from tests.sim.audit.scripted_run import C, at, scripted_run


def healed(at_minute: float, end_minute: float) -> RunFolder:
    """Let the script's run go on and end in virtual time, mended at some minute of it."""
    run = scripted_run().copy().run
    run.lines[0]["value"] = {"mode": "virtual", "civil_start_ms": at(0), "scale": 1.0}
    end = run.lines.pop()
    run.lines.append({"time_ns": nanoseconds(at_minute), "process": "run", "type": "info", "f": "heal"})
    run.lines.append(end | {"time_ns": nanoseconds(end_minute)})
    return run


def nanoseconds(minutes: float) -> int:
    return int(minutes * 60e9)


def test_what_is_not_due_yet_is_no_leak(tmp_path: Path):
    """In the script a window begins at 110 min, with ten minutes' grace; a session may run until 145 min."""
    promise = healed(107, 121).audit_in(tmp_path).promises["P8"]
    assert (promise.verdict, promise.note) == (Verdict.PASS, None)


def test_a_no_show_that_is_left(tmp_path: Path):
    """Due at 120 min."""
    story = expect(healed(107, 122), tmp_path, "P8", "no-show-leaked")
    assert "still RESERVED in the end" in story[0]


def test_a_session_that_is_left(tmp_path: Path):
    """Its window ends at 140 min; it may be late by five."""
    run = healed(107, 147)
    expect(run, tmp_path, "P8", "session-leaked")


def test_a_session_that_may_still_be_extended_is_no_leak(tmp_path: Path):
    """Until five minutes after its window."""
    checks = {each.check for each in healed(107, 144).audit_in(tmp_path).promises["P8"].violations}
    assert checks == {"no-show-leaked"}


def test_a_stop_in_doubt_that_is_left(tmp_path: Path):
    """Whatever becomes of its trip, somebody can be asked."""
    run = healed(107, 115)
    row = run.add_reservation(C, at(106), at(200), at(220))
    row["status"] = "PENDING"
    expect(run, tmp_path, "P8", "in-doubt-leaked")


def test_a_clock_that_is_behind_has_until_it_is_late_there(tmp_path: Path):
    """Where the run says how the clocks stood, by them."""
    run = healed(107, 122)
    run.lines[-1]["value"] = {"clocks_ms": {"server1": at(121), "server2": at(121)}}
    assert run.audit_in(tmp_path).promises["P8"].verdict is Verdict.PASS
    run.lines[-1]["value"] = {"clocks_ms": {"server1": at(122), "server2": at(122)}}
    expect(run, tmp_path / "late", "P8", "no-show-leaked")


def test_a_run_that_ends_as_soon_as_it_is_mended_says_nothing_of_leaks(tmp_path: Path):
    """A node may still be starting."""
    promise = healed(149, 150).audit_in(tmp_path).promises["P8"]
    assert promise.verdict is Verdict.PASS
    assert promise.note is not None
    assert "too soon" in promise.note


def test_a_clock_that_was_bent_says_little_of_when_a_node_did_what(tmp_path: Path):
    """The journal's times may have been wrong; only the end counts then."""
    run = scripted_run().copy().run
    for minute in (121, 140):
        run.add_reservation("server2.d", at(minute), at(minute + 60), at(minute + 61))
    expect(run, tmp_path / "true", "P8", "no-show-leaked")
    run.add_line("nemesis", "clock_jump", node="server2", value={"state": "broken"})
    assert run.audit_in(tmp_path / "bent").promises["P8"].verdict is Verdict.PASS


def released_at(run: RunFolder, name: str, minute: float) -> None:
    """Let a no-show of the second node be noticed at some minute."""
    (row,) = (row for row in run.rows("reservation") if row["id"] == name)
    released = {"status": "NO_SHOW", "released_ms": at(120), "reason": "no-show"}
    epoch, seq = run.add_event(
        row["point_id"], "reservation.released", at(minute), reservation_id=row["id"], **released
    )
    row |= released | {"epoch": epoch, "seq": seq}


def test_a_no_show_that_is_noticed_only_when_somebody_looks(tmp_path: Path):
    """Long after it was due, in a network without faults: at the last read."""
    name = scripted_run().ids["elsewhere"]
    for minute, check in ((121, None), (122, "ended-late")):
        run = healed(107, 130)
        released_at(run, name, minute)
        if check is None:
            violations = run.audit_in(tmp_path / "in time").promises["P8"].violations
            assert [each for each in violations if each.point == C] == []
        else:
            expect(run, tmp_path / "late", "P8", check)


def test_what_a_node_with_a_bent_clock_did_counts_once_it_was_surely_healed(tmp_path: Path):
    """Its times say little, what was asked of it says more."""
    script = scripted_run()
    run = healed(107, 130)
    released_at(run, script.ids["elsewhere"], 122)
    run.add_line("nemesis", "clock_jump", node="server2", value={"state": "mended"})
    violations = run.audit_in(tmp_path / "before").promises["P8"].violations
    assert [each for each in violations if each.point == C] == []
    run = healed(107, 130)
    run.add_line("nemesis", "clock_jump", node="server2", value={"state": "mended"})
    asked = run.add_reservation(C, at(108), at(300), at(320), key="k-after")
    run.keep_answer(asked, "k-after")
    run.acknowledge(asked, key="k-after")
    released_at(run, script.ids["elsewhere"], 122)
    expect(run, tmp_path / "after", "P8", "ended-late")


def test_a_trip_that_stays_undecided(tmp_path: Path):
    """All is mended, and nobody decides: its stops would be held for ever."""
    run = healed(107, 121)
    run.add_trip("server1.trip.t1-1", "k", at(106), "PENDING", [])
    expect(run, tmp_path, "P8", "trip-leaked")
