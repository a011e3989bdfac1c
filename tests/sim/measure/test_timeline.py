from pathlib import Path
from random import Random

import pytest

from sim.measure.operation_table import operation_table
from sim.measure.outcomes import Outcome, Tally
from sim.measure.recording import Recording, read_recording
from sim.measure.timeline import bucket_width_s, timeline
from tests.sim.measure.made_run import START_MS, MadeRun


def _recording(run: MadeRun, tmp_path: Path) -> Recording:
    return read_recording(run.write(tmp_path / "run") / "history.jsonl")


def test_sums_over_time_equal_the_totals(tmp_path: Path) -> None:
    """No request may fall between two buckets, or into two."""
    rng = Random(1)
    run = MadeRun(duration_s=40.0)
    kinds = [("ok", 201), ("fail", 409), ("fail", 503), ("fail", None), ("info", None)]
    for _ in range(3_000):
        kind, status = rng.choice(kinds)
        took_s = rng.choice([0.01, 1.5, None])
        run.request(rng.uniform(0, 39), took_s, kind=kind, status=status, error=None if kind == "ok" else "e")
    for number in range(50):
        run.request(number / 2, f="read")
    recording = _recording(run, tmp_path)
    series, total = timeline(recording), operation_table(recording.operations)["reserve"].total
    assert sum(series.offered) == total.offered == 3_000
    assert [sum(series.counts(outcome)) for outcome in Outcome] == [total.count(outcome) for outcome in Outcome]
    assert all(
        offered == sum(series.counts(outcome)[at] for outcome in Outcome) for at, offered in enumerate(series.offered)
    )


def test_a_request_counts_when_it_should_have_been_sent_whatever_became_of_it_later(tmp_path: Path) -> None:
    """Load is what drivers wanted at the time, not what the generator or the network made of it."""
    run = MadeRun(duration_s=30.0)
    run.request(2.5, 6.0, late_s=4.0, kind="info", error="timeout")
    series = timeline(_recording(run, tmp_path))
    assert series.bucket_s == 1
    assert series.unknown == [0, 0, 1] + [0] * 27


def test_buckets_know_the_scenarios_time(tmp_path: Path) -> None:
    series = timeline(_recording(MadeRun(duration_s=30.0, scale=60), tmp_path))
    assert (series.civil_start_ms, series.civil_bucket_ms) == (START_MS, 60_000)


@pytest.mark.parametrize(
    ("duration_s", "width_s"),
    [(0, 0.1), (1, 0.1), (19, 0.1), (20, 1), (72, 1), (201, 2), (3_600, 30), (86_400, 600), (366 * 86_400, 604_800)],
)
def test_buckets_are_round_and_few(duration_s: float, width_s: float) -> None:
    assert bucket_width_s(duration_s) == width_s
    assert duration_s / width_s <= 200


def test_reasons_are_counted_by_kind_of_request(tmp_path: Path) -> None:
    run = MadeRun()
    run.refused(1.0)
    run.refused(2.0)
    run.request(3.0, f="stop", kind="fail", error="session-over", status=409)
    run.request(4.0, None, f="stop")
    table = operation_table(_recording(run, tmp_path).operations)
    assert table["reserve"].total == Tally(offered=2, refused=2)
    assert [(each.outcome, each.error, each.count) for each in table["reserve"].reasons] == [
        ("refused", "window-taken", 2)
    ]
    assert {(each.outcome, each.error) for each in table["stop"].reasons} == {
        ("refused", "session-over"),
        ("unknown", "no-completion"),
    }
