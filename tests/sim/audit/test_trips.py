"""P3: a trip that is half there is found out, whoever was told what."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import Row, RunFolder
from tests.sim.audit.scripted_run import A, C, at, scripted_run

TRIP = "server1.t1-1"


def stop(run: RunFolder, point: str, key: str | None = None) -> Row:
    row = run.add_reservation(point, at(106), at(200), at(220), key=key)
    row["trip_id"] = TRIP
    return row


def give_back(run: RunFolder, row: Row, reason: str) -> None:
    """Let a stop end before it began."""
    ended = {"status": "CANCELED", "released_ms": at(107), "reason": reason}
    epoch, seq = run.add_event(row["point_id"], "reservation.released", at(107), reservation_id=row["id"], **ended)
    row |= ended | {"epoch": epoch, "seq": seq}


def answer(run: RunFolder, kind: str, **members: object) -> None:
    process, end = 9_500_000, run.lines.pop()
    plain = {"time_ns": end["time_ns"], "process": process, "f": "trip", "node": "server1", "key": "k-trip"}
    run.lines += [plain | {"type": "invoke", "value": {"stops": []}}, plain | {"type": kind} | members, end]


def confirmed(run: RunFolder, *rows: Row) -> None:
    answer(run, "ok", status=201, value={"id": TRIP, "status": "CONFIRMED", "stops": [row["id"] for row in rows]})


def test_a_trip_that_is_there_passes(tmp_path: Path):
    """Every stop, on every node."""
    run = scripted_run().copy().run
    confirmed(run, stop(run, A), stop(run, C))
    promise = run.audit_in(tmp_path).promises["P3"]
    assert (promise.verdict, promise.checked) == (Verdict.PASS, 2)


@pytest.mark.parametrize("kind", ["fail", "info"])
def test_a_trip_of_which_nothing_stays_passes(tmp_path: Path, kind: str):
    """Refused, or nobody knows: nothing is there."""
    run = scripted_run().copy().run
    for row in (stop(run, A, "k-trip"), stop(run, C, "k-trip")):
        give_back(run, row, "aborted")
    answer(run, kind, error="window-taken" if kind == "fail" else "timeout")
    assert run.audit_in(tmp_path).promises["P3"].verdict is Verdict.PASS


def half_taken_back(run: RunFolder) -> None:
    stop(run, A)
    give_back(run, stop(run, C), "aborted")


def half_rejected(run: RunFolder) -> None:
    stop(run, A)
    stop(run, C)["status"] = "REJECTED"


def half_there_and_nobody_knows(run: RunFolder) -> None:
    half_taken_back(run)
    answer(run, "info", error="timeout", trip=TRIP)


def acknowledged_and_lost(run: RunFolder) -> None:
    row = stop(run, A)
    confirmed(run, row, row | {"id": f"{C}.r9-9"})


def acknowledged_without_stops(run: RunFolder) -> None:
    stop(run, A)
    confirmed(run)


def refused_and_there(run: RunFolder) -> None:
    stop(run, A, "k-trip")
    answer(run, "fail", error="window-taken", status=409)


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        (half_taken_back, "half-a-trip"),
        (half_rejected, "half-a-trip"),
        (half_there_and_nobody_knows, "half-a-trip"),
        (acknowledged_and_lost, "stop-lost"),
        (acknowledged_without_stops, "stop-lost"),
        (refused_and_there, "refused-and-reserved"),
    ],
)
def test_half_a_trip(tmp_path: Path, mutation: Callable[[RunFolder], None], check: str):
    """Under any outcome."""
    run = scripted_run().copy().run
    mutation(run)
    expect(run, tmp_path, "P3", check)


def test_a_point_that_fails_later_takes_back_its_stop_alone(tmp_path: Path):
    """The trip had been reserved as a whole."""
    run = scripted_run().copy().run
    first, second = stop(run, A), stop(run, C)
    confirmed(run, first, second)
    give_back(run, second, "fault")
    assert run.audit_in(tmp_path).promises["P3"].verdict is Verdict.PASS


def test_a_driver_may_give_back_a_single_stop(tmp_path: Path):
    """It was asked for."""
    run = scripted_run().copy().run
    first, second = stop(run, A), stop(run, C)
    confirmed(run, first, second)
    run.add_operation("cancel", C, {"id": second["id"]}, "info", error="timeout")
    give_back(run, second, "driver")
    assert run.audit_in(tmp_path).promises["P3"].verdict is Verdict.PASS
