"""What was asked of points, by reservations and by the stops of trips."""

from pathlib import Path

import orjson
import pytest

from sim.measure.demand import Demand, demand_by_point, total_demand
from sim.measure.errors import MeasureError
from sim.measure.recording import Recording, read_recording
from sim.measure.timeline import timeline
from sim.measure.views import refused_by_view
from sim.report import build_report
from tests.sim.measure.made_run import MadeRun
from tests.sim.report.sample_runs import KEPT

A, B, C = "server1.a", "server1.b", "server2.c"


def _run() -> MadeRun:
    return MadeRun([A, B, C])


def _recording(run: MadeRun, tmp_path: Path) -> Recording:
    return read_recording(run.write(tmp_path / "run") / "history.jsonl")


def _demand(run: MadeRun, tmp_path: Path) -> dict[str, Demand]:
    return demand_by_point(_recording(run, tmp_path).operations)


def test_a_trip_asks_for_a_window_at_each_of_its_stops(tmp_path: Path) -> None:
    """A run of trips is as contended as one of reservations."""
    run = _run()
    run.trip(1.0, [A], [C], got=[A, C])
    run.request(2.0, point=A)
    assert _demand(run, tmp_path) == {A: Demand(2, accepted=2), C: Demand(1, accepted=1)}


def test_only_the_point_that_refused_has_refused(tmp_path: Path) -> None:
    """Who looks for the hot spot must not be sent to the points of the trip that were free."""
    run = _run()
    run.trip(1.0, [A], [B], [C], stop=1)
    assert _demand(run, tmp_path) == {A: Demand(1, elsewhere=1), B: Demand(1, refused=1), C: Demand(1, elsewhere=1)}


def test_of_several_points_a_stop_counts_for_the_one_that_it_got(tmp_path: Path) -> None:
    run = _run()
    run.trip(1.0, [A, B], [C], got=[B, C])
    run.trip(2.0, [], [C], got=[A, C])
    assert _demand(run, tmp_path) == {A: Demand(1, 1), B: Demand(1, 1), C: Demand(2, 2)}


def test_a_stop_is_refused_by_all_the_points_that_it_names(tmp_path: Path) -> None:
    """The owners of all of them were asked, one after the other."""
    run = _run()
    run.trip(1.0, [A, B], [C], stop=0)
    assert _demand(run, tmp_path) == {A: Demand(1, refused=1), B: Demand(1, refused=1), C: Demand(1, elsewhere=1)}


def test_a_refusal_that_names_no_stop_is_no_points(tmp_path: Path) -> None:
    run = _run()
    run.trip(1.0, [A], [C], kind="fail", error="trip-aborted", status=409)
    run.trip(2.0, [], [C], stop=0)
    assert _demand(run, tmp_path) == {A: Demand(1, elsewhere=1), C: Demand(2, elsewhere=2)}


def test_what_nobody_decided_or_answered_is_so_at_every_stop(tmp_path: Path) -> None:
    run = _run()
    run.trip(1.0, [A, B], [C], kind="fail", error="owner-unreachable", status=503, told={"stop": 1})
    run.trip(2.0, [A], [C], kind="info", error="not-decided", status=202)
    run.trip(3.0, [A], [C], took_s=None)
    both = Demand(3, unavailable=1, unknown=2)
    assert _demand(run, tmp_path) == {A: both, C: both}


def test_the_stops_add_up(tmp_path: Path) -> None:
    run = _run()
    for number in range(40):
        points = [[A], [B, C], [C]]
        run.trip(float(number), *points, **({"stop": number % 3} if number % 4 else {"got": [A, B, C]}))
    found = total_demand(_demand(run, tmp_path).values())
    refusals = [number % 3 for number in range(40) if number % 4]
    assert (found.accepted, found.refused) == (30, len(refusals) + refusals.count(1))
    assert found.offered == 120 + refusals.count(1)
    assert found.offered == found.accepted + found.refused + found.elsewhere


def test_the_timeline_counts_a_trip_as_one_request_and_tells_the_kinds_apart(tmp_path: Path) -> None:
    run = _run()
    run.trip(1.5, [A], [C], stop=0)
    run.trip(1.6, [A], [C], got=[A, C])
    run.request(1.7, point=A)
    run.request(3.0, f="read", point=None)
    series = timeline(_recording(run, tmp_path))
    assert series.offered[:4] == [0, 3, 0, 0]
    assert (series.accepted[1], series.refused[1]) == (2, 1)
    assert {kind: counts[:3] for kind, counts in series.by_kind.items()} == {"reserve": [0, 1, 0], "trip": [0, 2, 0]}
    assert series.by_reason == {"window-taken": [0, 1] + [0] * 58}


def test_a_trips_driver_had_not_looked_at_the_point_that_refused(tmp_path: Path) -> None:
    run = _run()
    run.trip(1.0, [A], [C], stop=1)
    run.trip(2.0, [], [C], stop=0)
    run.refused(3.0, point=A, seen=(5, 10), witness=(1, 5))
    found = refused_by_view(_recording(run, tmp_path).views, [])
    assert (found.refused, found.unseen, found.fresh) == (3, 2, 1)


def test_the_report_of_a_run_of_trips_shows_all_that_was_asked_for(tmp_path: Path) -> None:
    """Header, curve, points and nodes count the same requests."""
    run = _run()
    for number in range(30):
        run.trip(float(number), [A], [C], **({"stop": 1} if number % 3 else {"got": [A, C]}))
    run.request(31.0, point=B)
    report = build_report(run.write(tmp_path / "run"), KEPT)
    assert (report.bookings.offered, report.bookings.accepted, report.main_booking) == (31, 11, "trip")
    assert sum(report.timeline.offered) == 31
    assert {point.id: point.demand.refused for point in report.points} == {A: 0, B: 0, C: 20}
    assert [node.demand.offered for node in report.nodes] == [31, 30]
    assert report.concentration.gini is not None
    assert report.heatmap is not None
    assert report.heatmap.kind == "trip"


@pytest.mark.parametrize("stops", [5, [5], [{"point_id": 5}, {"any_of": 7}]])
def test_stops_that_are_none_are_told_with_their_line(tmp_path: Path, stops: object) -> None:
    """A history may come from anywhere."""
    folder = _run().write(tmp_path / "run")
    lines = (folder / "history.jsonl").read_bytes().splitlines(keepends=True)[:1]
    invoke = {"index": 1, "time_ns": 1, "process": 1, "type": "invoke", "f": "trip", "value": {"stops": stops}}
    lines.append(orjson.dumps(invoke | {"intended_ns": 1}) + b"\n")
    (folder / "history.jsonl").write_bytes(b"".join(lines))
    with pytest.raises(MeasureError, match=r"history\.jsonl:2: "):
        read_recording(folder / "history.jsonl")
