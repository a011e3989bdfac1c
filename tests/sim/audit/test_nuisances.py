"""P4 and P5: what no well-behaved client asks, and must not get: it is found, and what is correct is not accused."""

from pathlib import Path
from typing import Any

import pytest

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import ANSWER, Row, RunFolder
from tests.sim.audit.scripted_run import C, Script, at, scripted_run

REFUSED = {"status": 422, "error": "idempotency-key-reused"}


@pytest.fixture
def script() -> Script:
    return scripted_run().copy()


def told_of(script: Script, name: str) -> Row:
    (told,) = script.run.completions("reserve", id=script.ids[name])
    return told


def other_window(script: Script, name: str) -> Row:
    asked: Row = script.run.invoke_of(told_of(script, name))["value"]
    return asked | {"start_ms": asked["start_ms"] + 7, "end_ms": asked["end_ms"] + 7}


def verdicts(run: RunFolder, folder: Path) -> list[str]:
    return [each.check for result in run.audit_in(folder).promises.values() for each in result.violations]


def test_a_used_key_that_is_refused_is_right(script: Script, tmp_path: Path) -> None:
    """Also when the answer to the second request never came."""
    told, asked = told_of(script, "elsewhere"), other_window(script, "elsewhere")
    script.run.add_operation("reserve", C, asked, "fail", key=told["key"], **REFUSED)
    script.run.add_operation("reserve", C, asked, "info", key=told["key"], error="timeout")
    assert script.run.audit_in(tmp_path).verdict is Verdict.PASS


def test_the_first_answer_to_the_second_request_is_found(script: Script, tmp_path: Path) -> None:
    """Its caller believes to have another window."""
    told, asked = told_of(script, "elsewhere"), other_window(script, "elsewhere")
    answer = {name: told[name] for name in ("value", "witness", "status", "key")}
    script.run.add_operation("reserve", C, asked, "ok", **answer)
    expect(script.run, tmp_path, "P4", "reused-key-accepted")


def test_a_second_request_decided_under_a_used_key_is_found(script: Script, tmp_path: Path) -> None:
    """A refusal that looks at windows is a decision too."""
    told, asked = told_of(script, "elsewhere"), other_window(script, "elsewhere")
    refusal: dict[str, Any] = {"status": 409, "error": "window-taken", "witness": told["witness"]}
    script.run.add_operation("reserve", C, asked, "fail", key=told["key"], **refusal)
    expect(script.run, tmp_path, "P4", "reused-key-accepted")


def test_a_second_effect_under_a_used_key_is_found(script: Script, tmp_path: Path) -> None:
    """Though nobody was told."""
    told = told_of(script, "elsewhere")
    row = script.run.add_reservation(C, at(106), at(200), at(220), key=told["key"])
    asked = {name: row[name] for name in ("driver_id", "start_ms", "end_ms")}
    script.run.add_operation("reserve", C, asked, "info", key=told["key"], error="timeout")
    expect(script.run, tmp_path, "P4", "two-effects")


def trespass(script: Script, kind: str, **completion: Any) -> None:
    asked = {"id": script.ids["elsewhere"], "driver_id": "somebody"}
    script.run.add_operation("cancel", C, asked, kind, key="k-trespass", **completion)


def release(script: Script, name: str, point: str) -> list[int]:
    """Give a reservation back, in the journal and the table."""
    row, data = script.held(name), {"reservation_id": script.ids[name], "status": "CANCELED", "reason": "driver"}
    witness = script.run.add_event(point, "reservation.released", at(106), released_ms=at(106), **data)
    row |= {"status": "CANCELED", "reason": "driver", "released_ms": at(106), "epoch": witness[0], "seq": witness[1]}
    return witness


def test_a_trespasser_who_is_refused_is_right(script: Script, tmp_path: Path) -> None:
    """There is no such reservation, for a stranger."""
    witness = told_of(script, "elsewhere")["witness"]
    trespass(script, "fail", status=404, error="unknown-reservation", witness=witness)
    trespass(script, "info", error="timeout")
    assert verdicts(script.run, tmp_path) == []


def test_a_trespasser_who_is_obeyed_is_found(script: Script, tmp_path: Path) -> None:
    """The journal shows it too."""
    witness = release(script, "elsewhere", C)
    value = {"id": script.ids["elsewhere"], "status": "CANCELED", "released_ms": at(106)}
    trespass(script, "ok", status=200, witness=witness, value=value)
    assert sum(" journal " in line for line in expect(script.run, tmp_path, "P5", "trespass-allowed")) == 1


def test_an_effect_that_only_a_trespasser_asked_for_is_found(script: Script, tmp_path: Path) -> None:
    """Whatever the trespasser was told."""
    release(script, "elsewhere", C)
    trespass(script, "info", error="timeout")
    expect(script.run, tmp_path, "P5", "trespass-allowed")


def test_who_has_the_reservation_may_end_it_beside_a_trespasser(script: Script, tmp_path: Path) -> None:
    """The effect is the holder's then."""
    trespass(script, "info", error="timeout")
    script.run.add_operation("cancel", C, {"id": script.ids["elsewhere"]}, "info", error="timeout", key="k-own")
    witness = release(script, "elsewhere", C)
    kept = {"key": "k-own", "fingerprint": "f", "status": 200, "created_ms": at(106), "epoch": witness[0]}
    script.run.nodes["server2"][ANSWER].append(kept | {"body": {"status": "CANCELED"}, "seq": witness[1]})
    assert "trespass-allowed" not in verdicts(script.run, tmp_path)


def demand(script: Script, before: int, kind: str = "ok") -> None:
    """Reserve at the end, on condition that the point is ``before`` events behind where it was then."""
    row = script.run.add_reservation(C, at(106), at(200), at(220), key="k-if")
    script.run.keep_answer(row, "k-if")
    asked: Row = {name: row[name] for name in ("driver_id", "start_ms", "end_ms")}
    told = asked | {name: row[name] for name in ("id", "status", "price_per_kwh_minor")}
    asked |= {"if_match": [row["epoch"], row["seq"] - 1 - before]}
    ok = {"value": told, "witness": [row["epoch"], row["seq"]], "status": 201}
    script.run.add_operation("reserve", C, asked, kind, key="k-if", **(ok if kind == "ok" else {"error": "timeout"}))


@pytest.mark.parametrize("kind", ["ok", "info"])
def test_what_is_done_in_the_state_that_was_demanded_is_right(script: Script, tmp_path: Path, kind: str) -> None:
    """One event before."""
    demand(script, 0, kind)
    assert script.run.audit_in(tmp_path).verdict is Verdict.PASS


@pytest.mark.parametrize("kind", ["ok", "info"])
def test_what_is_done_in_another_state_is_found(script: Script, tmp_path: Path, kind: str) -> None:
    """Whether or not anybody was told."""
    demand(script, 1, kind)
    expect(script.run, tmp_path, "P5", "precondition-ignored")


def test_a_refusal_in_the_state_that_was_demanded_is_found(script: Script, tmp_path: Path) -> None:
    """In any other it is right."""
    witness = told_of(script, "elsewhere")["witness"]
    asked = {"driver_id": "v7", "start_ms": at(200), "end_ms": at(220)}
    refusal: dict[str, Any] = {"status": 412, "error": "precondition-failed", "witness": witness}
    script.run.add_operation("reserve", C, asked | {"if_match": [1, 1]}, "fail", key="k-1", **refusal)
    assert script.run.audit_in(tmp_path / "right").verdict is Verdict.PASS
    script.run.add_operation("reserve", C, asked | {"if_match": witness}, "fail", key="k-2", **refusal)
    expect(script.run, tmp_path / "wrong", "P5", "precondition-unfounded")


def look(script: Script, asked: Row, told: Row) -> None:
    row = script.run.row("charging_point", C)
    witness = [row["epoch"], row["seq"]]
    script.run.add_operation("read", C, asked, "ok", status=200, witness=witness, value=told)


def test_reservations_and_calendars_are_read_as_they_are(script: Script, tmp_path: Path) -> None:
    """A calendar tells what begins before the end and ends after the beginning of what is asked for."""
    held = script.held("elsewhere")
    asked = {"what": "calendar", "from_ms": at(139), "until_ms": at(300), "limit": 9}
    look(script, {"what": "reservation", "id": held["id"]}, _shown(held))
    look(script, asked, {"busy": [[held["start_ms"], held["end_ms"]]]})
    look(script, asked | {"from_ms": at(140)}, {"busy": []})
    assert script.run.audit_in(tmp_path).verdict is Verdict.PASS


@pytest.mark.parametrize("change", [{"driver_id": "v1"}, {"status": "CANCELED"}, {"end_ms": at(141)}])
def test_a_reservation_read_wrong_is_found(script: Script, tmp_path: Path, change: Row) -> None:
    """Each member that matters."""
    held = script.held("elsewhere")
    look(script, {"what": "reservation", "id": held["id"]}, _shown(held) | change)
    expect(script.run, tmp_path, "P5", "read-unexplained")


@pytest.mark.parametrize("busy", [[], [[at(110), at(139)]], None])
def test_a_calendar_read_wrong_is_found(script: Script, tmp_path: Path, busy: object) -> None:
    """A window that is missing is sold to somebody else."""
    look(script, {"what": "calendar", "from_ms": at(0), "until_ms": at(300), "limit": 9}, {"busy": busy})
    expect(script.run, tmp_path, "P5", "read-unexplained")


def _shown(held: Row) -> Row:
    return {name: held[name] for name in ("id", "status", "driver_id", "start_ms", "end_ms")}
