from pathlib import Path
from random import Random

import pytest

from sim.measure.latency import ALL, LatencyPair, latencies
from sim.measure.recording import read_recording
from tests.sim.measure.made_run import MadeRun


def _latencies(run: MadeRun, tmp_path: Path) -> dict[str, dict[str, LatencyPair]]:
    return latencies(read_recording(run.write(tmp_path / "run") / "history.jsonl").operations)


def test_latency_from_the_intended_time_includes_what_the_generator_made_the_request_wait(tmp_path: Path) -> None:
    """Coordinated omission: a request held back for 2 s and answered in 10 ms took its driver 2.01 s."""
    run = MadeRun()
    run.request(1.0, 0.010, late_s=2.0)
    pair = _latencies(run, tmp_path)["reserve"]["accepted"]
    assert pair.from_intended.max == pytest.approx(2_010.0)
    assert pair.from_sent.max == pytest.approx(10.0)


def test_outcomes_are_kept_apart_and_all_of_them_are_counted_together(tmp_path: Path) -> None:
    """Fast refusals must not make acceptance look fast."""
    run = MadeRun()
    run.request(1.0, 0.100)
    run.refused(2.0, 0.001)
    run.refused(3.0, 0.003)
    run.request(4.0, 5.0, kind="info", error="timeout")
    run.request(5.0, None)
    found = _latencies(run, tmp_path)["reserve"]
    assert {name: pair.count for name, pair in found.items()} == {ALL: 4, "accepted": 1, "refused": 2, "unknown": 1}
    assert found["accepted"].from_sent.p50 == pytest.approx(100.0)
    assert found["refused"].from_sent.p50 == pytest.approx(1.0)
    assert found[ALL].from_sent.max == pytest.approx(5_000.0)
    assert found[ALL].from_sent.mean == pytest.approx((100 + 1 + 3 + 5_000) / 4)


def test_figures_equal_a_naive_computation(tmp_path: Path) -> None:
    """Exact, not estimated: sorted durations, and the value at its rank."""
    rng = Random(1)
    run = MadeRun()
    took_s = [round(rng.lognormvariate(-5, 1), 6) for _ in range(2_500)]
    for number, each_s in enumerate(took_s):
        run.request(number / 100, each_s)
    found = _latencies(run, tmp_path)["reserve"]["accepted"].from_sent
    ordered = sorted(took_s)
    naive = [ordered[rank - 1] * 1000 for rank in (1_250, 2_250, 2_475, 2_498, 2_500)]
    assert [found.p50, found.p90, found.p99, found.p99_9, found.max] == pytest.approx(naive, abs=2e-6)


def test_kinds_of_request_come_in_the_order_of_a_trip(tmp_path: Path) -> None:
    """The same order in every report, so that two can be laid side by side."""
    run = MadeRun()
    for number, f in enumerate(["zebra", "read", "stop", "reserve"]):
        run.request(number, f=f)
    assert list(_latencies(run, tmp_path)) == ["reserve", "stop", "read", "zebra"]


def test_a_run_without_answers_has_no_latency(tmp_path: Path) -> None:
    run = MadeRun()
    run.request(1.0, None)
    assert _latencies(run, tmp_path) == {}
