"""P3: a trip that is half there is found out, whoever was told what."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import Row, RunFolder
from tests.sim.audit.scripted_run import A, C, at, scripted_run

TRIP = "server1.trip.t1-1"
KEY = "k-trip"


def stops(run: RunFolder) -> tuple[Row, Row]:
    """Promise a stop on each of two nodes' points."""
    return (
        run.add_stop(TRIP, 0, A, at(106), at(200), at(220)),
        run.add_stop(TRIP, 1, C, at(106), at(230), at(250)),
    )


def end(run: RunFolder, row: Row, status: str, reason: str) -> None:
    """Let a stop end before it began."""
    ended = {"status": status, "released_ms": at(107), "reason": reason}
    epoch, seq = run.add_event(row["point_id"], "reservation.released", at(107), reservation_id=row["id"], **ended)
    row |= ended | {"epoch": epoch, "seq": seq}


def answer(run: RunFolder, kind: str, **members: object) -> None:
    """Let the driver have asked, and be told."""
    process, last = 9_500_000, run.lines.pop()
    plain = {"time_ns": last["time_ns"], "process": process, "f": "trip", "node": "server1", "key": KEY}
    wishes = [{"points": [A], "end_ms": at(220)}, {"points": [C], "end_ms": at(250)}]
    run.lines += [plain | {"type": "invoke", "value": {"stops": wishes}}, plain | {"type": kind} | members, last]


def told(run: RunFolder, *rows: Row) -> None:
    """Let the driver be told of a confirmed trip."""
    named = [{name: row[name] for name in ("id", "point_id", "end_ms")} for row in rows]
    answer(run, "ok", status=201, value={"id": TRIP, "status": "CONFIRMED", "stops": named})


def confirmed(run: RunFolder) -> tuple[Row, Row]:
    """Sell the trip."""
    both = stops(run)
    run.add_trip(TRIP, KEY, at(106), "CONFIRMED", list(both))
    for row in both:
        run.confirm_stop(row, at(106))
    return both


def aborted(run: RunFolder) -> tuple[Row, Row]:
    """Refuse the trip."""
    both = stops(run)
    run.add_trip(TRIP, KEY, at(106), "ABORTED", [])
    return both


def test_a_trip_that_is_there_passes(tmp_path: Path):
    """Every stop, on every node."""
    run = scripted_run().copy().run
    told(run, *confirmed(run))
    result = run.audit_in(tmp_path)
    assert {name: each.violations for name, each in result.promises.items() if each.violations} == {}
    assert (result.promises["P3"].verdict, result.promises["P3"].checked) == (Verdict.PASS, 2)


@pytest.mark.parametrize("kind", ["fail", "info"])
def test_a_trip_of_which_nothing_stays_passes(tmp_path: Path, kind: str):
    """Refused, or nobody knows: nothing is there."""
    run = scripted_run().copy().run
    for row in aborted(run):
        end(run, row, "REJECTED", "trip-aborted")
    answer(run, kind, **({"error": "window-taken", "status": 409} if kind == "fail" else {"error": "timeout"}))
    result = run.audit_in(tmp_path)
    assert {name: each.violations for name, each in result.promises.items() if each.violations} == {}


def half_given_back(run: RunFolder) -> None:
    both = stops(run)
    run.add_trip(TRIP, KEY, at(106), "CONFIRMED", list(both))
    run.confirm_stop(both[0], at(106))
    end(run, both[1], "REJECTED", "trip-aborted")


def half_let_stand(run: RunFolder) -> None:
    both = aborted(run)
    run.confirm_stop(both[0], at(106))
    end(run, both[1], "REJECTED", "trip-aborted")


def let_stand_without_a_record(run: RunFolder) -> None:
    run.confirm_stop(stops(run)[0], at(106))


def let_stand_beside_the_trip(run: RunFolder) -> None:
    confirmed(run)
    run.confirm_stop(run.add_stop(TRIP, 1, A, at(106), at(260), at(280)), at(106))


def taken_back_by_nobody(run: RunFolder) -> None:
    end(run, confirmed(run)[1], "CANCELED", "driver")


def named_and_not_there(run: RunFolder) -> None:
    first, second = stops(run)
    run.add_trip(TRIP, KEY, at(106), "CONFIRMED", [first, second | {"id": f"{C}.r9-9"}])
    run.confirm_stop(first, at(106))
    end(run, second, "REJECTED", "trip-aborted")


def acknowledged_with_others(run: RunFolder) -> None:
    first, second = confirmed(run)
    told(run, first, second | {"id": f"{C}.r9-9"})


def acknowledged_without_stops(run: RunFolder) -> None:
    confirmed(run)
    told(run)


def acknowledged_and_aborted(run: RunFolder) -> None:
    both = aborted(run)
    for row in both:
        end(run, row, "REJECTED", "trip-aborted")
    told(run, *both)


def acknowledged_otherwise(run: RunFolder) -> None:
    first, second = confirmed(run)
    told(run, first, second | {"end_ms": at(251)})


def refused_and_there(run: RunFolder) -> None:
    confirmed(run)
    answer(run, "fail", error="window-taken", status=409)


def let_go_by_the_clock(run: RunFolder) -> None:
    for row in aborted(run):
        end(run, row, "NO_SHOW", "no-show")


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        (half_given_back, "half-a-trip"),
        (half_let_stand, "half-a-trip"),
        (let_stand_without_a_record, "half-a-trip"),
        (let_stand_beside_the_trip, "half-a-trip"),
        (taken_back_by_nobody, "half-a-trip"),
        (named_and_not_there, "stop-lost"),
        (acknowledged_with_others, "stop-lost"),
        (acknowledged_without_stops, "stop-lost"),
        (acknowledged_and_aborted, "trip-lost"),
        (acknowledged_otherwise, "not-as-asked"),
        (refused_and_there, "refused-and-reserved"),
        (let_go_by_the_clock, "unilateral-end"),
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
    first, second = confirmed(run)
    told(run, first, second)
    end(run, second, "CANCELED", "point-unavailable")
    assert run.audit_in(tmp_path).promises["P3"].verdict is Verdict.PASS


@pytest.mark.parametrize(("f", "subject"), [("cancel", "stop"), ("cancel_trip", "trip")])
def test_a_driver_may_give_back_a_stop_or_all_of_them(tmp_path: Path, f: str, subject: str):
    """It was asked for."""
    run = scripted_run().copy().run
    first, second = confirmed(run)
    told(run, first, second)
    asked = {"id": second["id"] if subject == "stop" else TRIP}
    run.add_operation(f, C, asked, "info", error="timeout")
    end(run, second, "CANCELED", "driver")
    assert run.audit_in(tmp_path).promises["P3"].verdict is Verdict.PASS


def test_a_key_that_made_two_trips_is_found_out(tmp_path: Path):
    """Whoever coordinated them."""
    run = scripted_run().copy().run
    confirmed(run)
    other = run.add_stop("server2.trip.t1-1", 0, C, at(106), at(300), at(320))
    run.add_trip("server2.trip.t1-1", KEY, at(106), "CONFIRMED", [other])
    run.confirm_stop(other, at(106))
    expect(run, tmp_path, "P4", "two-effects")
