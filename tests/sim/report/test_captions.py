"""Captions are what people remember of a figure: they must not claim more than it shows."""

from pathlib import Path

import pytest

from sim.measure.demand import Demand
from sim.measure.points import PointFigures
from sim.report import Report, build_report, captions
from sim.report.captions import contended_caption, demand_caption, faults_caption, latency_caption, reasons_caption
from tests.sim.measure.made_run import MadeRun
from tests.sim.report.conftest import Reported
from tests.sim.report.sample_runs import KEPT


@pytest.fixture(scope="module")
def ordinary(reported: Reported) -> Report:
    return reported("ordinary")[0]


def test_of_few_requests_no_percentile_is_told(reported: Reported) -> None:
    """99 of 100 of two requests are two requests."""
    assert "the slowest of 2 in" in latency_caption(reported("one_second")[0])


def test_of_many_requests_the_percentile_and_the_slowest_are_told(ordinary: Report) -> None:
    assert "99 of 100 within" in latency_caption(ordinary)
    assert "the slowest in" in latency_caption(ordinary)


def test_one_reservation_is_not_many(reported: Reported) -> None:
    assert demand_caption(reported("one_second")[0]).startswith("Up to 1 reservation was asked for per 0.1 s")


def test_all_are_all(ordinary: Report) -> None:
    total = ordinary.operations["reserve"].total
    accepted = type(total)(total.offered, total.offered)
    counts = type(ordinary.operations["reserve"])(accepted, [])
    report = ordinary.model_copy(update={"operations": {"reserve": counts}})
    assert demand_caption(report).endswith(f"all {total.offered:,} were accepted")


def test_a_fault_is_told_with_its_time(ordinary: Report) -> None:
    assert faults_caption(ordinary) == "2 faults: crash of server2 at 16:25 and pause of the broker at 16:40"


def test_why_trips_were_not_accepted_is_told_of_trips(tmp_path: Path) -> None:
    """The reasons of reservations are others."""
    run = MadeRun()
    run.request(1.0, f="trip", point=None)
    for at_s in (2.0, 3.0, 4.0):
        run.request(at_s, f="trip", point=None, kind="fail", error="no-point-fits", status=409)
    report = build_report(run.write(tmp_path / "run"), KEPT)
    assert (
        reasons_caption(report, "trip")
        == "Most trips that were not accepted were refused: no-point-fits (75.0 % of all)"
    )
    run = MadeRun()
    for at_s in (1.0, 2.0):
        run.request(at_s, f="trip", point=None)
    report = build_report(run.write(tmp_path / "other"), KEPT)
    assert reasons_caption(report, "trip") == "All 2 trips asked for were accepted"


def test_trips_and_reservations_are_told_together(reported: Reported, tmp_path: Path) -> None:
    """A page of trips that speaks of reservations only shows a part of what was asked for."""
    report = reported("trips")[0]
    assert demand_caption(report).startswith("Up to ")
    assert " reservations and trips were asked for per second" in demand_caption(report)
    assert demand_caption(report).endswith(f"of all {report.bookings.offered:,} were accepted")
    assert latency_caption(report).startswith("Half of all trip requests")
    run = MadeRun()
    run.trip(1.0, ["server1.p1"], got=["server1.p1"])
    assert demand_caption(build_report(run.write(tmp_path / "run"), KEPT)).startswith("Up to 1 trip was asked for per")


def test_the_most_contended_point_is_told_with_how_often_it_was_asked_for() -> None:
    point = PointFigures("a.b", "a", "b", 1, None, Demand(8, 2, 5, elsewhere=1), 0, 0, 0, {}, 0.0, 0.0)
    assert (
        contended_caption([point]) == "a.b refused most: 5 times; it was asked for 4.0 times for each time it accepted"
    )
    point = PointFigures("a.b", "a", "b", 1, None, Demand(1, refused=1), 0, 0, 0, {}, 0.0, 0.0)
    assert contended_caption([point]) == "a.b refused most: once, and accepted nobody"


def test_hot_spots_are_told_by_their_points(reported: Reported, ordinary: Report) -> None:
    assert captions.concentration_caption(ordinary).startswith("The 2 most wanted of 24 points got ")
    assert captions.concentration_caption(reported("nothing_asked")[0]).startswith("Nobody asked")


def test_stale_views_are_told_apart_from_busy_points(reported: Reported, ordinary: Report) -> None:
    seen = ordinary.refused_by_view
    assert seen.stale > 0
    assert captions.views_caption(ordinary).startswith(
        f"{seen.stale:,} of {seen.refused:,} were refused because their view was stale"
    )
    assert captions.views_caption(reported("nothing_asked")[0]) == "Nobody was refused because a window was taken"


def test_views_that_did_not_agree_are_told(reported: Reported) -> None:
    words = captions.agreed_words(reported("virtual")[0])
    assert words == "In the end 1 of 4 views did not agree with their owners in time."


def test_where_time_went_is_the_largest_part(ordinary: Report) -> None:
    way = ordinary.ways[0]
    parts = {name: getattr(way, name).mean_ms for name in ("late", "queue", "decide", "write", "forward", "network")}
    assert max(parts, key=lambda name: parts[name]) == "network"
    assert captions.ways_caption(ordinary).startswith(
        "Most of a reserve request's time went into the way to the node and back: "
    )


def test_nothing_is_claimed_of_what_nobody_said(reported: Reported) -> None:
    """An empty figure has a sentence for a title, and it is true."""
    report = reported("nothing_asked")[0]
    assert captions.queues_caption(report) == "No node said how long requests waited in mailboxes"
    assert captions.attempts_caption(report) == "No vehicle said how often it tried"
    assert captions.staleness_caption(report) == "Nobody saw another node's view of a point"
    assert captions.fairness_words(report) == ""


def test_nobody_waited_longer_than_nothing_is_nobody_waited(tmp_path: Path) -> None:
    """A day on which all came when they had reserved."""
    run = MadeRun(vehicles=1)
    run.window("server1.p1", 10, 300)
    run.session("server1.p1", 12, 300)
    run.served(9.0, 0.0)
    assert captions.charging_caption(build_report(run.write(tmp_path / "run"), KEPT)) == "1 session; nobody waited"
