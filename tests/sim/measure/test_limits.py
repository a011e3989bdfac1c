"""Limits against what was measured."""

from pathlib import Path
from typing import Any

import pytest

from sim.measure.limits import FAIL, INVALID, NO_DATA, PASS, LimitVerdict, Measured, judge_limit
from sim.measure.recording import read_recording
from sim.scenario.slo import Limit
from tests.sim.measure.made_run import MadeRun


def _run() -> MadeRun:
    """Ten reservations of 10 to 100 ms, of which two are accepted; a retry; two classes of vehicles."""
    run = MadeRun()
    for number in range(1, 11):
        took_s, way_us = number / 100, (1_000 * number, 10, 2_000, 0)
        if number <= 2:
            run.request(number, took_s, way_us=way_us)
        else:
            run.refused(number, took_s, way_us=way_us)
    run.request(20, 1.0, kind="info", error="timeout", f="cancel", key="again")
    run.request(22, 0.01, f="cancel", key="again", late_s=0.005)
    for _ in range(3):
        run.served(30, 60.0, class_name="car", energy_wh=5_000)
    run.fate(30, "gave_up", "car", attempts=4, wanted_wh=10_000)
    run.served(30, 600.0, class_name="taxi")
    run.fate(30, "gave_up", "taxi", attempts=3)
    run.fate(30, "no_show", "taxi", attempts=1)
    run.fate(30, "gave_up", "taxi", attempts=3)
    return run


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    path = _run().write(tmp_path_factory.mktemp("limits") / "run")
    return Measured(read_recording(path / "history.jsonl"), staleness_ms=[0.0, 0.0, 0.0, 40.0])


def _judge(measured: Measured, text: str, **more: Any) -> LimitVerdict:
    return judge_limit(Limit(limit=text), measured, **more)


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("max(reserve.latency_ms) < 1", 100.0),
        ("p50(reserve.latency_ms) < 1", 50.0),
        ("min(reserve.refused.latency_ms) < 1", 30.0),
        ("mean(reserve.accepted.latency_ms) < 1", 15.0),
        ("max(cancel.accepted.latency_ms) < 1", 15.0),
        ("max(cancel.accepted.sent_latency_ms) < 1", 10.0),
        ("max(queue_ms) < 1", 10.0),
        ("max(service_ms) < 1", 2.01),
        ("max(staleness_ms) < 1", 40.0),
        ("staleness_ms_p75 < 1", 0.0),
        ("offered < 1", 12.0),
        ("reserve.offered < 1", 10.0),
        ("reserve.refused < 1", 8.0),
        ("goodput < 1", 11.0),
        ("timed_out < 1", 1.0),
        ("retried < 1", 1.0),
        ("goodput / offered < 1", 11 / 12),
        ("max(waited_s) < 1", 600.0),
        ("attempts_per_intent < 1", 15 / 8),
        ("served_share < 1", 0.5),
        ("no_show_share < 1", 0.125),
        ("energy_share < 1", (3 * 5_000 + 8_000) / (4 * 10_000 + 10_000)),
        ("jain_fairness < 1", (0.75 + 0.5) ** 2 / (2 * (0.75**2 + 0.5**2))),
    ],
)
def test_a_figure_is_what_a_count_by_hand_gives(measured: Measured, text: str, figure: float) -> None:
    assert _judge(measured, text).figure == pytest.approx(figure)


@pytest.mark.parametrize(
    ("text", "verdict", "margin"),
    [
        ("offered < 13", PASS, 1),
        ("offered < 12", FAIL, 0),
        ("offered <= 12", PASS, 0),
        ("offered > 12", FAIL, 0),
        ("offered >= 12", PASS, 0),
        ("offered >= 15", FAIL, -3),
        ("20 > offered", PASS, 8),
        ("goodput >= 0.9 * offered", PASS, 11 - 10.8),
        ("goodput >= 95 % * offered", FAIL, 11 - 11.4),
    ],
)
def test_the_margin_is_how_far_the_figure_is_on_the_right_side(
    measured: Measured, text: str, verdict: str, margin: float
) -> None:
    found = _judge(measured, text)
    assert found.verdict == verdict
    assert found.margin == pytest.approx(margin)


def test_what_cannot_be_measured_fails_the_run(measured: Measured) -> None:
    """A typo in a scenario must not look like success."""
    found = _judge(measured, "p99(trip.latency_ms) < 5")
    assert (found.verdict, found.figure, found.margin) == (NO_DATA, None, None)
    assert found.note == "there is no data for latency_ms"
    assert found.fails_the_run
    assert _judge(measured, "1 / trip.offered < 5").note == "there is no data for a division by 0"
    assert not judge_limit(Limit(limit="gini < 1", strict=False), measured).fails_the_run


def test_nothing_is_proven_by_a_load_that_was_not_the_scenarios(measured: Measured) -> None:
    """Also not that a limit fails."""
    assert _judge(measured, "offered < 13", valid=False).verdict == INVALID
    assert _judge(measured, "offered < 12", valid=False).verdict == INVALID
    assert _judge(measured, "gini < 12", valid=False).verdict == NO_DATA


def test_recovery_is_from_mending_until_all_is_back(tmp_path: Path) -> None:
    run = MadeRun()
    run.fault("crash", "server1", 10.0, 12.0, 13.5)
    run.fault("crash", "server2", 20.0, 22.0, 22.5)
    recording = read_recording(run.write(tmp_path / "one") / "history.jsonl")
    assert Measured(recording).recovery() == 1.5
    run.fault("pause", "server2", 30.0, None, None)
    recording = read_recording(run.write(tmp_path / "two") / "history.jsonl")
    assert Measured(recording).recovery() is None
