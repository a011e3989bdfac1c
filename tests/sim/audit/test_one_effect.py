"""P4: a key with two effects or two answers, or an effect that was refused, is found."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import ANSWER, Row
from tests.sim.audit.scripted_run import A, B, C, Script, at, scripted_run

Mutation = Callable[[Script], None]


def answer_of(script: Script, key: str) -> Row:
    (row,) = (row for row in script.run.rows(ANSWER) if row["key"] == key)
    return row


def second_reservation_under_one_key(script: Script) -> None:
    script.run.add_reservation(C, at(106), at(200), at(220), key="k4-lost")


def second_reservation_nobody_was_told_of(script: Script) -> None:
    for start in (200, 230):
        script.run.add_reservation(C, at(106), at(start), at(start + 10), key="k-unknown")


def two_ids_under_one_key(script: Script) -> None:
    (told,) = script.run.completions("reserve", id=script.ids["retried"])
    again = told["value"] | {"id": f"{A}.r1-77"}
    invoke = script.run.invoke_of(told)
    script.run.add_operation("reserve", A, invoke["value"], "ok", **_same(told, value=again))


def refused_then_done(script: Script) -> None:
    (told,) = script.run.completions("reserve", id=script.ids["elsewhere"])
    invoke = script.run.invoke_of(told)
    refusal = _same(told, error="window-taken", status=409)
    del refusal["value"]
    script.run.add_operation("reserve", C, invoke["value"], "fail", **refusal)


def another_witness_for_the_repeat(script: Script) -> None:
    (told,) = script.run.completions("reserve", id=script.ids["retried"])
    again = _same(told, witness=[1, told["witness"][1] + 1])
    script.run.add_operation("reserve", A, script.run.invoke_of(told)["value"], "ok", **again)


def refused_and_there(script: Script) -> None:
    """A refusal under a key that made a reservation after all; nothing is kept under it."""
    (refused,) = script.run.completions("reserve", "fail") and [
        line for line in script.run.completions("reserve", "fail") if line["error"] == "point-unavailable"
    ]
    script.run.add_reservation(A, at(106), at(200), at(220), key=refused["key"])
    script.run.nodes["server1"][ANSWER].remove(answer_of(script, refused["key"]))


def busy_and_there(script: Script) -> None:
    """429 says that nothing was done; here something was."""
    row = script.run.add_reservation(A, at(106), at(200), at(220), key="k-busy")
    asked = {name: row[name] for name in ("driver_id", "start_ms", "end_ms")}
    script.run.add_operation("reserve", A, asked, "fail", error="point-busy", status=429, key="k-busy")


def kept_as_refused(script: Script) -> None:
    answer_of(script, "k4-lost").update(status=409)


def kept_status_differs(script: Script) -> None:
    (told,) = script.run.completions("start", id=script.ids["running"])
    answer_of(script, told["key"]).update(status=200)


def kept_witness_differs(script: Script) -> None:
    answer_of(script, "k4-lost")["seq"] += 1


def kept_body_differs(script: Script) -> None:
    answer_of(script, "k4-lost")["body"]["end_ms"] += 1


def kept_body_is_damaged(script: Script) -> None:
    row = answer_of(script, "k4-lost")
    row["body"] = orjson.dumps(row["body"])[:-1]


def kept_refusal_differs(script: Script) -> None:
    (told,) = (line for line in script.run.completions("meter", "fail") if line["error"] == "meter-went-back")
    answer_of(script, told["key"])["body"]["type"] = "urn:recarga:problem:session-over"


def two_sessions_under_one_reservation(script: Script) -> None:
    script.run.add_session(script.held("elsewhere"), at(106))
    script.run.add_session(script.held("elsewhere"), at(106))


def cancelled_twice(script: Script) -> None:
    data = {"reservation_id": script.ids["returned"], "status": "CANCELED", "reason": "driver"}
    script.run.add_event(A, "reservation.released", at(106), released_ms=at(106), **data)


def metered_after_the_stop(script: Script) -> None:
    script.run.add_event(
        A, "session.metered", at(106), session_id=script.ids["charge"], energy_wh=9_000, metered_ms=at(106)
    )


def lost_effect(script: Script) -> None:
    script.held("elsewhere")["idempotency_key"] = None


def answer_kept_apart(script: Script) -> None:
    """A crash between the batch of the event and that of its answer; nobody was told."""
    row = script.run.add_reservation(C, at(106), at(200), at(220), key="k-apart")
    asked = {name: row[name] for name in ("driver_id", "start_ms", "end_ms")}
    script.run.add_operation("reserve", C, asked, "info", error="timeout", key="k-apart")


def refusal_not_kept(script: Script) -> None:
    """A retry would be decided anew, and perhaps do what its driver was refused."""
    (told,) = (line for line in script.run.completions("meter", "fail") if line["error"] == "meter-went-back")
    script.run.lines[0]["value"] = {"civil_start_ms": at(0)}
    for node in script.run.nodes.values():
        node[ANSWER] = [row for row in node[ANSWER] if row["key"] != told["key"]]


def kept_without_its_event(script: Script) -> None:
    """The other way round: the answer is there, what it tells of is not."""
    answer = script.run.keep_answer(script.held("elsewhere"), "k-early")
    answer["seq"] += 50
    script.run.add_operation("reserve", C, ASKED, "info", error="timeout", key="k-early")


def made_for_somebody_else(script: Script) -> None:
    row = script.run.add_reservation(C, at(106), at(200), at(220), key="k-mine")
    script.run.keep_answer(row, "k-mine")
    script.run.add_operation("reserve", C, ASKED, "info", error="timeout", key="k-mine")


def made_on_another_point(script: Script) -> None:
    row = script.run.add_reservation(C, at(106), at(200), at(220), key="k-there")
    script.run.keep_answer(row, "k-there")
    script.run.add_operation("reserve", A, ASKED | {"driver_id": "v99"}, "info", error="timeout", key="k-there")


def made_too_long(script: Script) -> None:
    row = script.run.add_reservation(C, at(106), at(200), at(220) + 1, key="k-long")
    script.run.keep_answer(row, "k-long")
    script.run.add_operation("reserve", C, ASKED | {"driver_id": "v99"}, "info", error="timeout", key="k-long")


ASKED = {"driver_id": "v7", "start_ms": at(200), "end_ms": at(220)}


def _same(told: Row, **changes: object) -> Row:
    return {name: told[name] for name in ("key", "witness", "status", "value") if name in told} | changes


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        (second_reservation_under_one_key, "two-effects"),
        (second_reservation_under_one_key, "not-one-effect"),
        (second_reservation_nobody_was_told_of, "two-effects"),
        (two_ids_under_one_key, "two-answers"),
        (refused_then_done, "two-answers"),
        (another_witness_for_the_repeat, "two-answers"),
        (refused_and_there, "refused-and-done"),
        (busy_and_there, "refused-and-done"),
        (kept_as_refused, "refused-and-done"),
        (kept_status_differs, "kept-differs"),
        (kept_witness_differs, "kept-differs"),
        (kept_body_differs, "kept-differs"),
        (kept_body_is_damaged, "kept-differs"),
        (kept_refusal_differs, "kept-differs"),
        (two_sessions_under_one_reservation, "two-effects"),
        (cancelled_twice, "effect-repeated"),
        (metered_after_the_stop, "effect-repeated"),
        (lost_effect, "not-one-effect"),
        (answer_kept_apart, "answer-lost"),
        (refusal_not_kept, "answer-lost"),
        (kept_without_its_event, "kept-unfounded"),
        (made_for_somebody_else, "not-as-asked"),
        (made_on_another_point, "not-as-asked"),
        (made_too_long, "not-as-asked"),
    ],
)
def test_two_effects_or_two_answers(tmp_path: Path, mutation: Mutation, check: str):
    """Each way in which a retry can go wrong."""
    script = scripted_run().copy()
    mutation(script)
    expect(script.run, tmp_path, "P4", check)


def test_busy_then_done_is_no_second_answer(tmp_path: Path):
    """429 and 503 decide nothing; the retry is what counts."""
    run = scripted_run().copy().run
    row = run.add_reservation(B, at(106), at(200), at(220), key="k-patient")
    asked = {name: row[name] for name in ("driver_id", "start_ms", "end_ms")}
    for status, error in ((429, "point-busy"), (503, "node-busy"), (404, "unknown-node"), (421, "misdirected")):
        run.add_operation("reserve", B, asked, "fail", error=error, status=status, key="k-patient")
    run.acknowledge(row, key="k-patient")
    run.keep_answer(row, "k-patient")
    assert run.audit_in(tmp_path).verdict is Verdict.PASS


def test_an_unknown_outcome_that_turns_out_well_is_no_violation(tmp_path: Path):
    """Asked by key, what is there is what was asked, and its answer stands beside it."""
    run = scripted_run().copy().run
    row = run.add_reservation(C, at(106), at(200), at(220), key="k-unheard")
    run.keep_answer(row, "k-unheard")
    run.add_operation("reserve", C, ASKED | {"driver_id": "v99"}, "info", error="timeout", key="k-unheard")
    run.add_operation("reserve", C, ASKED, "info", error="timeout", key="k-never-came")
    assert run.audit_in(tmp_path).verdict is Verdict.PASS


def test_an_answer_that_may_have_expired_is_not_missed(tmp_path: Path):
    """Old answers are thrown away, the oldest first; nothing older than this one is kept."""
    script = scripted_run().copy()
    answer_kept_apart(script)
    script.run.nodes["server2"][ANSWER].clear()
    assert script.run.audit_in(tmp_path).promises["P4"].verdict is Verdict.PASS
