"""Captions are what people remember of a figure: they must not claim more than it shows."""

import pytest

from sim.report import Report
from sim.report.captions import demand_caption, faults_caption, latency_caption
from tests.sim.report.conftest import Reported


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
