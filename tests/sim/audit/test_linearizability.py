"""P5: answers that no state explains, states that never were, and orders that time forbids."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import JOURNAL, NODE, POINT, Row, RunFolder
from tests.sim.audit.scripted_run import A, B, C, Script, at, scripted_run

Mutation = Callable[[Script], None]


def refusal(script: Script, error: str) -> Row:
    (line,) = (line for line in script.run.lines if line.get("error") == error)
    return line


def refuse(run: RunFolder, f: str, point: str, error: str, status: int = 409, **asked: object) -> None:
    """Let a vehicle be refused at the end of the run, by the point as it is then."""
    run.add_operation(f, point, asked, "fail", error=error, status=status, witness=last_witness(run, point))


def last_witness(run: RunFolder, point: str) -> list[int]:
    row = run.row(POINT, point)
    node = run.nodes[point.partition(".")[0]][NODE][0]
    return [node["epoch"], row["seq"]]


def read(run: RunFolder, point: str, witness: list[int], **told: object) -> None:
    run.add_operation("read", point, {}, "ok", status=200, witness=witness, value=told)


# States that never were.


def witness_beyond_the_journal(script: Script) -> None:
    refusal(script, "session-over")["witness"][1] = 99


def witness_of_an_epoch_to_come(script: Script) -> None:
    read(script.run, B, [9, last_witness(script.run, B)[1]])


def witness_of_an_epoch_that_was_over(script: Script) -> None:
    """The old node still answers: an event of the new epoch had been written."""
    read(script.run, A, [1, last_witness(script.run, A)[1]])


def state_that_was_lost_in_the_crash(script: Script) -> None:
    """A read saw in epoch 1 what the journal only holds of epoch 2."""
    event = script.run.events("session.started", session_id=script.ids["walk-up"])[0]
    read(script.run, A, [1, event["point_seq"]], status="CHARGING", session_id=script.ids["walk-up"])


def forgotten_event(script: Script) -> None:
    """Epoch 2 answers as if the last event of epoch 1 had never been."""
    last = max(row["point_seq"] for row in script.run.rows(JOURNAL) if row["point_id"] == A and row["epoch"] == 1)
    read(script.run, A, [2, last - 1])


# Witnesses of other events.


def swapped_witnesses(script: Script) -> None:
    first, second = (script.run.completions("reserve", id=script.ids[name])[0] for name in ("used", "missed"))
    first["witness"], second["witness"] = second["witness"], first["witness"]


def cancel_witness_too_late(script: Script) -> None:
    script.run.completions("cancel")[0]["witness"][1] += 1


def start_witness_too_early(script: Script) -> None:
    script.run.completions("start", id=script.ids["charge"])[0]["witness"][1] -= 1


def meter_witness_too_late(script: Script) -> None:
    script.run.completions("meter", energy_wh=1_500)[0]["witness"][1] += 1


def stop_witness_too_late(script: Script) -> None:
    script.run.completions("stop", id=script.ids["charge"])[0]["witness"][1] += 1


# Refusals without a reason.


def free_window_refused(script: Script) -> None:
    asked = {"driver_id": "v9", "start_ms": at(150), "end_ms": at(170)}
    refuse(script.run, "reserve", A, "window-taken", **asked)


def nothing_taken_at_all(script: Script) -> None:
    refusal(script, "window-taken")["witness"] = [1, 1]


def walk_up_refused_at_an_empty_point(script: Script) -> None:
    refusal(script, "point-occupied")["witness"] = [1, 1]


def start_refused_though_nobody_is_there(script: Script) -> None:
    refuse(script.run, "start", A, "point-occupied", reservation_id=script.ids["retried"])


def service_refused(script: Script) -> None:
    asked = {"driver_id": "v9", "start_ms": at(150), "end_ms": at(170)}
    refuse(script.run, "reserve", A, "point-unavailable", **asked)


def long_enough_called_too_short(script: Script) -> None:
    refuse(script.run, "reserve", B, "window-too-short", 422, driver_id="v9", start_ms=at(150), end_ms=at(155))


def short_enough_called_too_long(script: Script) -> None:
    refuse(script.run, "reserve", B, "window-too-long", 422, driver_id="v9", start_ms=at(150), end_ms=at(390))


def known_reservation_denied(script: Script) -> None:
    refuse(script.run, "cancel", A, "unknown-reservation", 404, id=script.ids["retried"])


def reservation_said_to_be_over(script: Script) -> None:
    refuse(script.run, "start", A, "reservation-over", reservation_id=script.ids["retried"])


def unknown_reservation_said_to_be_over(script: Script) -> None:
    refuse(script.run, "start", A, "reservation-over", reservation_id=f"{A}.r7-7")


def known_session_denied(script: Script) -> None:
    refuse(script.run, "stop", B, "unknown-session", 404, id=script.ids["running"], energy_wh=2_000)


def running_session_said_to_be_over(script: Script) -> None:
    refuse(script.run, "meter", B, "session-over", id=script.ids["running"], energy_wh=2_000)


def unknown_session_said_to_be_over(script: Script) -> None:
    refuse(script.run, "meter", B, "session-over", id=f"{B}.s7-7", energy_wh=2_000)


def rising_meter_refused(script: Script) -> None:
    refuse(script.run, "meter", B, "meter-went-back", id=script.ids["running"], energy_wh=1_000)


# Reads that are not so, and grants that could not be.


def read_of_an_idle_point(script: Script) -> None:
    (line,) = (line for line in script.run.completions("read") if line["value"]["session_id"] == script.ids["charge"])
    line["value"]["session_id"] = None


def read_of_a_wrong_status(script: Script) -> None:
    (line,) = (line for line in script.run.completions("read") if line["value"]["session_id"] == script.ids["charge"])
    line["value"]["status"] = "AVAILABLE"


def reserved_at_a_free_point(script: Script) -> None:
    run = script.run
    run.drop_event(run.events("reservation.reserved", reservation_id=script.ids["elsewhere"])[0])
    read(run, C, [1, 1], status="RESERVED", session_id=None)


def granted_under_maintenance(script: Script) -> None:
    spec = script.run.events("point.created")[-1]["data"]["spec"]
    script.run.add_event(C, "point.changed", at(106), spec=spec, maintenance=True, fault=None)
    script.run.acknowledge(script.run.add_reservation(C, at(106), at(200), at(220)))


def granted_over_another(script: Script) -> None:
    script.run.acknowledge(script.run.add_reservation(C, at(106), at(139), at(220)))


def no_witness(script: Script) -> None:
    del script.run.completions("reserve", id=script.ids["elsewhere"])[0]["witness"]


# Orders that time forbids.


def stale_read(script: Script) -> None:
    """Long after the session was started, and told, a read still sees the point before it."""
    seq = script.run.events("session.started", session_id=script.ids["charge"])[0]["point_seq"]
    read(script.run, A, [1, seq - 1], status="RESERVED", session_id=None)


def read_of_the_future(script: Script) -> None:
    """A read saw a reservation that was only asked for later."""
    early = script.run.completions("read")[0]
    early["witness"] = script.run.completions("reserve", id=script.ids["overrun"])[0]["witness"]


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        (witness_beyond_the_journal, "no-such-state"),
        (witness_of_an_epoch_to_come, "no-such-state"),
        (witness_of_an_epoch_that_was_over, "no-such-state"),
        (state_that_was_lost_in_the_crash, "no-such-state"),
        (forgotten_event, "no-such-state"),
        (swapped_witnesses, "witness-of-another"),
        (cancel_witness_too_late, "witness-of-another"),
        (start_witness_too_early, "witness-of-another"),
        (meter_witness_too_late, "witness-of-another"),
        (stop_witness_too_late, "witness-of-another"),
        (free_window_refused, "refusal-unexplained"),
        (nothing_taken_at_all, "refusal-unexplained"),
        (walk_up_refused_at_an_empty_point, "refusal-unexplained"),
        (start_refused_though_nobody_is_there, "refusal-unexplained"),
        (service_refused, "refusal-unexplained"),
        (long_enough_called_too_short, "refusal-unexplained"),
        (short_enough_called_too_long, "refusal-unexplained"),
        (known_reservation_denied, "refusal-unexplained"),
        (reservation_said_to_be_over, "refusal-unexplained"),
        (unknown_reservation_said_to_be_over, "refusal-unexplained"),
        (known_session_denied, "refusal-unexplained"),
        (running_session_said_to_be_over, "refusal-unexplained"),
        (unknown_session_said_to_be_over, "refusal-unexplained"),
        (rising_meter_refused, "refusal-unexplained"),
        (read_of_an_idle_point, "read-unexplained"),
        (read_of_a_wrong_status, "read-unexplained"),
        (reserved_at_a_free_point, "read-unexplained"),
        (granted_under_maintenance, "grant-unexplained"),
        (granted_over_another, "grant-unexplained"),
        (no_witness, "no-witness"),
        (stale_read, "real-time"),
        (read_of_the_future, "real-time"),
    ],
)
def test_an_answer_that_no_order_explains(tmp_path: Path, mutation: Mutation, check: str):
    """Each way to leave the one real-time order of a point."""
    script = scripted_run().copy()
    mutation(script)
    expect(script.run, tmp_path, "P5", check)


def test_a_stale_answer_that_says_so_is_none(tmp_path: Path):
    """A view may be behind, if it tells."""
    script = scripted_run().copy()
    read(script.run, A, [1, 1], status="AVAILABLE", session_id=None, stale=True)
    assert script.run.audit_in(tmp_path).promises["P5"].verdict is Verdict.PASS


def test_concurrent_answers_may_come_in_any_order(tmp_path: Path):
    """Who asked before the other was answered may have been served before or after."""
    script = scripted_run().copy()
    invoke, answer = script.run.add_operation("read", B, {}, "ok", status=200, witness=[2, 2], value={})
    script.run.lines.remove(invoke)
    running = script.run.completions("start", id=script.ids["running"])[0]
    script.run.lines.insert(script.run.lines.index(running), invoke | {"time_ns": running["time_ns"]})
    assert answer["witness"] < running["witness"]
    result = script.run.audit_in(tmp_path)
    assert [each.check for each in result.promises["P5"].violations] == []


def test_a_retry_may_be_told_the_first_answer(tmp_path: Path):
    """A repeated answer is as old as the first attempt allows, however late the retry."""
    script = scripted_run().copy()
    told = script.run.completions("reserve", id=script.ids["used"])[0]
    asked = script.run.invoke_of(told)["value"]
    again = {name: told[name] for name in ("key", "value", "status", "witness")}
    script.run.add_operation("reserve", A, asked, "ok", **again)
    assert script.run.audit_in(tmp_path).verdict is Verdict.PASS


def test_the_story_of_a_stale_read_shows_both_sides(tmp_path: Path):
    """Who saw the newer state first, and who saw the older one after."""
    script = scripted_run().copy()
    stale_read(script)
    story = expect(script.run, tmp_path, "P5", "real-time")
    assert sum(" asks " in line for line in story) == 2
    assert "from the later state (1, 8)" in story[0]
